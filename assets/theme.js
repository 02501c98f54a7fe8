/* The theme: auto, light or dark. Runs before anything is painted, so that no wrong colour ever shows. */
(() => {
  const KEY = "usage-dash-theme";
  const CHOICES = ["auto", "light", "dark"];
  const LABELS = { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" };
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  let choice = remembered();

  function remembered() {
    try {
      const kept = localStorage.getItem(KEY);
      return CHOICES.includes(kept) ? kept : "auto";
    } catch {
      return "auto"; // storage is closed to pages framed by other sites
    }
  }

  function remember() {
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      /* the choice then lasts as long as the page */
    }
  }

  function shown() {
    return choice === "auto" ? (system.matches ? "dark" : "light") : choice;
  }

  function apply(theme = shown()) {
    root.dataset.bsTheme = theme;
    root.dataset.themeChoice = choice;
    for (const radio of document.querySelectorAll("[data-takes-theme]")) {
      radio.setAttribute("aria-checked", radio.dataset.takesTheme === choice);
      radio.tabIndex = radio.dataset.takesTheme === choice ? 0 : -1; // one stop for the Tab key, arrows between
    }
    const bar = document.querySelector('meta[name="theme-color"]');
    if (bar) bar.content = getComputedStyle(root).getPropertyValue("--ud-canvas").trim() || bar.content;
  }

  function redraw() {
    window.dash_clientside.set_props?.("theme", { data: root.dataset.bsTheme });
    window.dash_clientside.set_props?.("theme-button", { title: LABELS[choice], "aria-label": LABELS[choice] });
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.usage_dash = {
    chooseTheme(clicks) {
      if (clicks) {
        choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
        remember();
      }
      apply();
      return [root.dataset.bsTheme, LABELS[choice], LABELS[choice]];
    },
  };

  system.addEventListener("change", () => {
    apply();
    redraw();
  });
  window.addEventListener("beforeprint", () => {
    apply("light");
    window.usageDash.redrawNow?.({ onPaper: true });
  });
  window.addEventListener("afterprint", () => {
    apply();
    window.usageDash.redrawNow?.();
  });
  /* A portal's choice lasts as long as the page. */
  function setTheme(theme) {
    if (!CHOICES.includes(theme) || theme === choice) return;
    choice = theme;
    apply();
    redraw();
  }

  document.addEventListener("click", ({ target }) => {
    const radio = target.closest?.("[data-takes-theme]");
    if (!radio) return;
    setTheme(radio.dataset.takesTheme);
    remember();
  });

  window.usageDash = { setTheme };
  apply();
})();
