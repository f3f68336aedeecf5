"use strict";
// Dialogues: what earlier turns do to a model, and the turns of a video one after the other.
sama.dialogues = (() => {
  const { make, percent, masks } = sama;
  const COLOURS = { "own – none": "#e8590c", "true – none": "#3b82f6", "own – true": "#a05bd6" };
  const USAGE = { prompt_tokens: "tokens of the prompt", cached_tokens: "of them kept by the server", turns_cut: "turns left out" };
  const LIMIT = "Each point is a difference of the same questions, paired; bars are 95 % intervals, videos drawn anew. "
    + "SAMA-Bench's later rounds do not need the earlier ones: a model without memory loses nothing there, a gain is mostly style and leaked facts, a loss is distraction.";
  let asked = 0;

  const pieces = (found) => (found || []).map(([text, colour]) =>
    colour ? make("span", { class: "phrase", "--colour": colour, "--ink": masks.ink(colour) }, text) : text);

  const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${percent(Math.abs(value), 2)}`;
  const between = (ends, show) => (ends ? ` [${show(ends[0])}, ${show(ends[1])}]` : "");
  const said = (point) => `${signed(point[0])}${between(point[1], signed)}`;

  /** An element of SVG; as in `make`, texts stay texts. */
  const draw = (tag, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes))
      if (name.startsWith("--")) element.style.setProperty(name, value);
      else element.setAttribute(name, value);
    element.append(...children.flat(9));
    return element;
  };

  /** Round values between two ends, at most five of them. */
  const ticks = (low, high) => {
    const rough = (high - low) / 4, power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((one) => one * power >= rough);
    const found = [];
    for (let at = Math.ceil(low / step); at * step <= high + 1e-9; at++) found.push(at * step);
    return found;
  };

  const WIDE = 300, HIGH = 175, LEFT = 38, TOP = 24, BOTTOM = 22;

  const plot = (metric, turns) => {
    const points = metric.lines.flatMap((line) => line.points.filter(Boolean));
    const values = points.flatMap(([value, ends]) => [value, ...(ends || [])]).concat(0);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const [low, high] = most - least < 0.002 ? [least - 0.01, most + 0.01] : [least, most];
    const x = (turn, n) => LEFT + (WIDE - LEFT) * (turn + 0.5) / turns.length + 5 * (n - (metric.lines.length - 1) / 2);
    const y = (value) => TOP + (HIGH - TOP - BOTTOM) * (high - value) / (high - low);
    const across = (value, name) => draw("line", { class: name, x1: LEFT, x2: WIDE, y1: y(value), y2: y(value) });
    const scale = ticks(low, high).flatMap((value) => [across(value, "grid"),
      draw("text", { x: LEFT - 5, y: y(value) + 4, "text-anchor": "end" }, String(Number((100 * value).toFixed(2))))]);
    const names = turns.map((turn, n) => draw("text", { x: x(n, (metric.lines.length - 1) / 2), y: HIGH - 6, "text-anchor": "middle" }, turn));
    const lines = metric.lines.map((line, n) => one(line, n, turns, x, y));
    const told = metric.lines.map((line) => `${line.name}: ${line.points.map((point, n) => (point ? `turn ${turns[n]} ${said(point)}` : "")).filter(Boolean).join(", ")}`);
    return draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": `${metric.label}, difference by turn. ${told.join("; ")}` },
      scale, across(0, "zero"), names, lines, draw("text", { class: "name", x: LEFT, y: 13 }, `${metric.label}, difference by turn`));
  };

  const one = (line, n, turns, x, y) => {
    const there = line.points.map((point, turn) => point && { point, at: [x(turn, n), y(point[0])] }).filter(Boolean);
    const colour = { "--colour": COLOURS[line.name] || "#78716c" };
    return [
      draw("polyline", { class: "line", points: there.map(({ at }) => at.join(",")).join(" "), ...colour }),
      there.filter(({ point }) => point[1]).map(({ point, at }) =>
        draw("line", { class: "ends", x1: at[0], x2: at[0], y1: y(point[1][0]), y2: y(point[1][1]), ...colour })),
      line.points.map((point, turn) => point && draw("circle", { class: "dot", cx: x(turn, n), cy: y(point[0]), r: 4, ...colour },
        draw("title", {}, `${line.name}, turn ${turns[turn]}: ${said(point)}, ${point[2]} ${point[2] === 1 ? "video" : "videos"}`))).filter(Boolean),
    ];
  };

  const header = (names) => make("thead", {}, make("tr", {}, names.map((name) => make("th", { scope: "col", dir: "auto" }, name))));
  const table = (caption, names, rows) => make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    make("table", {}, make("caption", {}, make("strong", {}, caption)), header(names),
      make("tbody", {}, rows.map(([name, ...cells]) => make("tr", {}, make("th", { scope: "row" }, name), cells.map((cell) => make("td", {}, cell)))))));

  const number = (cell) => (cell ? `${percent(cell[0])}${between(cell[1], (end) => percent(end))}` : "–");
  const point = (cell) => (cell ? said(cell) : "–");

  const effects = (model) => {
    const names = [...new Set(model.metrics.flatMap((metric) => metric.lines.map((line) => line.name)))];
    const rows = model.metrics.flatMap((metric) => metric.lines.map((line) =>
      [`${metric.label}, ${line.name}`, point(line.later), ...line.points.map(point)]));
    const firsts = model.firsts.map(([history, other, equal, of]) =>
      make("p", { class: equal === of ? "note" : "note unlike" }, `First rounds are asked alike: ${equal} of ${of} answers are the same under ${history} and ${other}.`));
    return make("div", { class: "card effects" },
      names.length ? make("div", { class: "legend" }, names.map((name) => make("span", { "--colour": COLOURS[name] || "#78716c" }, name))) : null,
      make("div", { class: "decay" }, model.metrics.map((metric) => plot(metric, model.turns))),
      make("p", { class: "note" }, LIMIT), ...firsts,
      rows.length ? make("details", {}, make("summary", {}, "The differences as a table"),
        table("Differences by turn, percent points", ["metric", "later rounds", ...model.turns.map((turn) => `t = ${turn}`)], rows)) : null,
      model.overall.length ? table("All turns together, percent", ["", ...model.runs.map((run) => run.history)], model.overall.map((row) => [row.label, ...row.cells.map(number)])) : null);
  };

  /** A small picture of one object in one turn: the frame, and a track's mask over it, where there is one. */
  const thumbnail = (video, turn, thing, track, name) => {
    const [width, height] = video.size;
    const canvas = make("canvas", { width, height, role: "img", "aria-label": name });
    const image = new Image();
    image.addEventListener("load", () => {
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0, width, height);
      if (track) masks.draw(context, [track], thing.frame, video.size, { fill: 0.45 });
      canvas.dataset.drawn = "1";
    });
    image.src = turn.frames[thing.frame];
    return canvas;
  };

  const strip = (model, video) => (thing, place) => {
    const turns = thing.cells.map(([turn]) => video.turns[turn]);
    const truth = (cell, n) => turns[n].tracks[cell[1]];
    const row = (name, cells) => make("tr", {}, make("th", { scope: "row", dir: "auto" }, name), cells);
    const predicted = (run) => thing.cells.map((cell, n) => {
      const found = cell[2][run];
      const answer = turns[n].answers[run];
      const track = found && answer && answer.tracks ? answer.tracks[found[0]] : null;
      const label = `${model.runs[run].name}, turn ${turns[n].turn}`;
      return make("td", {}, thumbnail(video, turns[n], thing, track, label),
        found ? make("span", { class: found[1] < 0.5 ? "low" : "" }, `IoU ${percent(found[1], 0)}`) : make("span", { class: "low" }, "no mask"));
    });
    return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Object ${place + 1} over the turns` },
      make("table", { class: "strip" },
        make("caption", {}, make("span", { class: "swatch", "--colour": truth(thing.cells[0], 0).colour }), `Object ${place + 1} over the turns`),
        make("thead", {}, make("tr", {}, make("td", {}), turns.map((turn) => make("th", { scope: "col" }, `turn ${turn.turn}`)))),
        make("tbody", {}, row("truth", thing.cells.map((cell, n) => make("td", {}, thumbnail(video, turns[n], thing, truth(cell, n), `truth, turn ${turns[n].turn}`)))),
          model.runs.map((run, n) => row(run.name, predicted(n))))));
  };

  const words = (found, empty) => {
    const there = found && found.some(([text]) => text.trim());
    return make("p", { class: there ? "said" : "said none", dir: "auto" }, there ? pieces(found) : empty);
  };

  const metrics = (about) => {
    const values = Object.entries(about.values).map(([name, value]) => [name, percent(value)]);
    const usage = Object.entries(about.usage).map(([name, value]) => [USAGE[name], value.toLocaleString("en")]);
    return make("dl", { class: "metrics" }, [...values, ...usage].map(([name, value]) =>
      make("div", { class: "metric" }, make("dt", {}, name), make("dd", {}, value))));
  };

  const answer = (run, told, about) => {
    const head = make("h4", { dir: "auto" }, run.history, run.truth ? " †" : "");
    if (!about) return make("article", { class: "panel" }, head, make("p", { class: "note" }, "was not asked this"));
    return make("article", { class: "panel" }, head,
      told.missing ? make("p", { class: "error" }, "There is no answer.")
        : told.error ? make("p", { class: "error", dir: "auto" }, "Error: ", pieces(told.error))
          : words(told.text, "The answer is empty."),
      about.incomplete ? make("p", { class: "note" }, "A round before it has no answer, so that its history has a gap.") : null,
      metrics(about));
  };

  const turn = (model) => (one) => make("li", { class: "card" },
    make("h3", { class: "number" }, make("small", {}, "turn"), String(one.turn)),
    make("div", {},
      make("p", { class: "note", dir: "auto" }, one.key),
      make("p", { class: "said asked", dir: "auto" }, make("span", { class: "who" }, "Question "), pieces(one.question)),
      make("p", { class: "said", dir: "auto" }, make("span", { class: "who" }, "Truth "), pieces(one.truth)),
      make("div", { class: "answers" }, model.runs.map((run, n) => answer(run, one.answers[n], one.about[n])))));

  const show = async (area, model, name) => {
    const number = ++asked;
    try {
      const video = await sama.load(name);
      if (number !== asked) return; // another one was chosen in the meantime
      area.replaceChildren(
        ...(video.things.length ? [make("div", { class: "card strips" }, video.things.map(strip(model, video)))] : []),
        make("ol", { class: "turns" }, video.turns.map(turn(model))));
      sama.reachable(area);
    } catch (problem) {
      if (number === asked) area.replaceChildren(make("p", { class: "error" }, `${problem.message}: was the folder copied whole?`));
    }
  };

  const section = (models) => {
    const [above, area] = [make("div", {}), make("div", {})];
    const which = make("select", { id: "dialogue-model" }, models.map((model, n) => make("option", { value: n }, `${model.model}: ${model.runs.map((run) => run.history).join(", ")}`)));
    const video = make("select", { id: "dialogue-video" });
    const choose = () => show(area, models[which.value], video.value);
    const model = () => {
      const chosen = models[which.value];
      above.replaceChildren(effects(chosen));
      video.replaceChildren(...chosen.videos.map(([name, file]) => make("option", { value: file }, name)));
      if (chosen.videos.length) choose();
      else area.replaceChildren();
    };
    which.addEventListener("change", model);
    video.addEventListener("change", choose);
    window.addEventListener("resize", () => sama.reachable(area));
    const found = make("section", { id: "dialogues", "aria-labelledby": "dialogues-title" },
      make("div", { class: "bar" }, make("h2", { id: "dialogues-title" }, "Dialogues"),
        make("label", {}, "Model ", which)),
      above,
      make("div", { class: "bar" }, make("label", {}, "Turns of video ", video),
        make("span", { class: "note" }, "those in which histories change most")),
      area);
    model();
    return found;
  };

  /** Put the part about dialogues behind the plots, where a run has a history. */
  const place = (models) => {
    const plots = sama.byId("plots");
    if (!models || !models.length || !plots) return;
    plots.after(section(models));
    const link = document.querySelector('.top nav a[href="#plots"]');
    if (link) link.after(make("a", { href: "#dialogues" }, "Dialogues"));
  };

  return { place };
})();
sama.dialogues.place(sama.get("dialogues"));
