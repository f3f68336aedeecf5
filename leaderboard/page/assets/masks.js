"use strict";
// Masks: COCO's compressed run lengths, decoded and drawn.
sama.masks = (() => {
  /** The run lengths of COCO's compressed string, the first one of zeros, column by column. */
  const runs = (text) => {
    const found = [];
    for (let at = 0; at < text.length;) {
      let value = 0, shift = 0, digit;
      do {
        digit = text.charCodeAt(at++) - 48;
        value |= (digit & 31) << shift;
        shift += 5;
      } while (digit & 32);
      if (digit & 16) value |= -1 << shift;
      if (found.length > 2) value += found[found.length - 2];
      found.push(value);
    }
    return found;
  };

  /** One byte a pixel, row by row; 1 in the mask. */
  const decode = (text, width, height) => {
    const pixels = new Uint8Array(width * height);
    let place = 0, inside = false;
    for (const length of runs(text)) {
      if (inside)
        for (let end = place + length, at = place; at < end; at++)
          pixels[(at % height) * width + Math.floor(at / height)] = 1;
      place += length;
      inside = !inside;
    }
    return pixels;
  };

  const edge = (pixels, width, height) => {
    const path = new Path2D();
    const at = (x, y) => x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x];
    for (let y = 0; y <= height; y++)
      for (let x = 0; x <= width; x++) {
        if (Boolean(at(x, y)) !== Boolean(at(x, y - 1))) { path.moveTo(x, y); path.lineTo(x + 1, y); }
        if (Boolean(at(x, y)) !== Boolean(at(x - 1, y))) { path.moveTo(x, y); path.lineTo(x, y + 1); }
      }
    return path;
  };

  const fill = (pixels, width, height, colour) => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    for (let n = 0; n < pixels.length; n++)
      if (pixels[n]) image.data.set([red, green, blue, 255], 4 * n);
    context.putImageData(image, 0, 0);
    return canvas;
  };

  const kept = new WeakMap();

  /** What is to be drawn of a track in a frame: its area, edge, filling and topmost point; null where it is empty. */
  const shape = (track, frame, width, height) => {
    if (!track.masks[frame]) return null;
    if (!kept.has(track)) kept.set(track, []);
    const own = kept.get(track);
    if (!own[frame]) {
      const pixels = decode(track.masks[frame], width, height);
      const first = pixels.indexOf(1);
      own[frame] = {
        area: pixels.reduce((sum, one) => sum + one, 0),
        edge: edge(pixels, width, height),
        fill: fill(pixels, width, height, track.colour),
        top: [first % width, Math.floor(first / width)],
      };
    }
    return own[frame];
  };

  /** Draws tracks on a context that is scaled to small pixels; larger ones lie below. `how`: share of the filling, a double line, names, and the width of a unit in pixels. */
  const draw = (context, tracks, frame, [width, height], how) => {
    const shapes = tracks
      .map((track, n) => ({ track, n, shape: shape(track, frame, width, height) }))
      .filter((one) => one.shape)
      .sort((one, other) => other.shape.area - one.shape.area);
    for (const { track, n, shape: own } of shapes) {
      if (how.fill) {
        context.globalAlpha = how.fill;
        context.drawImage(own.fill, 0, 0);
        context.globalAlpha = 1;
      }
      context.lineCap = "round";
      for (const [wide, colour] of how.double ? [[2.6, track.colour], [0.8, "#ffffff"]] : [[2.2, "#ffffffcc"], [1.3, track.colour]]) {
        context.lineWidth = wide * how.unit;
        context.strokeStyle = colour;
        context.stroke(own.edge);
      }
      if (how.name) label(context, how.name(n), own.top, track.colour, width, how.unit);
    }
  };

  const label = (context, text, [x, y], colour, width, unit) => {
    context.font = `600 ${9 * unit}px system-ui, sans-serif`;
    const wide = context.measureText(text).width + 6 * unit;
    const left = Math.min(Math.max(0, x - wide / 2), width - wide), top = Math.max(0, y - 14 * unit);
    context.fillStyle = colour;
    context.fillRect(left, top, wide, 12 * unit);
    context.fillStyle = sama.masks.ink(colour);
    context.fillText(text, left + 3 * unit, top + 9 * unit);
  };

  /** The relative luminance of a colour, as WCAG 2 defines it. */
  const luminance = (colour) => {
    const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
    const [red, green, blue] = parts.map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  /** Black or white, whichever has more contrast with a colour. */
  const ink = (colour) => {
    const ground = luminance(colour) + 0.05;
    return ground / (luminance("#14161a") + 0.05) > 1.05 / ground ? "#14161a" : "#ffffff";
  };

  return { draw, ink, decode };
})();
