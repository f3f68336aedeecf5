"use strict";
// Tabs of benchmarks and of their tasks; one of each is open, and the rest of the page shows what belongs to it.
sama.tabs = (() => {
  const { make, byId, state } = sama;
  let open = () => {}, benches = [], bench = null;

  const tab = (words, chosen, choose) => make("button", {
    type: "button", role: "tab", "aria-selected": chosen ? "true" : "false", tabindex: chosen ? "0" : "-1", onclick: choose,
    "aria-controls": "stage", dir: "auto",
  }, words);

  // As the pattern of tabs has it: one tab is in the order of focus, arrows lead to the others.
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = [...event.currentTarget.children];
    const place = { Home: 0, End: all.length - 1 }[event.key] ?? (by ? (all.indexOf(event.target) + by + all.length) % all.length : -1);
    if (place < 0) return;
    event.preventDefault();
    all[place].click();
    event.currentTarget.children[place].focus();
  };

  const fill = (list, entries, chosen, choose) => {
    list.replaceChildren(...entries.map(([key, words]) => tab(words, key === chosen, () => choose(key))));
    list.hidden = entries.length < 2;
  };

  const show = (label, task) => {
    bench = benches.find((other) => other.label === label) || benches[0];
    const own = bench.tasks.map((other) => [other.key, other.title]);
    const wanted = task || (state.get("q") || "").split(":")[0];
    const chosen = own.some(([key]) => key === wanted) ? wanted : (own[0] || [""])[0];
    fill(byId("bench-tabs"), benches.map((other) => [other.label, other.label]), bench.label, (key) => choose(key, null));
    fill(byId("task-tabs"), own, chosen, (key) => choose(bench.label, key));
    byId("tabs").hidden = benches.length < 2 && own.length < 2;
    return open(bench, chosen);
  };

  const choose = (label, task) => {
    state.set({ bench: label, task, q: null, frame: null, part: null, sort: null, left: null, right: null });
    return show(label, task);
  };

  /** Begin with the benchmark and the task that the link names, else the first ones. `opened` shows what belongs to them. */
  const start = (all, opened) => {
    [benches, open] = [all, opened];
    for (const list of ["bench-tabs", "task-tabs"]) byId(list).addEventListener("keydown", move);
    return show(state.get("bench"), state.get("task"));
  };

  return { start, show };
})();
