"use strict";
// The plots, as pictures: a script in a picture does not run, whatever names are in it.
sama.plots = {
  show(board) {
    sama.byId("plots").hidden = board.plots.length === 0;
    sama.byId("plot-grid").append(...board.plots.map(figure));
    function figure(plot) {
      const { make } = sama;
      const picture = make("img", { src: `page/${plot.file}`, alt: `${plot.title}. ${plot.told}`, loading: "lazy" });
      const title = make("figcaption", {}, make("strong", {}, plot.title), make("span", { class: "note" }, plot.told));
      if (!plot.file.startsWith("scores")) return make("figure", { class: "card" }, title, picture);
      // A row of plots that a narrow window moves to see the rest of it.
      const row = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": plot.title }, picture);
      return make("figure", { class: "card broad" }, title, row);
    }
  },
};
