/* The charts: puts the theme's colours into the figures, where var(--name) or var(--name, opacity) becomes the token's
   colour, and filters by what is clicked. */
(() => {
  const TOKEN = /^var\((--[\w-]+)(?:, ([\d.]+))?\)$/;
  const WIDE = ["cost-over-time", "recorded-and-billed"];
  const page = window.usageDash;
  const before = new Map(); // by days that a click went to: the range that was left
  let charts = null;
  let begun = false;

  function colour(text, style) {
    const found = TOKEN.exec(text);
    if (!found) return text;
    const hex = style.getPropertyValue(found[1]).trim();
    if (found[2] === undefined) return hex;
    const alpha = Math.round(Number(found[2]) * 255);
    return hex + alpha.toString(16).padStart(2, "0");
  }

  function coloured(value, style) {
    if (typeof value === "string") return colour(value, style);
    if (Array.isArray(value)) return value.map((item) => coloured(item, style));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, style)]));
  }

  /* The figure as it is drawn in this theme. */
  page.figure = (chart) => {
    const drawn = coloured(charts[chart].figure, getComputedStyle(document.documentElement));
    drawn.layout.meta = charts[chart].figure.layout.meta; // has names, which are no colours whatever they look like
    // A finger on a chart scrolls the page; a mouse zooms in.
    if (window.matchMedia("(pointer: coarse)").matches) drawn.layout.dragmode = false;
    keepZoom(drawn.layout, plot(chart)?.layout);
    return drawn;
  };

  function plot(chart) {
    return document.querySelector(`#${chart} .js-plotly-plot`);
  }

  /* plotly would do this by uirevision, but Dash writes each zoom into the figure, as if it were no viewer's. */
  function keepZoom(next, shown) {
    if (!next.uirevision || shown?.uirevision !== next.uirevision || shown.xaxis.autorange !== false) return;
    Object.assign(next.xaxis, { range: shown.xaxis.range, autorange: false });
  }

  /* What goes where is asked of Dash: figures, what is around them by the end of an id, and which panels are not shown. */
  window.dash_clientside.usage_dash.draw = (sent) => {
    const { no_update: as_it_is, callback_context: context } = window.dash_clientside;
    if (!begun) setTimeout(page.askAgain); // for news, which what the document brought waits for no longer
    begun = true;
    if (!sent) return as_it_is;
    charts = sent;
    document.dispatchEvent(new CustomEvent("charts", { detail: charts }));
    return context.outputs_list.map(({ id, property }) => {
      if (property === "figure") return sent[id] ? page.figure(id) : as_it_is;
      const end = id.lastIndexOf("-");
      const chart = sent[id.slice(0, end)];
      if (property === "hidden") return !chart;
      return chart ? chart[id.slice(end + 1)] : as_it_is;
    });
  };

  /* For print: at once, without waiting for Dash, and as wide as paper has room for; style fits that to its columns. */
  page.redrawNow = ({ onPaper = false } = {}) => {
    for (const chart of Object.keys(charts ?? {})) {
      const shown = plot(chart);
      if (!shown) continue;
      const [width, height] = WIDE.includes(chart) ? [680, 205] : [330, 185];
      const { data, layout } = page.figure(chart);
      window.Plotly.react(shown, data, { ...layout, ...(onPaper ? { width, height } : { autosize: true }) });
      for (const svg of shown.querySelectorAll(".main-svg")) {
        if (onPaper) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
        else svg.removeAttribute("viewBox");
      }
    }
  };

  /* Filters by what stands in a figure for one of its points, bars or slices; once more takes it away. */
  page.filter = (click) => {
    if (!click) return;
    if (click.toggle) page.toggle(click.toggle, click.value);
    else if ("team" in click) page.set({ team: page.isFilteredBy(click) ? null : click.team });
    else goTo(click);
  };

  page.isFilteredBy = (click) => {
    const params = page.params();
    if (click.toggle) return params.getAll(click.toggle).includes(click.value);
    return Object.entries(click).every(([name, value]) => params.get(name) === value);
  };

  /* A week or a month opens into its days. */
  function goTo({ from, to }) {
    const params = page.params();
    if (page.isFilteredBy({ from, to })) return page.set(before.get(from + to) ?? { range: null, from: null, to: null });
    before.set(from + to, Object.fromEntries(["range", "from", "to", "by"].map((name) => [name, params.get(name)])));
    page.set({ range: null, by: null, from, to });
  }

  function listen(plot) {
    if (plot.listens) return;
    plot.listens = true;
    plot.on("plotly_click", ({ points, event }) => page.filter(clickAt(plot, event, points)));
  }

  function clickAt(plot, event, points) {
    const { meta, yaxis } = plot.layout;
    if (!meta) return null;
    if (yaxis?.type === "category") return meta.clicks[rowAt(plot, event)];
    return meta.clicks[points[0]?.pointNumber];
  }

  /* The whole row of a bar, which can be short. */
  function rowAt(plot, { clientY }) {
    const { top, height } = plot.querySelector(".nsewdrag").getBoundingClientRect();
    return Math.floor(((clientY - top) / height) * plot.data[0].y.length);
  }

  function plotAround(element) {
    const plot = element.closest?.("#react-entry-point .panel .js-plotly-plot");
    return plot?.on ? plot : null; // it is drawn
  }

  document.addEventListener("pointerover", ({ target }) => {
    const plot = plotAround(target);
    if (plot) listen(plot);
  });

  document.addEventListener("pointermove", (event) => {
    const plot = plotAround(event.target);
    if (plot?.layout.yaxis?.type !== "category") return;
    plot.style.setProperty("--at", clickAt(plot, event) ? "pointer" : "default");
  });
})();
