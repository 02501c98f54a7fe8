/* Entries at the viewer's own times: the server tells them in the reporting zone, and says so until this script does. */
(() => {
  const times = () => document.querySelectorAll("#react-entry-point #entries time[data-local]");

  /* As formats.py says them: 24 Nov, 13:09, with its year when that is not this year's. */
  function told(at) {
    const month = at.toLocaleString("en-US", { month: "short" });
    const year = at.getFullYear() === new Date().getFullYear() ? "" : ` ${at.getFullYear()}`;
    return `${at.getDate()} ${month}${year}, ${two(at.getHours())}:${two(at.getMinutes())}`;
  }

  function two(number) {
    return String(number).padStart(2, "0");
  }

  /* The one offset of all these times, or the zone's name where its clocks changed between them. */
  function zone(moments) {
    const offsets = new Set(moments.map((at) => -at.getTimezoneOffset()));
    if (offsets.size > 1) return Intl.DateTimeFormat().resolvedOptions().timeZone;
    const [minutes = -new Date().getTimezoneOffset()] = offsets;
    const rest = Math.abs(minutes) % 60;
    const size = Math.floor(Math.abs(minutes) / 60) + (rest ? `:${two(rest)}` : "");
    return minutes ? `UTC${minutes < 0 ? "−" : "+"}${size}` : "UTC";
  }

  function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tell() {
    const moments = [...times()].map((element) => {
      const at = new Date(element.dateTime);
      say(element, told(at));
      return at;
    });
    const said = document.querySelector("#react-entry-point #entries [data-zone]");
    if (said) say(said, `times are yours, ${zone(moments)}`);
  }

  new MutationObserver((_, whole) => {
    const entries = document.querySelector("#react-entry-point #entries");
    if (!entries) return;
    whole.disconnect();
    const changes = { childList: true, characterData: true, subtree: true, attributeFilter: ["datetime"] };
    new MutationObserver(tell).observe(entries, changes);
    tell();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
