/* Whether the server is heard: what the page shows when an answer is not ours, and when it asks again. The words are
   those of components/contact.py. */
(() => {
  const FIRST_PAUSE = 1_000; // milliseconds, twice as long after each failure
  const LONGEST_PAUSE = 30_000;
  const page = window.usageDash;
  const words = page.facts.contact;
  const others = new Map(); // callbacks that got no answer of ours, besides the page's: an input of each
  let shown = null; // what is wrong, as in the status's data-state; null while all is well
  let notices = [null, null]; // what is wrong, and what lags behind
  let asked = null; // the viewer's choices, as last sent
  let answered = null; // the choices that the page shows
  let failures = 0;
  let retry = null;
  page.times = { "last-answer": Date.now(), "next-try": null }; // by this machine's clock
  page.isHeard = () => shown === null && !page.ended;

  page.heard = (verdict, payload) => {
    clearTimeout(retry);
    const chosen = choices(payload);
    asked = chosen ?? asked;
    if (verdict === "ours") {
      page.live?.();
      others.delete(payload.output);
      answered = chosen ?? answered;
      recover(chosen !== null);
    } else {
      if (!chosen) others.set(payload.output, payload.inputs[0]);
      tell(verdict);
    }
  };

  /* Nothing stays on the screen that may no longer be shown there, and nothing is asked any more. */
  page.end ??= (_answer, payload) => {
    asked = choices(payload) ?? asked;
    page.ended = true;
    clearTimeout(retry);
    document.body.replaceChildren(document.getElementById("ended").content);
    document.querySelector("[data-reload]").focus();
  };

  /* A table that was taken out of the document would measure itself without end. */
  window.addEventListener("resize", (event) => page.ended && event.stopImmediatePropagation(), true);

  /* What a request of the page's own asks for; null for other callbacks. */
  function choices({ inputs }) {
    const input = inputs.find(({ id, property }) => id === "asked" && property === "data");
    return input ? input.value : null;
  }

  function recover(isPage) {
    page.times["last-answer"] = Date.now();
    failures = 0;
    if (shown === null) return;
    if (document.activeElement.closest("#contact")) page.returnFocus();
    shown = null;
    show([null, null]);
    if (!isPage) askForPage(); // it brings the status
    askOthers();
  }

  function tell(state) {
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);
    failures += 1;
    page.times["next-try"] = Date.now() + pause;
    retry = setTimeout(page.askAgain, pause);
    if (state !== shown) {
      set("status-slot", { children: words[state].pill });
      set("held", { data: null }); // so the next answer brings its own
    }
    shown = state;
    show([words[state].notice, lag()]);
  }

  /* Only what changed is drawn: else the times that go on in it would start anew, and its button lose the focus. */
  function show(children) {
    if (children.every((child, place) => child === notices[place])) return;
    notices = children;
    set("contact", { children });
  }

  /* That what is shown is not what was chosen. */
  function lag() {
    if (answered === null || JSON.stringify(asked) === JSON.stringify(answered)) return null;
    return figures(asked) === figures(answered) ? words.still.table : words.still.figures;
  }

  function figures({ query, at }) {
    const params = new URLSearchParams(query);
    for (const name of ["sort", "page", "open", "entries"]) params.delete(name);
    return JSON.stringify([params.toString(), at]);
  }

  page.askAgain = () => {
    if (document.hidden || page.isWaiting() || page.ended) return;
    askForPage();
    askOthers();
  };

  /* Any input brings the whole callback about, with all that is chosen by then. */
  function askForPage() {
    set("refresh-interval", { n_intervals: Date.now() });
  }

  function askOthers() {
    for (const { id, property, value } of others.values()) set(id, { [property]: value });
  }

  function set(id, properties) {
    window.dash_clientside.set_props(id, properties);
  }

  page.again = () => location.replace(page.here());

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-reload]")) page.again();
  });
})();
