/* Refreshing: one request at a time, none by itself while the tab is hidden or nobody of ours answers; the button and
   its stand-ins. */
(() => {
  const page = window.usageDash;
  let pressed = false;
  let returning = false; // whether the button takes the focus once it can

  /* Called when a request starts and ends. The timer starts anew after each answer, so it never overtakes a request. */
  page.settle = () => {
    const waiting = page.isWaiting();
    const { set_props: set } = window.dash_clientside;
    set("refresh-interval", { disabled: waiting || document.hidden || !page.isHeard() });
    if (pressed) set("refresh-button", { disabled: waiting });
    if (waiting) return;
    if (returning) setTimeout(focus); // when it is enabled in the document too
    pressed = returning = false;
  };

  page.returnFocus = () => {
    returning = true;
  };

  function focus() {
    if (document.activeElement === document.body) document.getElementById("refresh-button").focus({ preventScroll: true });
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.querySelector("#react-entry-point #status")) return; // Dash is not there yet
    page.settle();
    page.askAgain();
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("#refresh-button, [data-refresh], [data-opens], [data-closes], dialog");
    if (!target) return;
    if (target.id === "refresh-button") press(target);
    else if ("refresh" in target.dataset) document.getElementById("refresh-button").click();
    else if (target.dataset.opens) open(target.dataset.opens);
    else if (target.dataset.closes) document.getElementById(target.dataset.closes).close();
    else if (event.target === target) target.close(); // a click beside the open dialog
  });

  function press(button) {
    pressed = true;
    returning = document.activeElement === button; // a disabled button loses the keyboard's focus
  }

  function open(dialog) {
    document.getElementById(dialog).showModal();
    window.dash_clientside.set_props("opened-dialog", { data: `${dialog} ${Date.now()}` });
  }
})();
