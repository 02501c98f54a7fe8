/* Times that go on: [data-since] tells how long ago, [data-age] how long since, [data-until] how long yet. Each holds a time of the server's, or
   the name of one in `times` (here and in contact.js). The words are those of formats.py. */
(() => {
  const SOON = 1_500; // milliseconds
  const page = window.usageDash;
  let ahead = 0; // how far this machine's clock is ahead of the server's, in milliseconds

  window.dash_clientside.usage_dash.tellTime = (told) => {
    if (!told) return;
    page.told = told.now;
    ahead = Date.now() - Date.parse(told.now);
    page.times.data = Date.parse(told.data) + ahead;
    tick();
    if (told.soon) setTimeout(page.askAgain, SOON);
  };

  /* In the first words of the scale that reach so far; each step is [below, seconds in a unit, words]. */
  function told(whole, milliseconds, scale) {
    const seconds = whole(Math.max(0, milliseconds) / 1000);
    const [, unit, words] = scale.find(([below]) => below === null || seconds < below);
    return words.replace("{}", whole(seconds / unit));
  }

  page.ago = (milliseconds) => told(Math.floor, milliseconds, page.facts.ages);
  page.wait = (milliseconds) => told(Math.round, milliseconds, page.facts.waits);

  /* By this machine's clock, in milliseconds. */
  function moment(said) {
    return page.times[said] ?? Date.parse(said) + ahead;
  }

  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    if (document.hidden) return;
    const now = Date.now();
    for (const element of document.querySelectorAll("[data-since]")) {
      const since = moment(element.dataset.since);
      if (!Number.isNaN(since)) say(element, page.ago(now - since)); // else nobody told it yet
    }
    for (const element of document.querySelectorAll("[data-age]")) say(element, page.wait(now - moment(element.dataset.age)));
    for (const element of document.querySelectorAll("[data-until]")) {
      say(element, page.wait(moment(element.dataset.until) - now));
    }
  }

  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
})();
