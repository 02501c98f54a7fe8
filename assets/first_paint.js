/* The page before Dash is there: it loads Dash after the first frame, keeps what is pressed until then, and hands over.
   A tab in the background has no frame, so there nothing is loaded before somebody looks. */
(() => {
  const still = document.getElementById("still");
  const entry = document.getElementById("react-entry-point");
  const plotly = document.getElementById("plotly").content.firstChild;
  const pressed = [];

  /* Both pages have the same elements, so the way to one leads to its like in the other. */
  function way(element) {
    const steps = [];
    for (; element !== still; element = element.parentElement) steps.unshift([...element.parentElement.children].indexOf(element));
    return steps;
  }

  function follow(steps) {
    return steps.reduce((element, step) => element?.children[step], entry.querySelector(".topbar").parentElement);
  }

  still.addEventListener("click", (event) => {
    event.stopPropagation();
    const control = event.target.closest("button, input, summary");
    if (control) pressed.push(way(control));
  });

  new MutationObserver((_, whole) => {
    if (!entry.querySelector(".page")) return;
    whole.disconnect();
    const focused = still.contains(document.activeElement) ? way(document.activeElement) : null;
    still.remove();
    if (focused) follow(focused)?.focus({ preventScroll: true });
    for (const steps of pressed) follow(steps)?.click();
    bringPlotly();
  }).observe(entry, { childList: true, subtree: true });

  /* Plotly takes longest to start and only draws, so it comes when all else stands: Dash's graphs wait for it alone. */
  let bringPlotly;
  let pause = 1_000; // milliseconds, twice as long after each failure
  window.Plotly = new Promise((resolve) => {
    bringPlotly = () => {
      if (window.usageDash.ended) return;
      const script = file(plotly);
      script.addEventListener("load", () => resolve(window.Plotly));
      script.addEventListener("error", () => setTimeout(bringPlotly, (pause = Math.min(2 * pause, 60_000))));
      document.body.append(script);
    };
  });

  function file({ src }) {
    return Object.assign(document.createElement("script"), { src, async: false }); // in their order
  }

  function load() {
    const scripts = [...document.getElementById("scripts").content.children];
    const files = scripts.filter((script) => script.src).map(file);
    const [start] = scripts.filter((script) => !script.src);
    files.at(-1).addEventListener("load", () => document.body.append(document.importNode(start, true)));
    document.body.append(...files, Object.assign(document.createElement("link"), { rel: "preload", as: "script", href: plotly.src }));
  }

  requestAnimationFrame(() => setTimeout(() => window.usageDash.ended || load()));
})();
