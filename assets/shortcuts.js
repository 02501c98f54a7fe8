/* Short-cuts: a key, or one after the other, presses a control of the page, or goes to its field. They are told in
   components/shortcuts.py; they rest while somebody types or something is open, and can be turned off for good. */
(() => {
  const KEY = "usage-dash-short-cuts";
  const TYPED = "input, textarea, select, [contenteditable]";
  const OPEN = "dialog[open], [data-open]";
  const page = window.usageDash;
  const { shortcuts } = page.facts; // the control of each, by its keys
  let used = remembered();
  let before = ""; // the first of two keys

  function remembered() {
    try {
      return localStorage.getItem(KEY) !== "off";
    } catch {
      return true; // storage is closed to pages framed by other sites
    }
  }

  function remember() {
    try {
      localStorage.setItem(KEY, used ? "on" : "off");
    } catch {
      /* the choice then lasts as long as the page */
    }
  }

  function rests({ target, ctrlKey, metaKey, altKey, isComposing, repeat }) {
    if (!used || ctrlKey || metaKey || altKey || isComposing || repeat) return true;
    return page.ended || target.closest?.(TYPED) || document.querySelector(OPEN);
  }

  /* What stands in the page and can be seen; what opens a dialog does so from wherever it is. */
  function control(keys) {
    const all = [...document.querySelectorAll(`#react-entry-point ${shortcuts[keys]}`)];
    return all.find((each) => !each.disabled && (each.dataset.opens || each.getClientRects().length > 0));
  }

  function follow(found) {
    if (found.matches(TYPED)) found.focus();
    else found.click();
  }

  function press(event) {
    if (rests(event)) return (before = "");
    const key = event.shiftKey ? event.key : event.key.toLowerCase(); // with the capitals locked, too
    const keys = before ? `${before} ${key}` : key;
    before = Object.keys(shortcuts).some((each) => each.startsWith(`${key} `)) ? key : "";
    const found = shortcuts[keys] && control(keys);
    if (!found) return;
    event.preventDefault(); // nothing is typed into a field that gets the focus
    follow(found);
  }

  /* In the capture phase: the table lets no key out. */
  document.addEventListener("keydown", press, true);

  document.addEventListener("click", ({ target }) => {
    before = "";
    const box = target.closest?.("[data-uses-shortcuts]");
    if (box) {
      used = !used;
      remember();
    }
    tell();
  });

  function tell() {
    document.querySelector("[data-uses-shortcuts]")?.setAttribute("aria-checked", used);
  }
})();
