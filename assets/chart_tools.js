/* What can be done with a chart: its figures as a table, whose rows filter as the chart does, and a picture of it. */
(() => {
  const page = window.usageDash;
  const PICTURE = { width: 960, height: 540, scale: 2 }; // fills a slide
  let charts = {};

  function shownAsTables() {
    return [...document.querySelectorAll("#react-entry-point .panel[data-as-table]")].map(({ id }) => id.replace(/-panel$/, ""));
  }

  function part(chart, name) {
    return document.querySelector(`#react-entry-point #${chart}-${name}`);
  }

  function turn(chart, item) {
    const asTable = part(chart, "panel").toggleAttribute("data-as-table");
    item.setAttribute("aria-checked", asTable);
    if (asTable) fill(chart);
  }

  function fill(chart) {
    const place = part(chart, "table");
    const { table, figure } = charts[chart];
    const at = place.contains(document.activeElement) ? document.activeElement.dataset.row : null;
    place.replaceChildren(made("table", [made("thead", [heads(table.columns)]), made("tbody", rows(table.rows, figure.layout.meta.clicks))]));
    place.querySelector(`[data-row="${at}"]`)?.focus({ preventScroll: true });
  }

  function made(tag, children, attributes = {}) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function heads(columns) {
    return made("tr", columns.map((name) => made("th", [name], { scope: "col" })));
  }

  function rows(found, clicks) {
    return found.map(([name, ...values], number) => {
      const named = clicks[number] ? made("button", [name], attributesOf(number, clicks[number])) : name;
      return made("tr", [made("th", [named], { scope: "row" }), ...values.map((value) => made("td", [value]))]);
    });
  }

  function attributesOf(number, click) {
    return { type: "button", class: "quiet", "data-row": number, "aria-pressed": page.isFilteredBy(click) };
  }

  document.addEventListener("charts", ({ detail }) => {
    charts = detail;
    for (const chart of shownAsTables()) if (charts[chart]) fill(chart);
  });

  document.addEventListener("click", ({ target }) => {
    const control = target.closest?.("#react-entry-point :is([data-shows-table], [data-saves], [data-row])");
    if (!control) return;
    const { showsTable, saves, row } = control.dataset;
    if (showsTable && charts[showsTable]) turn(showsTable, control);
    else if (saves && charts[saves]) save(saves);
    else if (row) page.filter(charts[chartAround(control)].figure.layout.meta.clicks[row]);
  });

  function chartAround(element) {
    return element.closest(".panel").id.replace(/-panel$/, "");
  }

  /* With what the page says around it; names are text, of which plotly would take markup. */
  async function save(chart) {
    const { data, layout } = page.figure(chart);
    const escaped = (words) => words.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    const title = {
      text: `<b>${escaped(part(chart, "title").textContent)}</b>`,
      subtitle: { text: escaped(looked(chart)), font: { size: 13 } },
      font: { size: 20, color: layout.hoverlabel.font.color },
      x: 0.03,
      xanchor: "left",
      y: 0.95,
      yanchor: "top",
    };
    const margin = { ...layout.margin, t: 100, r: Math.max(layout.margin.r, 40), b: layout.margin.b + 24, l: layout.margin.l + 24 };
    const picture = { data: data.map((trace) => ({ ...trace, showlegend: isNamed(trace) })), layout: { ...layout, title, margin } };
    picture.layout.showlegend = layout.showlegend || data.filter(isNamed).length > 1;
    await (await window.Plotly).downloadImage(picture, { ...PICTURE, format: "png", filename: charts[chart].file });
  }

  /* What is drawn in a way of its own: not what is seen by hovering alone, and dotted what is drawn solid too. */
  function isNamed({ name, type, line }) {
    return type === "pie" || (Boolean(name) && line?.width !== 0 && !(line?.dash ?? "solid").endsWith("px"));
  }

  function looked(chart) {
    const days = document.querySelector("#react-entry-point .looked > :first-child");
    const range = [...days.childNodes].filter((node) => !node.className).map((node) => node.textContent);
    const chips = [...document.querySelectorAll("#react-entry-point .looked .tag > :first-child")];
    const filters = chips.map((chip) => [...chip.childNodes].map((node) => node.textContent).join(" ").trim());
    return [part(chart, "head").querySelector(".sub").textContent, range.join(""), ...filters].join(" · ");
  }
})();
