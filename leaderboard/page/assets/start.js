"use strict";
// Puts the page together, and listens to the keys.
(() => {
  const { make, byId, player, list, viewer, state, tabs } = sama;
  const board = sama.get("board");
  const keys = {
    " ": player.play, ArrowLeft: () => player.step(-1), ArrowRight: () => player.step(1),
    r: () => player.toggle("referents"), t: () => player.toggle("truth"), p: () => player.toggle("predicted"), o: () => player.toggle("fill"),
    d: viewer.compare, f: () => viewer.full(), j: () => list.step(1), k: () => list.step(-1), "/": () => byId("search").focus(),
    Escape: () => viewer.full(false),
  };

  // A key belongs to what has the focus: letters to a field, space to a button, arrows to a slider, tabs or a wide table.
  const taken = (target, key) => {
    const slider = target.matches("input[type=range]");
    if (target.matches("select, textarea, input:not([type=checkbox], [type=range])")) return true;
    if (key === "Escape") return !viewer.isFull();
    if (key === " ") return target.matches("button, summary, a, input");
    return key.startsWith("Arrow") && (slider || target.matches(".scroll, [role=tab]"));
  };

  /** Lead only to parts that are there, and name keys only where they do something. */
  const tellParts = () => {
    for (const link of document.querySelectorAll(".top nav a")) link.hidden = byId(link.hash.slice(1))?.hidden ?? false;
    const does = byId("question").hidden ? "" : " · keys: space plays, ← → step, r t p o masks, d compares words, f full screen, j k questions, / search";
    byId("made").textContent = `sama-bench ${board.version}${does}`;
  };

  /** Show what belongs to a benchmark and a task; a link to a question leads to the viewer. */
  const opened = async (bench, task) => {
    sama.tables.show(bench, task);
    sama.plots.show(bench, task);
    const named = await list.show(bench, task);
    tellParts();
    document.documentElement.classList.add("ready");
    if (!named) return;
    byId("viewer").focus({ preventScroll: true });
    byId("question").scrollIntoView({ behavior: "instant" });
  };

  // Nothing is seen before it stands where it stays; what comes late is not waited for.
  setTimeout(() => document.documentElement.classList.add("ready"), 500);
  if (!board) {
    document.querySelector("main").replaceChildren(make("p", { class: "error" }, "The data in the folder page is missing: copy the whole folder."));
    return;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key] || taken(event.target, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  state.read();
  if (board.refresh) setTimeout(() => location.reload(), 1000 * board.refresh);
  byId("notes").append(...board.notes.map((note) => make("p", { class: "note unlike", dir: "auto" }, note)));
  if (board.states.length) byId("notes").append(make("details", { class: "note" }, make("summary", {}, "How the runs went"),
    ...board.states.map((line) => make("p", { dir: "auto" }, line))));
  viewer.start();
  list.start();
  tabs.start(board.benches, opened);
  window.addEventListener("hashchange", () => { if (state.read()) tabs.show(state.get("bench"), state.get("task")); });
})();
