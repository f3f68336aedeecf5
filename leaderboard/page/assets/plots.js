"use strict";
// The plots, as pictures: a script in a picture does not run, whatever names are in it.
sama.plots = {
  show(board) {
    const { make, byId } = sama;
    byId("plots").hidden = board.plots.length === 0;
    byId("plot-grid").append(...board.plots.map((plot) =>
      make("figure", { class: plot.file.startsWith("scores") ? "card broad" : "card" },
        make("figcaption", {}, make("strong", {}, plot.title), make("span", { class: "note" }, plot.told)),
        make("img", { src: `page/${plot.file}`, alt: `${plot.title}. ${plot.told}`, loading: "lazy" }))));
  },
};
