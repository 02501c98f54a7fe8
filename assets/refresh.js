/* Refreshing: not while the tab is hidden, at once when it shows again; the button and its many stand-ins. */
(() => {
  const INTERVAL = "refresh-interval";
  let pressed = false;

  window.dash_clientside.usage_dash.isBusy = (clicks, waiting) => {
    const triggers = window.dash_clientside.callback_context.triggered.map((trigger) => trigger.prop_id);
    if (clicks && triggers.includes("refresh-button.n_clicks")) {
      pressed = document.activeElement?.id === "refresh-button";
      return true;
    }
    if (waiting) return window.dash_clientside.no_update;
    if (pressed) setTimeout(focusAgain); // a disabled button lost the keyboard's focus
    pressed = false;
    return false;
  };

  function focusAgain() {
    if (document.activeElement === document.body) document.getElementById("refresh-button").focus({ preventScroll: true });
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.getElementById("status")) return;
    const shown = document.hidden ? { disabled: true } : { disabled: false, n_intervals: Date.now() };
    window.dash_clientside.set_props(INTERVAL, shown);
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-refresh], [data-opens], [data-closes], dialog");
    if (!target) return;
    if ("refresh" in target.dataset) document.getElementById("refresh-button").click();
    else if (target.dataset.opens) open(target.dataset.opens);
    else if (target.dataset.closes) document.getElementById(target.dataset.closes).close();
    else if (event.target === target) target.close(); // a click beside the open dialog
  });

  function open(dialog) {
    document.getElementById(dialog).showModal();
    window.dash_clientside.set_props("opened-dialog", { data: `${dialog} ${Date.now()}` });
  }
})();
