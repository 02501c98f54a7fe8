/* Refreshing: not while the tab is hidden, at once when it shows again; the button and its many stand-ins; no answer. */
(() => {
  const INTERVAL = "refresh-interval";
  const LONGEST_WAIT = 30_000; // milliseconds; the server itself answers within 12 seconds, whatever its source does
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

  // Dash tells nobody when the server does not answer: the page would go on saying “Live”, its button disabled.
  const ask = window.fetch;
  window.fetch = async (...request) => {
    if (!String(request[0]?.url ?? request[0]).includes("_dash-update-component")) return ask(...request);
    const tooLong = setTimeout(tellNoAnswer, LONGEST_WAIT);
    try {
      const answer = await ask(...request);
      if (!answer.ok) tellNoAnswer();
      return answer;
    } catch (error) {
      tellNoAnswer();
      throw error;
    } finally {
      clearTimeout(tooLong);
    }
  };

  function tellNoAnswer() {
    const part = (type, props) => ({ namespace: "dash_html_components", type, props });
    const words = [part("Span", { className: "dot" }), part("Span", { children: "No answer from usage-dash" })];
    const pill = part("Div", { id: "status", className: "live", "data-state": "stale", children: words });
    window.dash_clientside.set_props("status-slot", { children: pill }); // the next answer puts its own in this place
    window.dash_clientside.set_props("refresh-button", { disabled: false });
  }

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
