// Keys that hold on every screen: a letter presses the button or follows the link that carries it; J and K also walk
// through the rows of a list, / goes to the search field. Nothing here is needed to read.
"use strict";
(() => {
  const typing = (element) => element.closest("input, select, textarea, [contenteditable]") !== null;

  function walk(step) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.classList.contains("here"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    rows.forEach((row) => row.classList.toggle("here", row === next));
    const link = next.querySelector("a[href]");
    if (link) link.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  let leaving = false; // a verdict is on its way: the next key is meant for the next lead, which is not here yet
  addEventListener("submit", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.toLowerCase();
    if (key === "/") {
      document.getElementById("search").focus();
      event.preventDefault();
      return;
    }
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (target) {
      event.preventDefault();
      if (event.repeat || leaving) return; // a key held down decides one lead, not one after the other
      if (target.matches("textarea, input")) target.focus();
      else target.click();
    } else if ((key === "j" || key === "k") && walk(key === "j" ? 1 : -1)) event.preventDefault();
  });

  // the place that an address names by its fragment is shown in the middle, inside panes that scroll too
  const show = () => {
    const place = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (place) place.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", show);
  addEventListener("load", show);
})();
