"use strict";
// The list of questions: searched, filtered, ordered; one of them is open.
sama.list = (() => {
  const { make, byId, viewer } = sama;
  const AT_ONCE = 100;
  const chosen = { left: 0, right: null };
  let questions, board, order = [], limit = AT_ONCE, open = null;

  const runs = () => [chosen.left, chosen.right];
  const asked = () => runs().filter((run) => run !== null && run >= 0);
  const value = (run, number) => questions.runs[run][byId("value").value][number];
  const values = (number) => asked().map((run) => value(run, number)).filter((one) => one >= 0);
  const mean = (found) => (found.length ? found.reduce((sum, one) => sum + one, 0) / found.length : null);

  const failed = (number) => asked().some((run) => "emu".includes(questions.runs[run].states[number]));
  const oneRight = (number) => {
    const right = asked().map((run) => questions.runs[run].right[number]);
    return right.length === 2 && !right.includes("-") && right[0] !== right[1];
  };
  const kept = {
    frames: (number, shown) => shown.has(number), failed, one: oneRight,
    g: (number) => questions.keys[number].startsWith("g:"), c: (number) => questions.keys[number].startsWith("c:"),
  };

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
    worst: (found) => mean(found), best: (found) => -mean(found),
    gap: (found) => (found.length === 2 ? -Math.abs(found[0] - found[1]) : null), none: () => 0,
  };

  const sorted = (numbers) => {
    const how = byId("order").value;
    const ranks = new Map(numbers.map((number) => {
      const found = values(number);
      return [number, how !== "none" && !found.length ? null : rank[how](found)];
    }));
    const ranked = numbers.filter((number) => ranks.get(number) !== null);
    const rest = how === "gap" ? [] : numbers.filter((number) => ranks.get(number) === null);
    return [...ranked.sort((one, other) => ranks.get(one) - ranks.get(other) || one - other), ...rest];
  };

  const bar = (run, number) => {
    const found = value(run, number);
    const state = { e: "error", m: "missing", u: "unread", "-": "not asked" }[questions.runs[run].states[number]];
    return make("span", { class: `score ${state ? "bad" : ""}`, "--wide": `${Math.max(0, found) / 10}%`, title: board.runs[run].model },
      make("span", {}, state || (found < 0 ? "–" : (found / 10).toFixed(0))));
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
    const total = questions.keys.length.toLocaleString("en");
    byId("found").textContent = `${order.length.toLocaleString("en")} of ${total} questions${order.length > limit ? `, the first ${limit} below` : ""}`;
  };

  const find = () => {
    const [only, words, kind] = [kept[byId("only").value] || (() => true), searched(), ofKind()];
    const shown = new Set(questions.shown);
    order = sorted([...questions.keys.keys()].filter((number) => only(number, shown) && kind(number) && words(number)));
    limit = AT_ONCE;
    draw();
  };

  const choose = (number) => {
    open = number;
    for (const button of byId("list").querySelectorAll("button"))
      if (Number(button.dataset.number) === number) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    history.replaceState(null, "", `#question-${number}`);
    return viewer.show(number, runs());
  };

  /** The next question of the list, or the one before. */
  const step = (by) => {
    const place = order.indexOf(open) + by;
    if (place < 0 || place >= order.length) return;
    if (place >= limit) { limit += AT_ONCE; draw(); }
    choose(order[place]);
    const button = byId("list").querySelector("[aria-current]");
    if (button) button.scrollIntoView({ block: "nearest" });
  };

  // Runs of one model are told apart by their folders.
  const named = (run) => {
    const alone = board.runs.filter((one) => one.model === run.model).length === 1;
    return `${run.model}${run.truth ? " †" : ""}${alone ? "" : ` · ${run.path}`}`;
  };

  const sides = () => {
    for (const [side, extra] of [["left", []], ["right", [["", "nothing"]]]]) {
      byId(side).append(...extra.map(([key, words]) => make("option", { value: key }, words)), make("option", { value: "-1" }, "Truth"),
        ...board.runs.map((run, n) => make("option", { value: n }, named(run))));
      byId(side).addEventListener("change", () => {
        chosen[side] = byId(side).value === "" ? null : Number(byId(side).value);
        find();
        if (open !== null) viewer.show(open, runs());
      });
    }
    const ranked = board.runs.map((_, n) => n).filter((n) => !board.runs[n].truth);
    [chosen.left, chosen.right] = ranked.length > 1 ? ranked : [-1, ranked.length ? ranked[0] : 0];
    for (const side of ["left", "right"]) byId(side).value = chosen[side];
  };

  const kinds = () => {
    byId("kind").append(make("option", { value: "" }, "every kind"), ...Object.entries(questions.parts).map(([dimension, { names }]) =>
      make("optgroup", { label: dimension }, names.map((name, n) => name === "" ? null : make("option", { value: JSON.stringify([dimension, n]) }, name)))));
  };

  const start = () => {
    [questions, board] = [sama.get("questions"), sama.get("board")];
    sides();
    kinds();
    const judged = questions.runs.some((run) => run.judge.some((one) => one >= 0));
    if (!judged) byId("value").querySelector("[value=judge]").remove();
    if (questions.shown.length) byId("only").value = "frames";
    if (asked().length === 2) byId("order").value = "gap";
    byId("filters").addEventListener("input", find);
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("more").addEventListener("click", () => { limit += 5 * AT_ONCE; draw(); });
    find();
    window.addEventListener("hashchange", goTo);
    if (!goTo() && order.length) viewer.show((open = order[0]), runs()), draw();
  };

  /** Open the question that the address names, and bring it into view; whether it names one. */
  const goTo = () => {
    const number = Number((location.hash.match(/^#question-(\d+)$/) || [])[1] ?? -1);
    if (number < 0 || number >= questions.keys.length) return false;
    choose(number);
    byId("questions").scrollIntoView();
    return true;
  };

  return { start, step };
})();
