// The audit desk: the queue shows the open lead, each pane opens at its evidence.
"use strict";
(() => {
  const open = document.querySelector(".queue li a[aria-current=true]");
  addEventListener("load", () => {
    const queue = document.querySelector(".queue");
    if (open) {
      const below = open.getBoundingClientRect().bottom - queue.getBoundingClientRect().bottom;
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
