"use strict";
// The list of questions of a task: searched, filtered, ordered; one of them is open.
sama.list = (() => {
  const { make, byId, viewer, state } = sama;
  const AT_ONCE = 100;
  const FIELDS = { order: "order", value: "by", only: "only", kind: "of", search: "find" }; // element to its name in links
  const chosen = { left: 0, right: null };
  let questions, bench, task = "", order = [], limit = AT_ONCE, open = null;

  const runs = () => [chosen.left, chosen.right];
  const asked = () => runs().filter((run) => run !== null && run >= 0);
  const value = (run, number) => questions.runs[run][byId("value").value][number];
  const values = (number) => asked().map((run) => value(run, number)).filter((score) => score >= 0);
  const mean = (scores) => (scores.length ? scores.reduce((sum, score) => sum + score, 0) / scores.length : null);

  const ofTask = (number) => questions.keys[number].startsWith(`${task}:`);
  const failed = (number) => asked().some((run) => "emu".includes(questions.runs[run].states[number]));
  const oneRight = (number) => {
    const right = asked().map((run) => questions.runs[run].right[number]);
    return right.length === 2 && !right.includes("-") && right[0] !== right[1];
  };
  const kept = { frames: (number, shown) => shown.has(number), failed, one: oneRight };

  const searched = () => {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return () => true;
    return (number) => {
      const text = `${questions.keys[number]} ${questions.videos[questions.video[number]] || ""} ${questions.texts[number]}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
  };

  const ofKind = () => {
    if (!byId("kind").value) return () => true;
    const [dimension, part] = JSON.parse(byId("kind").value);
    const { of } = questions.parts[dimension];
    return (number) => of[number] === part;
  };

  const rank = {
    worst: (scores) => mean(scores), best: (scores) => -mean(scores),
    gap: (scores) => (scores.length === 2 ? -Math.abs(scores[0] - scores[1]) : null), none: () => 0,
  };

  const sorted = (numbers) => {
    const how = byId("order").value;
    const ranks = new Map(numbers.map((number) => {
      const scores = values(number);
      return [number, how !== "none" && !scores.length ? null : rank[how](scores)];
    }));
    const ranked = numbers.filter((number) => ranks.get(number) !== null);
    const rest = how === "gap" ? [] : numbers.filter((number) => ranks.get(number) === null);
    return [...ranked.sort((number, other) => ranks.get(number) - ranks.get(other) || number - other), ...rest];
  };

  const bar = (run, number) => {
    const score = value(run, number);
    const problem = { e: "error", m: "missing", u: "unread", "-": "not asked" }[questions.runs[run].states[number]];
    return make("span", { class: `score ${problem ? "bad" : ""}`, "--wide": `${Math.max(0, score) / 10}%`, title: bench.runs[run].model },
      make("span", {}, problem || (score < 0 ? "–" : (score / 10).toFixed(0))));
  };

  const item = (number, shown) => make("li", {},
    make("button", { type: "button", "data-number": number, "aria-current": number === open ? "true" : false, onclick: () => choose(number) },
      make("span", { class: "key" }, questions.keys[number].slice(0, 24), shown.has(number) ? make("span", { class: "film", title: "with frames" }, "▦") : null),
      make("span", { class: "text", dir: "auto" }, questions.texts[number] || "(text not at hand)"),
      make("span", { class: "scores" }, asked().map((run) => bar(run, number)))));

  const draw = () => {
    const shown = new Set(questions.shown);
    byId("list").replaceChildren(...order.slice(0, limit).map((number) => item(number, shown)));
    byId("more").hidden = order.length <= limit;
    const total = questions.keys.filter((_, number) => ofTask(number)).length.toLocaleString("en");
    byId("found").textContent = `${order.length.toLocaleString("en")} of ${total} questions${order.length > limit ? `, the first ${limit} below` : ""}`;
  };

  const find = () => {
    const [only, words, kind] = [kept[byId("only").value] || (() => true), searched(), ofKind()];
    const shown = new Set(questions.shown);
    order = sorted([...questions.keys.keys()].filter((number) => ofTask(number) && only(number, shown) && kind(number) && words(number)));
    limit = AT_ONCE;
    draw();
  };

  const sideName = (run) => (run === null ? "nothing" : run < 0 ? "truth" : bench.runs[run].name);

  /** The whole state as links hold it. */
  const told = () => ({
    bench: bench.label, task, q: open === null ? null : questions.keys[open], left: sideName(chosen.left), right: sideName(chosen.right),
    ...Object.fromEntries(Object.entries(FIELDS).map(([id, name]) => [name, byId(id).value])),
  });

  const mark = () => {
    for (const button of byId("list").querySelectorAll("button"))
      if (Number(button.dataset.number) === open) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
  };

  /** Bring the open question into the middle of the list, without a move of the page. */
  const reveal = () => {
    const button = byId("list").querySelector("[aria-current]");
    if (button) byId("list").scrollTop = button.offsetTop - byId("list").offsetTop - byId("list").clientHeight / 2;
  };

  const choose = (number) => {
    open = number;
    mark();
    state.set({ ...told(), frame: null });
    return viewer.show(number, runs());
  };

  /** The next question of the list, or the one before. */
  const step = (by) => {
    if (!questions) return;
    const place = order.indexOf(open) + by;
    if (place < 0 || place >= order.length) return;
    if (place >= limit) { limit += AT_ONCE; draw(); }
    choose(order[place]);
    const button = byId("list").querySelector("[aria-current]");
    if (button && !viewer.isFull()) button.scrollIntoView({ block: "nearest" });
  };

  // Runs of one model are told apart by their folders.
  const named = (run) => {
    const alone = bench.runs.filter((other) => other.model === run.model).length === 1;
    return `${run.model}${run.truth ? " †" : ""}${alone ? "" : ` · ${run.path}`}`;
  };

  const numberOf = (name) => {
    if (name === "truth") return -1;
    if (name === "nothing") return null;
    const number = bench.runs.findIndex((run) => run.name === name);
    return number < 0 ? undefined : number;
  };

  /** The two best runs of the task's table; one alone stands beside the truth. */
  const usual = () => {
    const table = bench.tables.find((other) => other.task === task && other.rows.length);
    const score = (run) => {
      const row = table && table.rows.find((other) => other.run === run.path);
      const cell = row && row.cells[table.lead];
      return cell && cell.value !== undefined ? cell.value * (table.columns[table.lead].higher ? 1 : -1) : -Infinity;
    };
    const ranked = bench.runs.map((_, n) => n).filter((n) => !bench.runs[n].truth).sort((n, other) => score(bench.runs[other]) - score(bench.runs[n]) || n - other);
    return ranked.length > 1 ? ranked : [-1, ranked.length ? ranked[0] : 0];
  };

  const sides = () => {
    const [left, right] = usual();
    for (const [side, extra, otherwise] of [["left", [], left], ["right", [["", "nothing"]], right]]) {
      byId(side).replaceChildren(...extra.map(([key, words]) => make("option", { value: key }, words)), make("option", { value: "-1" }, "Truth"),
        ...bench.runs.map((run, n) => make("option", { value: n }, named(run))));
      const linked = numberOf(state.get(side));
      chosen[side] = linked === undefined || (side === "left" && linked === null) ? otherwise : linked;
      byId(side).value = chosen[side] === null ? "" : chosen[side];
    }
  };

  const kinds = () => {
    const parts = Object.entries(questions.parts).map(([dimension, { names, of }]) => {
      const own = new Set(of.filter((_, number) => ofTask(number)));
      return [dimension, names.map((name, n) => [name, n]).filter(([name, n]) => name !== "" && own.has(n))];
    });
    byId("kind").replaceChildren(make("option", { value: "" }, "every kind"), ...parts.filter(([, names]) => names.length).map(([dimension, names]) =>
      make("optgroup", { label: dimension }, names.map(([name, n]) => make("option", { value: JSON.stringify([dimension, n]) }, name)))));
  };

  /** The values that any question of the task has; the others cannot be chosen. */
  const orders = () => {
    for (const option of byId("value").options)
      option.hidden = option.disabled = option.value !== "main" && !questions.runs.some((run) => run[option.value].some((score, number) => score >= 0 && ofTask(number)));
  };

  /** Put into the fields what the link says, else what is usual. */
  const fields = () => {
    const withFrames = questions.shown.some(ofTask);
    const otherwise = { order: asked().length === 2 ? "gap" : "worst", value: "main", only: withFrames ? "frames" : "", kind: "", search: "" };
    const linked = Boolean(state.get("q"));
    for (const [id, name] of Object.entries(FIELDS)) {
      byId(id).value = state.get(name) ?? (linked ? { ...otherwise, only: "" } : otherwise)[id];
      if (byId(id).selectedIndex === -1) byId(id).value = otherwise[id];
    }
  };

  /** The number of the question that the link names; -1 where it names none that is there. */
  const linked = () => {
    const key = state.get("q");
    return key === undefined || key === null ? state.get("number") ?? -1 : questions.keys.indexOf(key);
  };

  /** Show the questions of one task of a benchmark, and open the one that the link names, else the first. */
  const show = async (to, toTask) => {
    [bench, task, questions, open] = [to, toTask, null, null];
    const there = to.tasks.some((other) => other.key === toTask && other.asked);
    byId("stage").classList.toggle("alone", !there);
    byId("questions").hidden = byId("question").hidden = !there;
    if (!there) return false;
    const list = await sama.load(`${to.prefix}questions`);
    if (bench !== to || task !== toTask) return false; // another tab was opened in the meantime
    questions = list;
    const number = linked();
    const named = number >= 0 && number < questions.keys.length;
    // Where the link's question is of another task, that task's tab is opened.
    if (named && !ofTask(number)) return sama.tabs.show(bench.label, questions.keys[number].split(":")[0]);
    viewer.turn(to, questions);
    sides();
    kinds();
    orders();
    fields();
    find();
    open = named ? number : order.length ? order[0] : questions.keys.findIndex((_, other) => ofTask(other));
    if (open < 0) return false;
    limit = Math.max(limit, order.indexOf(open) + 1);
    draw();
    reveal();
    await viewer.show(open, runs(), named && state.get("frame") ? Number(state.get("frame")) : null);
    return named;
  };

  const start = () => {
    byId("filters").addEventListener("input", () => { find(); state.set(told()); });
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("more").addEventListener("click", () => { limit += 5 * AT_ONCE; draw(); });
    byId("before").addEventListener("click", () => step(-1));
    byId("next").addEventListener("click", () => step(1));
    for (const side of ["left", "right"])
      byId(side).addEventListener("change", () => {
        chosen[side] = byId(side).value === "" ? null : Number(byId(side).value);
        find();
        state.set(told());
        if (open !== null) viewer.show(open, runs(), sama.player.number());
      });
  };

  return { start, show, step };
})();
