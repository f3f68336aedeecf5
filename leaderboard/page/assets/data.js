"use strict";
// The data that the scripts in page/ bring, loaded when it is needed; and the one way in which elements are made.
const sama = (() => {
  const known = new Map();
  const waiting = new Map();

  /** Called by the data files. */
  const put = (name, value) => {
    known.set(name, value);
    for (const [take] of waiting.get(name) || []) take(value);
    waiting.delete(name);
  };

  /** A promise of what the file page/NAME.js brings; rejected where the file is not there. */
  const load = (name) => {
    if (known.has(name)) return Promise.resolve(known.get(name));
    return new Promise((take, fail) => {
      const others = waiting.get(name);
      if (others) {
        others.push([take, fail]);
        return;
      }
      waiting.set(name, [[take, fail]]);
      const script = document.createElement("script");
      script.src = `page/${name}.js`;
      script.onerror = () => {
        for (const [, refuse] of waiting.get(name) || []) refuse(new Error(`page/${name}.js cannot be read`));
        waiting.delete(name);
      };
      document.head.append(script);
    });
  };

  /** An element; children are elements or texts, and texts stay texts. */
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === false || value === null || value === undefined) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name.startsWith("--")) element.style.setProperty(name, value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(9).filter((one) => one !== null && one !== undefined && one !== ""));
    return element;
  };

  /** Number the regions of an element that are called the same: each has to be found by its name. */
  const tellApart = (element) => {
    const counts = new Map();
    for (const region of element.querySelectorAll("[role=region][aria-label]")) {
      const label = region.getAttribute("aria-label");
      counts.set(label, (counts.get(label) || 0) + 1);
      if (counts.get(label) > 1) region.setAttribute("aria-label", `${label} (${counts.get(label)})`);
    }
  };

  /** Let texts that are longer than their place be scrolled by key, too. */
  const reachable = (element) => {
    for (const said of element.querySelectorAll(".said"))
      if (said.scrollHeight > said.clientHeight) said.tabIndex = 0;
      else said.removeAttribute("tabindex");
  };

  const percent = (value, digits = 1) => (100 * value).toFixed(digits);
  const byId = (id) => document.getElementById(id);
  return { put, load, make, tellApart, reachable, percent, byId, get: (name) => known.get(name) };
})();
