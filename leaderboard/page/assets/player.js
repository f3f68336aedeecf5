"use strict";
// Frames that play, with masks over them: one clock for all panels of a question.
sama.player = (() => {
  const { make, masks } = sama;
  const SCALE = 2;
  const PAUSE = 125; // milliseconds between frames
  const shown = { referents: true, truth: true, predicted: true, fill: true };
  let current = null;

  const picture = (address) => {
    const image = new Image();
    image.src = address;
    image.decoding = "async";
    return image;
  };

  /** A canvas for what a run answered, or for the truth where `answer` is null. */
  const panel = (clip, answer, name) => {
    const [width, height] = clip.size;
    const canvas = make("canvas", { width: width * SCALE, height: height * SCALE, role: "img", "aria-label": name });
    return { canvas, answer };
  };

  const draw = (player) => {
    const { clip, frame, images } = player;
    const image = images[frame];
    for (const { canvas, answer } of player.panels) {
      const context = canvas.getContext("2d");
      context.setTransform(SCALE, 0, 0, SCALE, 0, 0);
      context.clearRect(0, 0, ...clip.size);
      if (image.complete && image.naturalWidth) {
        context.drawImage(image, 0, 0, ...clip.size);
        canvas.dataset.frame = frame;
      }
      overlay(context, clip, answer, frame);
    }
    player.told();
  };

  const overlay = (context, clip, answer, frame) => {
    const filled = (share) => (shown.fill ? share : 0);
    if (shown.truth) masks.draw(context, clip.tracks, frame, clip.size, { fill: filled(answer ? 0.16 : 0.42), double: true });
    if (shown.predicted && answer) {
      masks.draw(context, answer.tracks || [], frame, clip.size, { fill: filled(0.42) });
      for (const [place, colour, ...box] of answer.boxes || [])
        if (place === frame) {
          context.lineWidth = 1.5;
          context.strokeStyle = colour;
          context.strokeRect(...box);
        }
    }
    if (shown.referents)
      masks.draw(context, clip.regions, frame, clip.size, { name: (n) => (clip.regions.length === 1 ? "mask" : `mask ${n + 1}`) });
  };

  /** Go to a frame; after the last comes the first. */
  const go = (frame) => {
    if (!current) return;
    current.frame = (frame + current.clip.frames.length) % current.clip.frames.length;
    draw(current);
  };

  const stop = () => {
    if (current && current.timer) {
      clearInterval(current.timer);
      current.timer = null;
      current.told();
    }
  };

  const play = () => {
    if (!current) return;
    if (current.timer) stop();
    else {
      current.timer = setInterval(() => go(current.frame + 1), PAUSE);
      current.told();
    }
  };

  const toggle = (name) => {
    shown[name] = !shown[name];
    if (!current) return;
    current.boxes[name].checked = name === "fill" ? !shown.fill : shown[name];
    draw(current);
  };

  const box = (name, words, key) => {
    const input = make("input", { type: "checkbox", onchange: () => toggle(name) });
    input.checked = name === "fill" ? !shown.fill : shown[name];
    return [input, make("label", { class: "box", title: `key ${key}` }, input, ` ${words}`)];
  };

  const controls = (player) => {
    const button = (words, label, press) => make("button", { type: "button", "aria-label": label, title: label, onclick: press }, words);
    const start = button("▶", "Play (space)", play);
    const range = make("input", { type: "range", min: 0, max: player.clip.frames.length - 1, value: 0, "aria-label": "Frame",
      oninput: () => { stop(); go(Number(range.value)); } });
    const counter = make("output", { class: "counter", "aria-live": "polite" });
    const named = [["referents", "Referents", "r"], ["truth", "Truth", "t"], ["predicted", "Predicted", "p"], ["fill", "Outline only", "o"]];
    const boxes = named.map(([name, words, key]) => [name, ...box(name, words, key)]);
    player.boxes = Object.fromEntries(boxes.map(([name, input]) => [name, input]));
    player.told = () => {
      const { frame, clip, timer } = player;
      range.value = frame;
      range.setAttribute("aria-valuetext", `frame ${clip.numbers[frame]} of ${clip.of}`);
      counter.setAttribute("aria-live", timer ? "off" : "polite");
      counter.textContent = `frame ${clip.numbers[frame]} of ${clip.of}`;
      start.textContent = timer ? "❚❚" : "▶";
      start.setAttribute("aria-label", timer ? "Pause (space)" : "Play (space)");
    };
    return make("div", { class: "controls", role: "group", "aria-label": "Frames and masks" },
      make("div", { class: "keys" },
        button("◀", "One frame back (left arrow)", () => { stop(); go(player.frame - 1); }), start,
        button("▶▏", "One frame on (right arrow)", () => { stop(); go(player.frame + 1); })),
      range, counter, make("div", { class: "boxes" }, boxes.map(([, , label]) => label)));
  };

  /** Takes a clip and its panels over; gives the elements of the controls. */
  const open = (clip, panels) => {
    close();
    const player = { clip, panels, frame: 0, timer: null, images: clip.frames.map(picture) };
    const element = controls(player);
    current = player;
    player.images.forEach((image, n) => image.addEventListener("load", () => { if (current === player && player.frame === n) draw(player); }));
    draw(player);
    return element;
  };

  const close = () => { stop(); current = null; };

  const step = (by) => { stop(); if (current) go(current.frame + by); };

  return { panel, open, close, play, step, toggle };
})();
