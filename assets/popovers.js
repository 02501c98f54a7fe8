/* Popovers: one is open at a time, under its button or, on a phone, as a sheet from below. While it is open it has
   data-open, and a dialog its role and name; answers of the server never write these, so that it stays open.
   Also what its rows need from the keyboard, and the text fields that are no matter of Dash's. */
(() => {
  const page = window.usageDash;
  const ITEMS = "[role^=menuitem], .opt[role=checkbox]";
  const phone = window.matchMedia("(max-width: 640px)");
  const made = new WeakSet();
  const makers = [];
  let letting = false; // whether a control that has the focus may go with the next answer

  function all(selector, within = document) {
    return [...within.querySelectorAll(selector)];
  }

  function opened() {
    return all("[data-open]");
  }

  /* The button or field that a popover belongs to; on a phone it may be in a sheet that is closed by now. */
  function opener(popover) {
    const button = document.querySelector(`#react-entry-point :is([aria-controls="${popover.id}"], [data-popover="${popover.id}"])`);
    const outer = button?.parentElement.closest("[data-label]");
    return button && !button.getClientRects().length && outer ? opener(outer) : button;
  }

  function openPopover(popover) {
    for (const other of opened()) if (!other.contains(popover)) close(other);
    popover.dataset.open = "";
    document.querySelector(`#react-entry-point [aria-controls="${popover.id}"]`)?.setAttribute("aria-expanded", "true");
    if (popover.dataset.label) {
      popover.setAttribute("role", "dialog");
      popover.setAttribute("aria-label", popover.dataset.label);
    }
    keepInside(popover);
    popover.dispatchEvent(new Event("opened", { bubbles: true }));
  }

  function close(popover) {
    if (!("open" in popover.dataset)) return;
    delete popover.dataset.open;
    document.querySelector(`#react-entry-point [aria-controls="${popover.id}"]`)?.setAttribute("aria-expanded", "false");
    if (popover.dataset.label) ["role", "aria-label"].forEach((name) => popover.removeAttribute(name));
    popover.dispatchEvent(new Event("closed", { bubbles: true }));
  }

  function closeAndReturn(popover) {
    const had = popover.contains(document.activeElement);
    close(popover);
    if (had || document.activeElement === document.body) opener(popover)?.focus({ preventScroll: true });
  }

  function closeOthers(target) {
    for (const popover of opened()) if (!popover.contains(target) && opener(popover) !== target) close(popover);
  }

  /* Under its button, but never beyond the page's edge. */
  function keepInside(popover) {
    popover.style.removeProperty("translate");
    const { left, right } = popover.getBoundingClientRect();
    const over = Math.max(0, right + 8 - document.documentElement.clientWidth) || Math.min(0, left - 8);
    if (over && getComputedStyle(popover).position === "absolute") popover.style.translate = `${-over}px`;
  }

  function isSheet(popover) {
    return getComputedStyle(popover).position === "fixed";
  }

  /* Where the keyboard goes on: what is chosen, else the first that can be. On a phone no field, which would bring up
     its keyboard. */
  function enter(popover) {
    if (popover.contains(document.activeElement)) return;
    const within = all("button, a, input, [tabindex]", popover).filter((each) => each.getClientRects().length && !each.disabled);
    const chosen = within.find((each) => each.getAttribute("aria-checked") === "true" && each.role !== "checkbox");
    const first = within.find((each) => !(phone.matches && each.matches("input")));
    (chosen ?? first)?.focus({ preventScroll: true });
  }

  page.popover = {
    open: openPopover,
    close,
    closeAndReturn,
    closeAll: () => opened().forEach(close),
  };

  function press(button) {
    const popover = document.getElementById(button.getAttribute("aria-controls"));
    if (!popover) return;
    if ("open" in popover.dataset) return closeAndReturn(popover);
    openPopover(popover);
    enter(popover);
  }

  document.addEventListener("click", ({ target }) => {
    if (!target.closest || target.closest("#still")) return;
    const button = target.closest("[aria-haspopup][aria-controls]");
    letting = target.closest(".tags button") !== null;
    if (button) return press(button);
    const closing = target.closest("[data-closes-popover]");
    const own = closing?.getAttribute("aria-disabled") !== "true" && closing?.closest("[data-open]");
    if (own) closeAndReturn(own);
    else if (target.isConnected) closeOthers(target);
  });

  /* A press beside a sheet takes it away, and does nothing else. */
  document.addEventListener(
    "click",
    (event) => {
      const sheet = opened().filter(isSheet)[0];
      if (!sheet || sheet.contains(event.target) || !event.isTrusted) return;
      event.preventDefault();
      event.stopPropagation();
      closeAndReturn(sheet);
    },
    true,
  );

  document.addEventListener("focusin", ({ target }) => target.isConnected && closeOthers(target));
  phone.addEventListener("change", page.popover.closeAll);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") leave(event);
    else if (event.target.closest?.("[role=radiogroup]")) move(event, all("[role=radio]", event.target.closest("[role=radiogroup]")), true);
    else if (event.target.closest?.("[data-open]")) walk(event, event.target.closest("[data-open]"));
  });

  function leave(event) {
    const popover = opened().at(-1);
    if (!popover) return;
    event.preventDefault();
    close(popover);
    opener(popover)?.focus({ preventScroll: true });
  }

  /* In a menu, and in the list of a dialog; the Tab key leaves a menu. */
  function walk(event, popover) {
    const items = all(ITEMS, popover).filter((item) => item.getClientRects().length);
    const isField = event.target.matches("input");
    if (event.key === "Tab" && event.target.matches("[role^=menuitem]")) return close(popover);
    if (isField ? event.key === "ArrowDown" : items.includes(event.target)) move(event, items);
  }

  function move(event, items, choosing = false) {
    const at = items.indexOf(event.target);
    const to = step(event.key, at, items);
    if (!to) return;
    event.preventDefault();
    to.focus();
    if (choosing && to !== event.target) to.click();
  }

  function step(key, at, items) {
    if (key === "ArrowDown" || key === "ArrowRight") return items[(at + 1) % items.length];
    if (key === "ArrowUp" || key === "ArrowLeft") return items.at(at - 1);
    if (key === "Home") return items[0];
    if (key === "End") return items.at(-1);
    if (key.length > 1 || key === " " || at < 0) return null;
    const others = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    return others.find((item) => plain(item).startsWith(key.toLowerCase()));
  }

  function plain(item) {
    return (item.querySelector(".what") ?? item).textContent.trim().toLowerCase();
  }

  /* Parts that a script makes once they are there, each time that Dash draws them anew. */
  page.make = (selector, maker) => {
    makers.push([`#react-entry-point ${selector}`, maker]);
    makeAll();
  };

  function makeAll() {
    for (const [selector, maker] of makers) {
      for (const place of all(selector)) {
        if (made.has(place)) continue;
        made.add(place);
        maker(place);
      }
    }
    if (letting && document.activeElement === document.body) goOn();
  }

  /* What had the focus went with what it took away. */
  function goOn() {
    letting = false;
    (all("#react-entry-point .tags button").at(-1) ?? document.querySelector("#react-entry-point .explore .pick"))?.focus({ preventScroll: true });
  }

  page.field = (place, more = {}) => {
    const label = place.dataset.field;
    const input = Object.assign(document.createElement("input"), { type: "text", placeholder: label, autocomplete: "off", spellcheck: false, ...more });
    input.setAttribute("aria-label", label);
    place.append(input);
    place.parentElement.querySelector(".stand-in").addEventListener("click", () => input.focus());
    return input;
  };

  /* A field that leaves of a list only what holds its text. */
  page.make("[data-narrows]", (place) => {
    const input = page.field(place);
    const list = document.querySelector(`#react-entry-point #${place.dataset.narrows} .opts`);
    const narrow = () => {
      const text = input.value.trim().toLowerCase();
      for (const row of list.children) row.classList.toggle("out", !row.textContent.toLowerCase().includes(text));
    };
    input.addEventListener("input", narrow);
    new MutationObserver(narrow).observe(list, { childList: true, subtree: true, characterData: true });
  });

  new MutationObserver(makeAll).observe(document.documentElement, { childList: true, subtree: true });
})();
