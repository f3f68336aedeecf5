"use strict";
// The leaderboard: a table for each task and way in which numbers were made, ranked, sorted by any column.
sama.tables = (() => {
  const { make, percent, byId, state, tellApart } = sama;
  const MANY = { wide: 12, narrow: 3 }; // rows before "Show all", on a screen and on a phone

  const value = (cell) => (cell && cell.value !== undefined ? cell.value : null);
  const written = (cell) => Number(percent(cell.value, 2));

  /** A value with its marks, half of its interval below, and in the column that ranks the interval as a bar. */
  const number = (cell, scale, column) => {
    const kind = column.shown ? "" : " extra";
    if (value(cell) === null) {
      const why = (cell && cell.why) || "no value";
      return make("td", { class: `empty${kind}`, title: why }, "–", make("span", { class: "hidden" }, ` ${why}`));
    }
    const [figure, ...marks] = cell.text.split(" ");
    const about = [cell.ends, cell.why].filter(Boolean).join("; ");
    const standing = cell.best ? "best" : cell.second ? "second" : "";
    return make("td", { class: `${standing}${kind}`.trim() || false, title: about || false },
      make(cell.best ? "strong" : "span", { class: "value" }, figure, marks.length ? make("span", { class: "marks" }, ` ${marks.join(" ")}`) : null),
      cell.half ? make("span", { class: "half" }, cell.half) : null, column.leads ? range(cell, scale) : null);
  };

  const range = (cell, scale) => {
    const bar = make("span", { class: "range", "aria-hidden": "true" });
    if (!cell.interval || cell.value > scale) {
      bar.classList.add("none");
      return bar;
    }
    const [low, high] = cell.interval.map((end) => Math.min(100, (100 * end) / scale));
    bar.style.setProperty("--low", `${low}%`);
    bar.style.setProperty("--wide", `${Math.max(1, high - low)}%`);
    bar.style.setProperty("--at", `${Math.min(100, (100 * cell.value) / scale)}%`);
    return bar;
  };

  const byName = (row, other) => row.model.localeCompare(other.model);

  /** The rows by a column, or by name where `place` is -1; who is shown the truth comes last, before it who has no value. */
  const order = (rows, place, higher) =>
    [...rows].sort((row, other) => {
      if (row.truth !== other.truth) return row.truth - other.truth;
      if (place < 0) return byName(row, other) * (higher ? -1 : 1);
      const [first, second] = [value(row.cells[place]), value(other.cells[place])];
      if (first === null || second === null) return (first === null) - (second === null);
      return higher ? second - first : first - second;
    });

  /** The rank of each row in a column, alike where the written values are; "" where it is not ranked. */
  const ranks = (rows, place, higher) => {
    const competing = rows.filter((row) => !row.truth && value(row.cells[place]) !== null).map((row) => written(row.cells[place]));
    return new Map(rows.map((row) => {
      if (row.truth || value(row.cells[place]) === null) return [row, ""];
      const own = written(row.cells[place]);
      return [row, String(1 + competing.filter((other) => (higher ? other > own : other < own)).length)];
    }));
  };

  /** A model's name; the arguments behind it in smaller letters. */
  const named = (model) => {
    const [, name, settings] = model.match(/^(.+?) (\(.*\))$/s) || [null, model, ""];
    return [name, settings ? [" ", make("span", { class: "settings" }, settings)] : null];
  };

  const heading = (row, alone) =>
    make("th", { scope: "row", dir: "auto" },
      row.link
        ? make("a", { class: "model", href: row.link, rel: "noreferrer", title: row.model }, named(row.model))
        : make("span", { class: "model", title: row.run ? `${row.model} · ${row.run}` : row.model }, named(row.model)),
      row.truth ? make("span", { class: "badge" }, "† shown the truth") : null,
      row.unanswered ? make("span", { class: "badge warn" }, row.unanswered) : null,
      row.source ? make("a", { class: "badge reported", href: row.source.link, title: row.source.text, rel: "noreferrer" }, "§ reported") : null,
      row.run && !alone ? make("span", { class: "run", dir: "auto" }, row.run) : null);

  const body = (table, rows, place, higher) => {
    const ranking = table.rows.filter((row) => !row.truth);
    const most = table.columns.map((_, n) => Math.max(1e-9, ...(ranking.length ? ranking : table.rows).map((row) => {
      const cell = row.cells[n];
      return cell && cell.interval ? cell.interval[1] : value(cell) || 0;
    })));
    const ranked = ranks(rows, place, higher);
    return rows.map((row, n) => {
      const alone = table.rows.filter((other) => other.model === row.model).length === 1;
      const beyond = [n >= MANY.wide ? "beyond" : "", n >= MANY.narrow ? "beyond-narrow" : ""].filter(Boolean).join(" ");
      return make("tr", { class: `${row.truth ? "truth" : ""} ${beyond}`.trim() || false },
        make("td", { class: "rank" }, ranked.get(row)), heading(row, alone),
        row.cells.map((cell, column) => number(cell, most[column], table.columns[column])));
    });
  };

  /** The rows of others stand below a rule, and stay there however the table is sorted. */
  const others = (table) => table.reported.length
    ? make("tbody", { class: "reported" },
      table.rows.length
        ? make("tr", {}, make("th", { scope: "rowgroup", colspan: table.columns.length + 2 }, "Reported by others: not measured here, not ranked"))
        : null,
      table.reported.map((row) => make("tr", {}, make("td", { class: "rank" }), heading(row, true),
        row.cells.map((cell, n) => number(cell, 1, { ...table.columns[n], leads: false })))))
    : null;

  /** A row of the protocols' names above the columns, where there are several. */
  const protocols = (table) => {
    const groups = [];
    for (const column of table.columns) {
      const last = groups[groups.length - 1];
      if (last && last.name === column.protocol) last.count++;
      else groups.push({ name: column.protocol, count: 1 });
    }
    if (groups.length < 2) return null;
    return make("tr", { class: "protocols extra" }, make("td", { colspan: 2 }), groups.map((group) =>
      make("th", { scope: "colgroup", colspan: group.count }, make("span", {}, `${group.name} protocol`))));
  };

  const headers = (table, sort) => {
    const header = (name, place, higher, kind) =>
      make("th", { scope: "col", class: kind, "aria-sort": "none", "data-place": place },
        make("button", { type: "button", onclick: () => sort(place, higher) }, name));
    return make("tr", {}, make("th", { scope: "col", class: "rank" }, make("abbr", { title: "rank" }, "#")), header("Model", -1, false, false),
      table.columns.map((column, n) => header(column.heading, n, column.higher, column.shown ? false : "extra")));
  };

  const notes = (table) => {
    const remarks = [...table.rows, ...table.reported].flatMap((row) =>
      row.remarks.map((remark) => make("p", { class: "note", dir: "auto" }, make("b", {}, row.model), ` ${remark}`)));
    const marks = table.notes.map((note) => make("p", { class: "note" }, note));
    const signatures = table.signatures.map(([protocol, signature]) =>
      make("p", { class: "note" }, `${protocol} `, make("code", { dir: "ltr" }, signature)));
    const all = [...marks, ...remarks, ...signatures];
    return all.length ? make("details", { class: "notes" }, make("summary", {}, "Marks and signature"), all) : null;
  };

  const keyOf = (column) => `${column.protocol}/${column.name}`;

  /** The place and the direction that the link names, else those that rank. */
  const sorting = (table) => {
    const [, down, key] = (state.get("sort") || "").match(/^(-?)(.*)$/);
    const place = table.columns.findIndex((column) => keyOf(column) === key);
    if (place >= 0) return [place, down ? !table.columns[place].higher : table.columns[place].higher];
    return [table.lead, table.lead < 0 ? false : table.columns[table.lead].higher];
  };

  const shown = (table, label) => {
    const columns = table.columns.map((column, n) => ({ ...column, leads: n === table.lead }));
    const own = { ...table, columns };
    const rows = make("tbody", {});
    let [last, down] = sorting(own);
    const draw = () => {
      for (const header of head.querySelectorAll("[aria-sort]"))
        header.setAttribute("aria-sort", Number(header.dataset.place) === last ? (down ? "descending" : "ascending") : "none");
      const ranking = last < 0 ? own.lead : last;
      rows.replaceChildren(...body(own, order(own.rows, last, down), ranking, ranking < 0 || columns[ranking].higher));
    };
    const sort = (place, higher) => {
      [last, down] = [place, last === place ? !down : higher];
      state.set({ sort: place < 0 ? null : `${down === columns[place].higher ? "" : "-"}${keyOf(columns[place])}` });
      draw();
    };
    const head = make("thead", {}, protocols(own), headers(own, sort));
    draw();
    const title = make("caption", {}, make("strong", {}, label ? `${label} · ${table.title}` : table.title), ` ${table.scope}`);
    const unlike = table.differs ? make("p", { class: "note unlike", dir: "auto" }, table.differs) : null;
    const board = make("div", { class: "board" }, unlike,
      make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${table.title}, ${table.scope}` },
        make("table", {}, title, head, rows, others(own))));
    if (own.rows.length > MANY.narrow)
      board.append(make("button", { type: "button", class: `rows${own.rows.length > MANY.wide ? "" : " narrow"}`,
        onclick: (event) => { board.classList.add("all-rows"); event.currentTarget.remove(); } }, `Show all ${own.rows.length} runs`));
    board.append(make("p", { class: "note paper" }, own.notes.join("; ")), ...[notes(own)].filter(Boolean));
    return board;
  };

  /** A table with the columns of a breakdown, for one part of the questions; null where no run has it. */
  const partly = (table, breakdowns, dimension, part) => {
    const ofRow = (row, protocol) => ((((breakdowns[row.run] || {})[protocol] || {})[table.task] || {})[dimension] || [])
      .find((cell) => cell.part === part);
    const names = [...new Set(table.columns.map((column) => column.protocol))];
    const byProtocol = new Map(names.map((name) => [name, table.rows.map((row) => ofRow(row, name))]));
    const sizes = [...byProtocol.values()].flat().find(Boolean);
    if (!sizes) return null;
    const has = (column) => byProtocol.get(column.protocol).some((cell) => cell && cell.mean[column.name] !== undefined);
    const columns = table.columns.filter(has);
    const rows = table.rows.map((row, n) => ({ ...row, cells: columns.map((column) => cellOf(byProtocol.get(column.protocol)[n], column.name)) }));
    const lead = columns.indexOf(table.columns[table.lead]);
    const some = columns.some((column) => column.shown) ? columns : columns.map((column) => ({ ...column, shown: true }));
    return { ...table, columns: some, lead: lead < 0 ? 0 : lead, rows: marked(rows, columns), reported: [],
      scope: `${dimension}: ${part} · ${sizes.questions} questions of ${sizes.videos} videos, percent` };
  };

  const cellOf = (cell, name) => {
    if (!cell) return { why: sama.get("board").public ? "not known by part" : "scored without breakdowns: sama-bench score RUN --breakdowns" };
    if (cell.mean[name] === undefined) return { why: "undefined: no question of this part has a value" };
    const ends = cell.interval && cell.interval[name];
    return {
      value: cell.mean[name], text: percent(cell.mean[name], 2), interval: ends || null,
      half: ends ? `±${percent((ends[1] - ends[0]) / 2, 2)}` : "",
      ends: ends ? `[${percent(ends[0], 2)}, ${percent(ends[1], 2)}]` : "",
    };
  };

  /** Marks the best, the second, and who lies within the best one's interval, as in the tables of all questions. */
  const marked = (rows, columns) => {
    columns.forEach((column, n) => {
      const cells = rows.filter((row) => !row.truth).map((row) => row.cells[n]).filter((cell) => value(cell) !== null);
      if (cells.length < 2) return;
      const [first, second] = [...new Set(cells.map(written))].sort((a, b) => (column.higher ? b - a : a - b));
      for (const cell of cells) [cell.best, cell.second] = [written(cell) === first, written(cell) === second];
      const holds = (cell, value) => cell.best && cell.interval && cell.interval[0] <= value && value <= cell.interval[1];
      for (const cell of cells)
        if (!cell.best && cells.some((other) => holds(other, cell.value))) cell.text += " ≈";
    });
    return rows;
  };

  /** The parts that any run of these tables was scored for, by dimension. */
  const partsOf = (tables, breakdowns) => {
    const parts = new Map();
    for (const table of tables)
      for (const row of table.rows)
        for (const tasks of Object.values(breakdowns[row.run] || {}))
          for (const [dimension, all] of Object.entries(tasks[table.task] || {}))
            for (const { part } of all) parts.set(JSON.stringify([dimension, part]), [dimension, part]);
    return parts;
  };

  const choices = (select, parts) => {
    const groups = new Map();
    for (const [key, [dimension, part]] of parts) {
      if (!groups.has(dimension)) groups.set(dimension, make("optgroup", { label: dimension }));
      groups.get(dimension).append(make("option", { value: key }, `${dimension}: ${part}`));
    }
    select.replaceChildren(make("option", { value: "" }, "all"), ...groups.values());
    const asked = state.get("part") || "";
    select.value = parts.has(asked) ? asked : "";
    byId("part-label").hidden = parts.size === 0;
  };

  /** The button that shows all columns, or again those that lead. */
  const columnsButton = (tables) => {
    const count = Math.max(0, ...tables.map((table) => table.columns.length));
    if (!tables.some((table) => table.columns.some((column) => !column.shown))) return null;
    const button = make("button", { type: "button", id: "columns", onclick: () => {
      state.set({ columns: byId("stage").classList.contains("all-columns") ? null : "all" });
      paint();
    } });
    const paint = () => {
      const all = state.get("columns") === "all";
      byId("stage").classList.toggle("all-columns", all);
      button.textContent = all ? "Fewer columns" : `All ${count} columns`;
      button.setAttribute("aria-expanded", all ? "true" : "false");
    };
    paint();
    return button;
  };

  /** Show the tables of one task of a benchmark; those of all others are on paper only. */
  const show = (bench, task) => {
    const board = sama.get("board");
    const own = bench.tables.filter((table) => table.task === task);
    const select = byId("part");
    const elsewhere = board.benches.flatMap((other) => other.tables.filter((table) => !own.includes(table))
      .map((table) => shown(table, board.benches.length > 1 ? other.label : "")));
    const draw = () => {
      const [dimension, part] = select.value ? JSON.parse(select.value) : [null, null];
      const tables = select.value ? own.map((table) => partly(table, board.breakdowns, dimension, part)).filter(Boolean) : own;
      const old = byId("columns");
      if (old) old.remove();
      byId("stage").classList.remove("all-columns");
      const button = columnsButton(tables);
      if (button) byId("part-label").after(button);
      byId("tables").replaceChildren(...(tables.length ? tables.map((table) => shown(table, "")) : [make("p", { class: "note" }, "No run has a number of this task.")]));
      byId("tables").append(make("div", { class: "paper" }, elsewhere));
      tellApart(byId("tables"));
    };
    choices(select, partsOf(own, board.breakdowns));
    select.onchange = () => { state.set({ part: select.value }); draw(); };
    draw();
  };

  return { show };
})();
