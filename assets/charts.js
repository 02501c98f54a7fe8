/* Puts the theme's colours into the figures: var(--name) or var(--name, opacity) becomes the token's colour. */
(() => {
  const TOKEN = /^var\((--[\w-]+)(?:, ([\d.]+))?\)$/;
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

  function figure(chart) {
    const drawn = coloured(charts[chart].figure, getComputedStyle(document.documentElement));
    // A finger on a chart scrolls the page; a mouse zooms in.
    if (window.matchMedia("(pointer: coarse)").matches) drawn.layout.dragmode = false;
    keepZoom(drawn.layout, plot(chart)?.layout);
    return drawn;
  }

  function plot(chart) {
    return document.querySelector(`#${chart} .js-plotly-plot`);
  }

  /* plotly would do this by uirevision, but Dash writes each zoom into the figure, as if it were no viewer's. */
  function keepZoom(next, shown) {
    if (!next.uirevision || shown?.uirevision !== next.uirevision || shown.xaxis.autorange !== false) return;
    Object.assign(next.xaxis, { range: shown.xaxis.range, autorange: false });
  }

  /* What goes where is asked of Dash: each chart's figure, then its captions, then its summaries, in one order. */
  window.dash_clientside.usage_dash.draw = (sent) => {
    if (!begun) setTimeout(window.usageDash.askAgain); // for news, which what the document brought waits for no longer
    begun = true;
    if (!sent) return window.dash_clientside.no_update;
    charts = sent;
    const outputs = window.dash_clientside.callback_context.outputs_list;
    const order = outputs.filter(({ property }) => property === "figure").map(({ id }) => id);
    return [
      ...order.map(figure),
      ...order.map((chart) => sent[chart].caption),
      ...order.map((chart) => sent[chart].summary),
    ];
  };

  /* For print: at once, without waiting for Dash. */
  window.usageDash.redrawNow = () => {
    for (const chart of Object.keys(charts ?? {})) {
      const drawn = figure(chart);
      if (plot(chart)) window.Plotly.react(plot(chart), drawn.data, drawn.layout);
    }
  };
})();
