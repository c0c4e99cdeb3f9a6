// Progress of a batch, asked for each second while one is under way.
"use strict";
(() => {
  const box = document.getElementById("run");
  if (!box || !box.dataset.running) return;
  const tell = async () => {
    const state = await (await fetch("/runs.json")).json();
    box.querySelector(".stage").textContent = state.said || "";
    box.querySelector(".count").textContent = state.total ? `${state.finished} / ${state.total}` : "";
    box.querySelector(".message").textContent = state.message || "";
    const bar = box.querySelector("progress");
    bar.max = state.total || 1;
    if (state.stage === "auditing") bar.removeAttribute("value"); // how far that is cannot be told
    else bar.value = state.finished;
    const recent = (state.recent || []).map((document_) => {
      const item = document.createElement("li");
      item.textContent = `${document_.name} — ${document_.said}`;
      return item;
    });
    box.querySelector(".recent").replaceChildren(...recent);
    if (state.running) setTimeout(tell, 1000);
    else location.reload();
  };
  setTimeout(tell, 500);
})();
