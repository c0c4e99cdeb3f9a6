// The audit desk: J and K open the neighbours in the queue, each pane opens at its evidence.
"use strict";
(() => {
  const links = [...document.querySelectorAll(".queue li a")];
  const open = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  [["j", open + 1], ["k", open - 1]].forEach(([key, at]) => {
    if (links[at]) links[at].dataset.key = key;
  });
  addEventListener("load", () => {
    const queue = document.querySelector(".queue");
    if (links[open]) {
      const below = links[open].getBoundingClientRect().bottom - queue.getBoundingClientRect().bottom;
      if (below > 0) queue.scrollTop += below; // the list alone: the page of a narrow screen stays at the card
    }
    document.querySelectorAll(".view").forEach((view) => {
      const evidence = view.querySelector("mark[id], g[id]");
      if (!evidence || (location.hash && view.querySelector(location.hash))) return;
      const inner = evidence.getBoundingClientRect();
      const outer = view.getBoundingClientRect();
      view.scrollTop += inner.top - outer.top - view.clientHeight / 3;
    });
  });
})();
