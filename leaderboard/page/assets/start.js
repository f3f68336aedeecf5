"use strict";
// Puts the page together, and listens to the keys.
(() => {
  const { make, byId, player, list } = sama;
  const [board, questions] = [sama.get("board"), sama.get("questions")];
  const keys = {
    " ": player.play, ArrowLeft: () => player.step(-1), ArrowRight: () => player.step(1),
    r: () => player.toggle("referents"), t: () => player.toggle("truth"), p: () => player.toggle("predicted"), o: () => player.toggle("fill"),
    j: () => list.step(1), k: () => list.step(-1), "/": () => byId("search").focus(),
  };

  // A key belongs to what has the focus: letters to a field, space to a button, arrows to a slider or a wide table.
  const taken = (target, key) => {
    const slider = target.matches("input[type=range]");
    if (target.matches("select, textarea, input:not([type=checkbox], [type=range])")) return true;
    if (key === " ") return target.matches("button, summary, a, input");
    return key.startsWith("Arrow") && (slider || target.matches(".scroll"));
  };

  if (!board || !questions) {
    document.querySelector("main").replaceChildren(make("p", { class: "error" }, "The data in the folder page is missing: copy the whole folder."));
    return;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key] || taken(event.target, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  sama.tables.show(board);
  sama.plots.show(board);
  if (board.refresh) setTimeout(() => location.reload(), 1000 * board.refresh);
  byId("notes").append(...board.notes.map((note) => make("p", { class: "note unlike", dir: "auto" }, note)));
  if (board.states.length) byId("notes").append(make("details", { class: "note" }, make("summary", {}, "How the runs went"),
    ...board.states.map((state) => make("p", { dir: "auto" }, state))));
  byId("made").textContent = `sama-bench ${board.version} · keys in the viewer: space plays, ← → step, r t p o masks, j k questions, / search`;
  if (questions.keys.length) list.start();
  else byId("questions").hidden = true;
})();
