"use strict";
// One question: its words, its frames, what is true, and what two runs answered.
sama.viewer = (() => {
  const { make, percent, byId, masks, player } = sama;
  const NAMES = { "J&F": "J&F", J: "J", F: "F", miou: "mIoU", ROUGE_L: "ROUGE-L", judge: "Judge" };
  let asked = 0;

  const pieces = (found) => (found || []).map(([text, colour]) =>
    colour ? make("span", { class: "phrase", "--colour": colour, "--ink": masks.ink(colour) }, text) : text);

  const words = (found, empty) => {
    const there = found && found.some(([text]) => text.trim());
    return make("p", { class: there ? "said" : "said none", dir: "auto" }, there ? pieces(found) : empty);
  };

  const plain = (text, empty) => make("p", { class: text ? "said" : "said none", dir: "auto" }, text || empty);

  const metric = (name, value) =>
    make("div", { class: "metric" }, make("dt", {}, NAMES[name] || name), make("dd", {}, value));

  const metrics = (detail) => {
    if (!detail) return null;
    const values = Object.entries(detail.values).map(([name, value]) => metric(name, percent(value)));
    if (detail.true !== undefined) values.push(metric("tracks", `${detail.predicted} given, ${detail.true} true`));
    if (detail.ious && detail.ious.length) values.push(metric("IoU by pair", detail.ious.map((one) => percent(one, 0)).join(", ")));
    return values.length ? make("dl", { class: "metrics" }, values) : null;
  };

  const verdict = (one) => make("li", {},
    make("b", {}, `${one.column} ${one.score === null ? "unscored" : percent(one.score)}`),
    Object.entries(one.parts).map(([name, value]) => make("span", { class: "badge", dir: "auto" }, `${name} ${value}`)),
    make("p", { dir: "auto" }, pieces(one.reason)),
    one.quotes.map(([part, quote, found]) =>
      make("p", { class: "quote", dir: "auto" }, `${part}: “`, pieces(quote), found ? "”" : "” (not in the answer)")),
    make("p", { class: "note", dir: "auto" }, one.judge));

  const verdicts = (answer) => (answer.verdicts || []).length
    ? make("details", { class: "verdicts", open: true }, make("summary", {}, "Judge"), make("ul", {}, answer.verdicts.map(verdict)))
    : null;

  const told = (answer) => [
    answer.error ? make("p", { class: "error", dir: "auto" }, "Error: ", pieces(answer.error)) : null,
    answer.unread ? make("p", { class: "error", dir: "auto" }, "Could not be read: ", pieces(answer.unread)) : null,
  ];

  const raw = (answer) => answer.raw
    ? make("details", {}, make("summary", {}, "The model's own words"), words(answer.raw, "empty")) : null;

  const heading = (run, seconds) => make("h4", { dir: "auto" }, run.model, run.truth ? " †" : "",
    seconds === null || seconds === undefined ? null : make("span", { class: "note" }, `${seconds.toFixed(1)} s`));

  /** What a run answered, with a canvas where the question's frames are there. */
  const answered = (run, answer, detail, canvas) => {
    if (answer && answer.missing) return card(heading(run), canvas, make("p", { class: "error" }, "There is no answer."), metrics(detail));
    if (answer)
      return card(heading(run, answer.seconds), canvas, ...told(answer),
        answer.error ? null : words(answer.text, "The answer is empty."), metrics(detail), verdicts(answer), raw(answer));
    if (!detail) return card(heading(run), make("p", { class: "note" }, "was not asked this"));
    return card(heading(run),
      detail.error ? make("p", { class: "error", dir: "auto" }, `Error: ${detail.error}`) : plain(detail.said, "The answer is empty."),
      metrics(detail));
  };

  const card = (...children) => make("article", { class: "panel" }, children);

  const history = (clip) => clip.earlier.flatMap(([question, answer]) => [
    make("p", { class: "said asked earlier", dir: "auto" }, pieces(question)), make("p", { class: "said earlier", dir: "auto" }, pieces(answer))]);

  const head = (questions, number) => {
    const facts = Object.values(questions.parts).map(({ names, of }) => names[of[number]]).filter(Boolean);
    return make("header", {}, make("h3", { dir: "auto" }, questions.keys[number]),
      make("p", { class: "note", dir: "auto" }, [...new Set([questions.videos[questions.video[number]], ...facts])].filter(Boolean).join(" · ")));
  };

  const withFrames = (board, clip, detail, [left, right]) => {
    const both = [left, right].filter((one) => one !== null);
    const answers = both.map((run) => (run < 0 ? null : clip.answers.find((one) => one.run === run)));
    const names = both.map((run) => (run < 0 ? "Truth" : board.runs[run].model));
    const panels = answers.map((answer, n) => player.panel(clip, answer, `Frame with masks: ${names[n]}`));
    const controls = player.open(clip, panels);
    const truth = (canvas) => card(make("h4", {}, "Truth"), canvas, words(clip.truth, "no text"));
    const cards = both.map((run, n) => (run < 0
      ? truth(panels[n].canvas) : answered(board.runs[run], answers[n], detail.runs[run], panels[n].canvas)));
    return [
      make("div", { class: "dialogue" }, ...history(clip),
        make("p", { class: "said asked", dir: "auto" }, make("span", { class: "who" }, "Question "), pieces(clip.question)),
        both.includes(-1) ? null : make("p", { class: "said", dir: "auto" }, make("span", { class: "who" }, "Truth "), pieces(clip.truth))),
      controls, make("div", { class: `panels n${both.length}` }, cards),
    ];
  };

  const withoutFrames = (board, questions, number, detail, [left, right]) => {
    player.close();
    const runs = [left, right].filter((one) => one !== null && one >= 0);
    return [
      make("p", { class: "note" }, "Texts as they were scored, in small letters; frames and masks are kept for other questions only (report --samples all)."),
      make("div", { class: "dialogue" },
        make("p", { class: "said asked", dir: "auto" }, make("span", { class: "who" }, "Question "), questions.texts[number] || "(not at hand)"),
        make("p", { class: "said", dir: "auto" }, make("span", { class: "who" }, "Truth "), detail.reference)),
      make("div", { class: `panels n${runs.length}` }, runs.map((run) => answered(board.runs[run], null, detail.runs[run], null))),
    ];
  };

  const unreadable = (problem) => make("p", { class: "error" }, `${problem.message}: was the folder copied whole?`);

  /** Show question `number` of the list for two runs: their numbers, -1 for the truth, null for nothing. */
  const show = async (number, runs) => {
    const turn = ++asked;
    const [board, questions] = [sama.get("board"), sama.get("questions")];
    const area = byId("viewer");
    try {
      const texts = await sama.load(`texts-${questions.video[number]}`);
      const detail = texts.find((one) => one.key === questions.keys[number]);
      const clip = questions.shown.includes(number) ? await sama.load(`clip-${number}`) : null;
      if (turn !== asked) return; // another question was asked for in the meantime
      const body = clip ? withFrames(board, clip, detail, runs) : withoutFrames(board, questions, number, detail, runs);
      area.replaceChildren(head(questions, number), ...body.filter(Boolean));
    } catch (problem) {
      if (turn === asked) area.replaceChildren(head(questions, number), unreadable(problem));
    }
  };

  return { show };
})();
