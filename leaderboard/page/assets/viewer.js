"use strict";
// One question: its words, its frames, what is true, and what two runs answered.
sama.viewer = (() => {
  const { make, percent, byId, masks, player, state, differences } = sama;
  const NAMES = { miou: "mIoU", ROUGE_L: "ROUGE-L", judge: "Judge" };
  let asked = 0, bench = null, questions = null, comparing = false, texts = null, clip = null, name = "";

  const phrase = (colour, children) =>
    colour ? make("span", { class: "phrase", "--colour": colour, "--ink": masks.ink(colour) }, children) : children;

  const pieces = (said) => (said || []).map(([text, colour]) => phrase(colour, [text]));

  const words = (said, empty) => {
    const there = said && said.some(([text]) => text.trim());
    return make("p", { class: there ? "said" : "said none", dir: "auto" }, there ? pieces(said) : empty);
  };

  const metric = (name, value) =>
    make("div", { class: "metric" }, make("dt", {}, NAMES[name] || name), make("dd", {}, value));

  const metrics = (detail) => {
    if (!detail) return null;
    const values = Object.entries(detail.values).map(([name, value]) => metric(name, percent(value)));
    if (detail.true !== undefined) values.push(metric("tracks", `${detail.predicted} given, ${detail.true} true`));
    if (detail.ious && detail.ious.length) values.push(metric("IoU by pair", detail.ious.map((iou) => percent(iou, 0)).join(", ")));
    return values.length ? make("dl", { class: "metrics" }, values) : null;
  };

  const verdict = (of) => make("li", {},
    make("b", {}, `${of.column} ${of.score === null ? "unscored" : percent(of.score)}`),
    Object.entries(of.parts).map(([name, value]) => make("span", { class: "badge", dir: "auto" }, `${name} ${value}`)),
    make("p", { dir: "auto" }, pieces(of.reason)),
    of.quotes.map(([part, quote, there]) =>
      make("p", { class: "quote", dir: "auto" }, `${part}: “`, pieces(quote), there ? "”" : "” (not in the answer)")),
    make("p", { class: "note", dir: "auto" }, of.judge));

  const verdicts = (answer) => (answer.verdicts || []).length
    ? make("details", { class: "verdicts", open: true }, make("summary", {}, "Judge"), make("ul", {}, answer.verdicts.map(verdict)))
    : null;

  const problems = (answer) => [
    answer.error ? make("p", { class: "error", dir: "auto" }, "Error: ", pieces(answer.error)) : null,
    answer.unread ? make("p", { class: "error", dir: "auto" }, "Could not be read: ", pieces(answer.unread)) : null,
  ];

  const raw = (answer) => answer.raw
    ? make("details", {}, make("summary", {}, "The model's own words"), words(answer.raw, "empty")) : null;

  const heading = (run, seconds) => make("h4", { dir: "auto" }, run.model, run.truth ? " †" : "",
    seconds === null || seconds === undefined ? null : make("span", { class: "note" }, `${seconds.toFixed(1)} s`));

  const card = (...children) => make("article", { class: "panel" }, children);

  /** The words of one side, which are marked where it is compared with the other. */
  const side = (said, empty) => {
    const element = words(said, empty);
    texts.push({ element, said: said || [], empty });
    return element;
  };

  /** What a run answered, with a canvas where the question's frames are there. */
  const answered = (run, answer, detail, canvas) => {
    if (answer && answer.missing) return card(heading(run), canvas, make("p", { class: "error" }, "There is no answer."), metrics(detail));
    if (answer)
      return card(heading(run, answer.seconds), canvas, ...problems(answer),
        answer.error ? null : side(answer.text, "The answer is empty."), metrics(detail), verdicts(answer), raw(answer));
    if (!detail) return card(heading(run), make("p", { class: "note" }, "was not asked this"));
    return card(heading(run),
      detail.error ? make("p", { class: "error", dir: "auto" }, `Error: ${detail.error}`) : side([[detail.said]], "The answer is empty."),
      metrics(detail));
  };

  const history = (earlier) => earlier.length ? make("details", { class: "history" }, make("summary", {}, `${earlier.length} earlier rounds`),
    earlier.flatMap(([question, answer]) => [
      make("p", { class: "said asked earlier", dir: "auto" }, pieces(question)), make("p", { class: "said earlier", dir: "auto" }, pieces(answer))])) : null;

  const who = (words) => make("span", { class: "who" }, `${words} `);

  const head = (number) => {
    const facts = Object.values(questions.parts).map(({ names, of }) => names[of[number]]).filter(Boolean);
    return make("header", {}, make("h3", { dir: "auto" }, questions.keys[number]),
      make("p", { class: "note", dir: "auto" }, [...new Set([questions.videos[questions.video[number]], ...facts])].filter(Boolean).join(" · ")));
  };

  const withFrames = (detail, [left, right], frame) => {
    const both = [left, right].filter((run) => run !== null);
    const answers = both.map((run) => (run < 0 ? null : clip.answers.find((answer) => answer.run === run)));
    const names = both.map((run) => (run < 0 ? "Truth" : bench.runs[run].model));
    const panels = answers.map((answer, n) => player.panel(clip, answer, `Frame with masks: ${names[n]}`));
    const controls = player.open(clip, panels, { number: frame, moved: (number) => state.set({ frame: number }), extra: compareBox() });
    const truth = (canvas) => card(make("h4", {}, "Truth"), canvas, side(clip.truth, "no text"));
    const cards = both.map((run, n) => (run < 0
      ? truth(panels[n].canvas) : answered(bench.runs[run], answers[n], detail.runs[run], panels[n].canvas)));
    return [
      make("div", { class: "dialogue" }, history(clip.earlier),
        make("p", { class: "said asked", dir: "auto" }, who("Question"), pieces(clip.question))),
      both.includes(-1) ? null : make("p", { class: "said true", dir: "auto" }, who("Truth"), pieces(clip.truth)),
      controls, note(), make("div", { class: `panels n${both.length}` }, cards),
    ];
  };

  const withoutFrames = (number, detail, [left, right]) => {
    player.close();
    const runs = [left, right].filter((run) => run !== null && run >= 0);
    const hint = sama.get("board").public ? "" : " (report --samples all)";
    return [
      make("p", { class: "note" }, `Texts as they were scored, in small letters; frames and masks are kept for other questions only${hint}.`),
      make("div", { class: "dialogue" },
        make("p", { class: "said asked", dir: "auto" }, who("Question"), questions.texts[number] || "(not at hand)")),
      make("p", { class: "said true", dir: "auto" }, who("Truth"), detail.reference),
      make("div", { class: "controls" }, make("div", { class: "boxes" }, compareBox())), note(),
      make("div", { class: `panels n${runs.length}` }, runs.map((run) => answered(bench.runs[run], null, detail.runs[run], null))),
    ];
  };

  const compareBox = () => {
    const input = make("input", { type: "checkbox", id: "compare", onchange: () => compare() });
    input.checked = comparing;
    return make("label", { class: "box", title: "key d" }, input, " Compare words");
  };

  const note = () => make("p", { class: "note", id: "compared", role: "status", hidden: true });

  const count = (number, where) => `${number} word${number === 1 ? "" : "s"} only ${where}`;

  /** Mark the words in which the two sides differ, or take the marks away. */
  const paint = () => {
    const status = byId("compared");
    const found = comparing && texts.length === 2 ? differences.compare(texts[0].said, texts[1].said) : null;
    const there = (said) => said.some(([text]) => text.trim());
    texts.forEach(({ element, said, empty }, n) => {
      const marked = found && [found.left, found.right][n];
      element.replaceChildren(...(!there(said) ? [empty] : marked ? marked.flatMap(([colour, parts]) =>
        phrase(colour, parts.map(([text, differs]) => (differs ? make("mark", {}, text) : text)))) : pieces(said)));
    });
    if (!status) return;
    status.hidden = !comparing;
    status.textContent = texts.length < 2 ? "There are no two texts to compare."
      : !found ? "These texts are too long to be compared word by word."
        : found.counts.some(Boolean) ? `${count(found.counts[0], "left")}, ${count(found.counts[1], "right")}` : "The same words on both sides.";
  };

  const compare = () => {
    comparing = !comparing;
    state.set({ compare: comparing ? "words" : null });
    if (byId("compare")) byId("compare").checked = comparing;
    if (texts) paint();
  };

  const unreadable = (problem) => make("p", { class: "error" }, sama.get("board").public
    ? "This question cannot be read." : `${problem.message}: was the folder copied whole?`);

  /** Show question `number` of the list for two runs: their numbers, -1 for the truth, null for nothing; at the frame of
      that number in the video, or from the first one on. */
  const show = async (number, runs, frame = null) => {
    const turn = ++asked;
    const area = byId("shown");
    try {
      const details = await sama.load(`${bench.prefix}texts-${questions.video[number]}`);
      const opened = questions.shown.includes(number) ? await sama.load(`${bench.prefix}clip-${number}`) : null;
      if (turn !== asked) return; // another question was asked for in the meantime
      const detail = details.find((entry) => entry.key === questions.keys[number]);
      [texts, clip, name] = [[], opened, `${bench.prefix}masks-${number}`];
      const body = clip ? withFrames(detail, runs, frame) : withoutFrames(number, detail, runs);
      area.replaceChildren(head(number), ...body.filter(Boolean));
      paint();
      reachable();
      if (byId("viewer").classList.contains("full")) sharpen();
    } catch (problem) {
      if (turn === asked) area.replaceChildren(head(number), unreadable(problem));
    }
  };

  /** Sharp frames are loaded when the screen is full, and only then. */
  const sharpen = async () => {
    const own = clip;
    if (own && own.sharp) player.sharpen(own, await sama.load(name));
  };

  const isFull = () => byId("viewer").classList.contains("full");

  /** The viewer over the whole window, and over the whole screen where the browser lets it; or back. */
  const full = async (on = !isFull()) => {
    const viewer = byId("viewer");
    viewer.classList.toggle("full", on);
    byId("question").classList.toggle("above", on); // where the browser has no full screen, it lies over all else
    byId("full").textContent = on ? "Leave full screen" : "Full screen";
    document.documentElement.classList.toggle("still", on);
    if (on) sharpen();
    else if (clip) player.sharpen(clip, null);
    try {
      if (on && viewer.requestFullscreen) await viewer.requestFullscreen();
      else if (!on && document.fullscreenElement) await document.exitFullscreen();
    } catch { /* it fills the window, then */ }
  };

  const copied = (done) => {
    byId("link").textContent = done ? "Copied" : "Link is in the address";
    setTimeout(() => { byId("link").textContent = "Copy link"; }, 1500);
  };

  /** Put the link of what is shown into the address, and onto the clipboard where the browser lets it. */
  const link = async () => {
    if (player.number() !== null) state.set({ frame: player.number() });
    else state.set({});
    try {
      await navigator.clipboard.writeText(state.address());
      copied(true);
    } catch { copied(false); }
  };

  const reachable = () => sama.reachable(byId("shown"));

  const start = () => {
    window.addEventListener("resize", reachable);
    comparing = state.get("compare") === "words";
    byId("full").addEventListener("click", () => full());
    byId("link").addEventListener("click", link);
    document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && isFull()) full(false); });
  };

  /** Show questions of another benchmark from now on. */
  const turn = (to, list) => { [bench, questions] = [to, list]; };

  return { start, turn, show, full, isFull, compare };
})();
