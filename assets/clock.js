/* Times that go on: [data-since] tells how long ago, [data-until] how long yet. Same words as formats.py. */
(() => {
  let heard = null; // the server's clock as last sent
  let ahead = 0; // how far this machine's clock is ahead of it, in milliseconds

  function follow() {
    const said = document.getElementById("status")?.dataset.now;
    if (said && said !== heard) {
      heard = said;
      ahead = Date.now() - Date.parse(said);
    }
  }

  function ago(seconds) {
    if (seconds < 60) return `${seconds} s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
    const days = Math.floor(seconds / 86400);
    return days === 1 ? "1 day ago" : `${days} days ago`;
  }

  function wait(seconds) {
    return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  }

  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    if (document.hidden) return;
    follow();
    const now = Date.now() - ahead;
    for (const element of document.querySelectorAll("[data-since]")) {
      say(element, ago(Math.max(0, Math.floor((now - Date.parse(element.dataset.since)) / 1000))));
    }
    for (const element of document.querySelectorAll("[data-until]")) {
      say(element, wait(Math.max(0, Math.round((Date.parse(element.dataset.until) - now) / 1000))));
    }
  }

  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
})();
