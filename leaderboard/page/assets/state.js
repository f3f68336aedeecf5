"use strict";
// What the reader looks at, as a link holds it: benchmark, task, question, runs, order, filters, frame, columns.
sama.state = (() => {
  const OLD = /^#question-(\d+)$/; // links of earlier versions name a question by its number
  let state = {};

  const parse = (hash) => {
    const old = hash.match(OLD);
    if (old) return { number: Number(old[1]) };
    return hash.includes("=") ? Object.fromEntries(new URLSearchParams(hash.slice(1))) : null;
  };

  /** The link of a state; what is '' or unset is left out. */
  const link = (values) => {
    const told = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
    return `#${new URLSearchParams(told)}`;
  };

  /** What the address says now; null where it says nothing of a state, as that of a part of the page. */
  const read = () => {
    const read = parse(location.hash);
    if (read) state = read;
    return read;
  };

  /** Remember values, and put them into the address without a step in the browser's history. */
  const set = (values) => {
    const { number, ...known } = state;
    state = { ...known, ...values };
    history.replaceState(null, "", link(state));
  };

  /** The whole address, for others. */
  const address = () => `${location.href.split("#")[0]}${link(state)}`;

  return { read, set, address, get: (name) => state[name] };
})();
