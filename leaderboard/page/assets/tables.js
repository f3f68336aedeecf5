"use strict";
// The leaderboard: one table for each way in which numbers were made, sorted by any column.
sama.tables = (() => {
  const { make, percent, byId } = sama;

  const value = (cell) => (cell && cell.value !== undefined ? cell.value : null);

  const number = (cell, scale) => {
    if (value(cell) === null) {
      const why = (cell && cell.why) || "no value";
      return make("td", { class: "empty", title: why }, "–", make("span", { class: "hidden" }, ` ${why}`));
    }
    const shown = make("span", { class: "value" }, cell.text);
    const about = [cell.ends, cell.why].filter(Boolean).join("; ");
    const bar = make("span", { class: "range", "aria-hidden": "true" });
    if (cell.interval) {
      const [low, high] = cell.interval.map((end) => Math.min(100, (100 * end) / scale));
      if (cell.value > scale) bar.classList.add("none");
      bar.style.setProperty("--low", `${low}%`);
      bar.style.setProperty("--wide", `${Math.max(1, high - low)}%`);
      bar.style.setProperty("--at", `${Math.min(100, (100 * cell.value) / scale)}%`);
    } else bar.classList.add("none");
    const half = make("span", { class: "half" }, cell.half || " ");
    return make("td", { class: cell.best ? "best" : cell.second ? "second" : false, title: about || false }, shown, half, bar);
  };

  const order = (rows, place, higher) =>
    [...rows].sort((one, other) => {
      if (place < 0) return one.model.localeCompare(other.model) * (higher ? -1 : 1);
      const [a, b] = [value(one.cells[place]), value(other.cells[place])];
      if (a === null || b === null) return (a === null) - (b === null);
      return higher ? b - a : a - b;
    });

  const heading = (model) =>
    make("th", { scope: "row", dir: "auto" },
      model.link
        ? make("a", { class: "model", href: model.link, rel: "noreferrer" }, model.model)
        : make("span", { class: "model" }, model.model),
      model.truth ? make("span", { class: "badge" }, "† shown the truth") : null,
      model.unanswered ? make("span", { class: "badge warn" }, model.unanswered) : null,
      model.source ? make("a", { class: "badge reported", href: model.source.link, title: model.source.text, rel: "noreferrer" }, "§ reported") : null,
      model.run ? make("span", { class: "run", dir: "auto" }, model.run) : null);

  const body = (table, rows) => {
    const ranking = table.rows.filter((row) => !row.truth);
    const most = table.columns.map((_, n) => Math.max(1e-9, ...(ranking.length ? ranking : table.rows).map((row) => {
      const cell = row.cells[n];
      return cell && cell.interval ? cell.interval[1] : value(cell) || 0;
    })));
    return rows.map((row) =>
      make("tr", { class: row.truth ? "truth" : false }, heading(row), row.cells.map((cell, n) => number(cell, most[n]))));
  };

  /** The rows of others stand below a rule, and stay there however the table is sorted. */
  const others = (table) => table.reported.length
    ? make("tbody", { class: "reported" },
      table.rows.length
        ? make("tr", {}, make("th", { scope: "rowgroup", colspan: table.columns.length + 1 }, "Reported by others: not measured here, not ranked"))
        : null,
      table.reported.map((row) => make("tr", {}, heading(row), row.cells.map((cell) => number(cell, 1)))))
    : null;

  const headers = (table, sort) => {
    const one = (name, place, higher) =>
      make("th", { scope: "col", "aria-sort": "none" },
        make("button", { type: "button", onclick: (event) => sort(place, higher, event.currentTarget) }, name));
    return make("tr", {}, one("Model", -1, false),
      table.columns.map((column, n) => one(column.heading, n, column.higher)));
  };

  const notes = (table) => [
    table.note ? make("p", { class: "note" }, table.note) : null,
    ...[...table.rows, ...table.reported].flatMap((row) =>
      row.remarks.map((remark) => make("p", { class: "note", dir: "auto" }, make("b", {}, row.model), ` ${remark}`))),
    table.signature
      ? make("details", { class: "note" }, make("summary", {}, "Signature"), make("code", { dir: "ltr" }, table.signature)) : null,
  ];

  const shown = (table) => {
    const rows = make("tbody", {});
    rows.append(...body(table, table.rows));
    let last = [null, false];
    const sort = (place, higher, button) => {
      const turned = last[0] === place ? !last[1] : higher;
      last = [place, turned];
      for (const header of head.querySelectorAll("th")) header.setAttribute("aria-sort", "none");
      button.parentElement.setAttribute("aria-sort", turned ? "descending" : "ascending");
      rows.replaceChildren(...body(table, order(table.rows, place, turned)));
    };
    const head = make("thead", {}, headers(table, sort));
    const title = make("caption", {}, make("strong", {}, table.title), ` ${table.scope}`);
    const unlike = table.differs ? make("p", { class: "note unlike", dir: "auto" }, table.differs) : null;
    return make("div", { class: "card board" }, unlike,
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": table.title },
        make("table", {}, title, head, rows, others(table))),
      ...notes(table));
  };

  /** A table with the columns of a breakdown, for one part of the questions; null where no run has it. */
  const partly = (table, breakdowns, dimension, part) => {
    const found = table.rows.map((row) => {
      const parts = ((((breakdowns[row.run] || {})[table.protocol] || {})[table.task] || {})[dimension]) || [];
      return parts.find((one) => one.part === part);
    });
    if (!found.some(Boolean)) return null;
    const names = new Set(found.flatMap((one) => (one ? Object.keys(one.mean) : [])));
    const columns = table.columns.filter((column) => names.has(column.name));
    const rows = table.rows.map((row, n) => ({ ...row, cells: columns.map((column) => cellOf(found[n], column.name)) }));
    const sizes = found.find(Boolean);
    return { ...table, columns, rows: ranked(rows, columns), reported: [], scope: `${dimension}: ${part} · ${sizes.questions} questions of ${sizes.videos} videos, percent` };
  };

  const cellOf = (one, name) => {
    if (!one) return { why: "scored without breakdowns: sama-bench score RUN --breakdowns" };
    if (one.mean[name] === undefined) return { why: "undefined: no question of this part has a value" };
    const ends = one.interval && one.interval[name];
    return {
      value: one.mean[name], text: percent(one.mean[name], 2), interval: ends || null,
      half: ends ? `±${percent((ends[1] - ends[0]) / 2, 2)}` : "",
      ends: ends ? `[${percent(ends[0], 2)}, ${percent(ends[1], 2)}]` : "",
    };
  };

  const ranked = (rows, columns) => {
    columns.forEach((column, n) => {
      const cells = rows.filter((row) => !row.truth).map((row) => row.cells[n]).filter((cell) => value(cell) !== null);
      if (cells.length < 2) return;
      const written = (cell) => Number(percent(cell.value, 2));
      const [first, second] = [...new Set(cells.map(written))].sort((a, b) => (column.higher ? b - a : a - b));
      for (const cell of cells) [cell.best, cell.second] = [written(cell) === first, written(cell) === second];
      const holds = (cell, value) => cell.best && cell.interval && cell.interval[0] <= value && value <= cell.interval[1];
      for (const cell of cells)
        if (!cell.best && cells.some((one) => holds(one, cell.value))) cell.text += " ≈";
    });
    return rows;
  };

  const options = (board) => {
    const found = new Map();
    for (const one of Object.values(board.breakdowns))
      for (const tasks of Object.values(one))
        for (const dimensions of Object.values(tasks))
          for (const [dimension, parts] of Object.entries(dimensions))
            for (const { part } of parts) found.set(JSON.stringify([dimension, part]), [dimension, part]);
    return found;
  };

  const choices = (select, board) => {
    select.append(make("option", { value: "" }, "all"));
    const groups = new Map();
    for (const [key, [dimension, part]] of options(board)) {
      if (!groups.has(dimension)) {
        groups.set(dimension, make("optgroup", { label: dimension }));
        select.append(groups.get(dimension));
      }
      groups.get(dimension).append(make("option", { value: key }, `${dimension}: ${part}`));
    }
    select.disabled = groups.size === 0;
  };

  const show = (board) => {
    const select = byId("part");
    choices(select, board);
    const draw = () => {
      const [dimension, part] = select.value ? JSON.parse(select.value) : [null, null];
      const tables = select.value
        ? board.tables.map((table) => partly(table, board.breakdowns, dimension, part)).filter(Boolean)
        : board.tables;
      byId("tables").replaceChildren(...tables.map(shown));
    };
    byId("part-note").textContent = select.disabled
      ? "By source, number and size of objects, length and visibility: sama-bench score RUN --breakdowns, then report again." : "";
    select.addEventListener("change", draw);
    draw();
  };

  return { show };
})();
