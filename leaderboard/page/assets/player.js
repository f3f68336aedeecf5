"use strict";
// Frames that play, with masks over them: one clock for all panels of a question.
sama.player = (() => {
  const { make, masks } = sama;
  const SCALE = 2;
  const PAUSE = 125; // milliseconds between frames
  const shown = { referents: true, truth: true, predicted: true, fill: true };
  let current = null;
  // A question plays when it is opened, unless the reader likes things still, or stopped the one before.
  let playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;

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

  const drawable = (image) => image && image.complete && image.naturalWidth;

  /** The place of a frame among the sharp ones; -1 where it has none, or where not all have one while it plays. */
  const sharpPlace = ({ sharp, timer, clip }, frame) =>
    sharp && !(timer && sharp.places.length < clip.frames.length) ? sharp.places.indexOf(frame) : -1;

  /** What is drawn of a frame: its picture and its masks, sharp ones where the screen is full and they have come. */
  const layer = (player) => {
    const { clip, frame, images, sharp } = player;
    const place = sharpPlace(player, frame);
    if (place >= 0) {
      sharp.images[place] = sharp.images[place] || sharpPicture(player, place);
      if (drawable(sharp.images[place])) return { source: sharp, place, image: sharp.images[place] };
    }
    return { source: clip, place: frame, image: images[frame] };
  };

  const sharpPicture = (player, place) => {
    const image = picture(player.sharp.frames[place]);
    image.addEventListener("load", () => { if (current === player && player.sharp && player.sharp.places[place] === player.frame) draw(player); });
    return image;
  };

  const draw = (player) => {
    const { source, place, image } = layer(player);
    const base = player.sharp || player.clip;
    for (const { canvas, answer } of player.panels) {
      if (canvas.width !== base.size[0] * SCALE) [canvas.width, canvas.height] = base.size.map((side) => side * SCALE);
      const context = canvas.getContext("2d");
      context.setTransform(canvas.width / source.size[0], 0, 0, canvas.height / source.size[1], 0, 0);
      context.clearRect(0, 0, ...source.size);
      if (drawable(image)) {
        context.drawImage(image, 0, 0, ...source.size);
        canvas.dataset.frame = player.frame;
      }
      canvas.dataset.sharp = source === player.sharp;
      const own = answer && (source === player.clip ? answer : source.answers.find((other) => other.run === answer.run)) || answer;
      overlay(context, source, own, place, Math.max(1, source.size[0] / player.clip.size[0] / 1.3));
    }
    player.told();
  };

  const overlay = (context, source, answer, frame, unit) => {
    const filled = (share) => (shown.fill ? share : 0);
    if (shown.truth) masks.draw(context, source.tracks, frame, source.size, { fill: filled(answer ? 0.16 : 0.42), double: true, unit });
    if (shown.predicted && answer) {
      masks.draw(context, answer.tracks || [], frame, source.size, { fill: filled(0.42), unit });
      for (const [place, colour, ...box] of answer.boxes || [])
        if (place === frame) {
          context.lineWidth = 1.5 * unit;
          context.strokeStyle = colour;
          context.strokeRect(...box);
        }
    }
    if (shown.referents)
      masks.draw(context, source.regions, frame, source.size, { name: (n) => (source.regions.length === 1 ? "mask" : `mask ${n + 1}`), unit });
  };

  /** Go to a frame; after the last comes the first. */
  const go = (frame) => {
    if (!current) return;
    current.frame = (frame + current.clip.frames.length) % current.clip.frames.length;
    draw(current);
  };

  /** Stop the clock. On a full screen it then stands on the nearest frame that is sharp. */
  const stop = () => {
    if (!current || !current.timer) return;
    clearInterval(current.timer);
    current.timer = null;
    if (current.sharp) settle();
    current.told();
    current.moved();
  };

  const settle = () => {
    const { places } = current.sharp;
    go(places.reduce((best, place) => (Math.abs(place - current.frame) < Math.abs(best - current.frame) ? place : best), places[0]));
  };

  const begin = () => {
    current.timer = setInterval(() => go(current.frame + 1), PAUSE);
    current.told();
  };

  const play = () => {
    if (!current) return;
    playing = !current.timer;
    if (playing) begin();
    else stop();
  };

  const toggle = (name) => {
    shown[name] = !shown[name];
    if (!current) return;
    current.boxes[name].checked = name === "fill" ? !shown.fill : shown[name];
    draw(current);
  };

  /** A box with what it shows beside it: the boxes are the legend, too. */
  const box = (name, words, key) => {
    const input = make("input", { type: "checkbox", onchange: () => toggle(name) });
    input.checked = name === "fill" ? !shown.fill : shown[name];
    const swatch = name === "fill" ? null : make("span", { class: `swatch ${name}`, "aria-hidden": "true" }, name === "referents" ? "mask" : "");
    return [input, make("label", { class: "box", title: `key ${key}` }, input, " ", swatch, ` ${words}`)];
  };

  const move = (by) => {
    playing = false;
    stop();
    if (!current) return;
    const { sharp, frame } = current;
    // On a full screen from one sharp frame to the next.
    if (sharp) go(sharp.places[(Math.max(0, sharp.places.indexOf(frame)) + by + sharp.places.length) % sharp.places.length]);
    else go(frame + by);
    current.moved();
  };

  const button = (words, label, press) => make("button", { type: "button", "aria-label": label, title: label, onclick: press }, words);

  const controls = (player, extra) => {
    const start = button("▶", "Play (space)", play);
    const range = make("input", { type: "range", min: 0, max: player.clip.frames.length - 1, value: 0, "aria-label": "Frame",
      oninput: () => { playing = false; stop(); go(Number(range.value)); }, onchange: () => { if (player.sharp) settle(); player.moved(); } });
    const counter = make("output", { class: "counter", "aria-live": "polite" });
    const named = [["referents", "Referent", "r"], ["truth", "Truth", "t"], ["predicted", "Prediction", "p"], ["fill", "Outlines only", "o"]];
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
    const moving = player.clip.frames.length > 1;
    return make("div", { class: "controls", role: "group", "aria-label": "Frames and masks" },
      moving ? make("div", { class: "time" }, make("div", { class: "keys" },
        button("◀", "One frame back (left arrow)", () => move(-1)), start,
        button("▶▏", "One frame on (right arrow)", () => move(1))), range, counter) : null,
      make("div", { class: "boxes" }, boxes.map(([, , label]) => label), extra));
  };

  /** Takes a clip and its panels over; gives the elements of the controls, with `extra` beside the boxes.
      It begins at a frame's number in the video, or plays where that is null; `moved` is called with each stop. */
  const open = (clip, panels, { number = null, moved = () => {}, extra = null } = {}) => {
    close();
    const frame = number === null ? 0 : nearest(clip.numbers, number);
    const player = { clip, panels, frame, timer: null, sharp: null, images: clip.frames.map(picture) };
    player.moved = () => moved(clip.numbers[player.frame]);
    const element = controls(player, extra);
    current = player;
    player.images.forEach((image, n) => image.addEventListener("load", () => { if (current === player && player.frame === n) draw(player); }));
    draw(player);
    if (playing && number === null && clip.frames.length > 1) begin();
    return element;
  };

  const nearest = (numbers, number) =>
    numbers.reduce((best, other, place) => (Math.abs(other - number) < Math.abs(numbers[best] - number) ? place : best), 0);

  /** Show sharp frames of the open clip, or small ones again where `sharp` is null. */
  const sharpen = (clip, sharp) => {
    if (!current || current.clip !== clip) return;
    current.sharp = sharp && { ...sharp, images: [] };
    if (current.sharp && !current.timer) settle();
    else draw(current);
  };

  const close = () => {
    if (current && current.timer) clearInterval(current.timer);
    current = null;
  };

  /** The number in the video of the frame that is shown; null where none is. */
  const number = () => (current ? current.clip.numbers[current.frame] : null);

  return { panel, open, close, play, step: move, toggle, sharpen, number };
})();
