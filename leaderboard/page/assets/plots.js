"use strict";
// The plots, as pictures: a script in a picture does not run, whatever names are in it.
sama.plots = (() => {
  const { make, byId, tellApart } = sama;

  const figure = (plot) => {
    const picture = make("img", { src: `page/${plot.file}`, alt: `${plot.title}. ${plot.told}`, loading: "lazy" });
    const title = make("figcaption", {}, make("strong", {}, plot.title), make("span", { class: "note" }, plot.told));
    if (!plot.title.startsWith("Scores")) return make("figure", { class: "card" }, title, picture);
    // A row of plots that a narrow window moves to see the rest of it.
    const row = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": plot.title }, picture);
    return make("figure", { class: "card broad" }, title, row);
  };

  /** Show the plots of one task of a benchmark. */
  const show = (bench, task) => {
    const own = bench.plots.filter((plot) => plot.tasks.includes(task));
    byId("plots").hidden = own.length === 0;
    byId("plot-grid").replaceChildren(...own.map(figure));
    tellApart(byId("plot-grid"));
  };

  return { show };
})();
