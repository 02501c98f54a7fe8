/* Popovers: one is open at a time, under its button or, on a phone, as a sheet from below; and what their rows need from
   the keyboard. An open one has data-open, and a dialog its role and name; no answer of the server writes these. */
(() => {
  const page = window.usageDash;
  const HERE = "#react-entry-point"; // another page stands there before Dash does
  const ITEMS = "[role^=menuitem], .opt[role=checkbox]";
  const phone = window.matchMedia("(max-width: 640px)");
  const made = new WeakSet();
  const makers = [];
  let taken = false; // whether a chip was pressed, which may go with what had the focus

  function all(selector, within = document) {
    return [...within.querySelectorAll(selector)];
  }

  function here(selector) {
    return document.querySelector(`${HERE} ${selector}`);
  }

  /* The innermost last. */
  function opened() {
    return all(`${HERE} [data-open]`);
  }

  function isShown(element) {
    return element.getClientRects().length > 0;
  }

  /* The button or field that a popover belongs to; on a phone it may be in a sheet that is closed by now. */
  function opener(popover) {
    const button = here(`:is([aria-controls="${popover.id}"], [data-popover="${popover.id}"])`);
    const outer = button?.parentElement.closest("[data-label]");
    return button && !isShown(button) && outer ? opener(outer) : button;
  }

  function mark(popover, isOpen) {
    popover.toggleAttribute("data-open", isOpen);
    here(`[aria-controls="${popover.id}"][aria-haspopup]`)?.setAttribute("aria-expanded", isOpen);
    if (popover.dataset.label) {
      popover.role = isOpen ? "dialog" : null;
      popover.ariaLabel = isOpen ? popover.dataset.label : null;
    }
    if (isOpen) keepInside(popover);
  }

  function openPopover(popover) {
    for (const other of opened()) if (!other.contains(popover)) close(other);
    mark(popover, true);
    popover.dispatchEvent(new Event("opened"));
  }

  function close(popover) {
    if (!("open" in popover.dataset)) return;
    mark(popover, false);
    popover.dispatchEvent(new Event("closed"));
  }

  function closeAll() {
    for (const popover of opened()) close(popover);
  }

  function closeAndReturn(popover) {
    const had = popover.contains(document.activeElement) || document.activeElement === document.body;
    close(popover);
    if (had) focus(opener(popover));
  }

  function closeOthers(target) {
    for (const popover of opened()) if (!popover.contains(target) && opener(popover) !== target) close(popover);
  }

  function focus(element) {
    element?.focus({ preventScroll: true });
  }

  /* Under its button, but never beyond the page's edge. */
  function keepInside(popover) {
    popover.style.removeProperty("translate");
    const { left, right } = popover.getBoundingClientRect();
    const over = Math.max(0, right + 8 - document.documentElement.clientWidth) || Math.min(0, left - 8);
    if (over && getComputedStyle(popover).position === "absolute") popover.style.translate = `${-over}px`;
  }

  /* Where the keyboard goes on: what is chosen, else the first that can be. On a phone no field, which would bring up
     its keyboard. */
  function enter(popover) {
    if (popover.contains(document.activeElement)) return;
    const within = all("button, a, input, [tabindex]", popover).filter((each) => isShown(each) && !each.disabled);
    const chosen = within.find((each) => each.ariaChecked === "true" && each.role !== "checkbox");
    focus(chosen ?? within.find((each) => !phone.matches || !each.matches("input")));
  }

  page.popover = { open: openPopover, close, closeAndReturn, closeAll };

  function press(button) {
    const popover = here(`#${button.getAttribute("aria-controls")}`);
    if (!popover) return;
    if ("open" in popover.dataset) return closeAndReturn(popover);
    openPopover(popover);
    enter(popover);
  }

  document.addEventListener("click", ({ target, isTrusted }) => {
    if (!target.closest || target.closest("#still")) return;
    taken = target.closest(".tags") !== null;
    const button = target.closest("[aria-haspopup][aria-controls]:not(input)");
    if (button) return press(button);
    const closing = target.closest("[data-closes-popover]:not([aria-disabled=true])");
    const own = closing?.closest("[data-open]");
    if (own && !isTrusted && target.role === "radio") return; // walked to, and the walk may go on
    if (own) closeAndReturn(own);
    else if (target.isConnected) closeOthers(target);
  });

  /* A press beside a sheet takes it away, and does nothing else. */
  document.addEventListener(
    "click",
    (event) => {
      const [sheet] = opened().filter((each) => getComputedStyle(each).position === "fixed");
      if (!sheet || sheet.contains(event.target) || !event.isTrusted) return;
      event.preventDefault();
      event.stopPropagation();
      closeAndReturn(sheet);
    },
    true,
  );

  phone.addEventListener("change", closeAll);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const { key, target } = event;
    if (key === "Escape") leave(event);
    else if (target.closest?.("[role=radiogroup]")) move(event, all("[role=radio]", target.closest("[role=radiogroup]")), true);
    else if (target.closest?.("[data-open]")) walk(event, target.closest("[data-open]"));
  });

  function leave(event) {
    const popover = opened().at(-1);
    if (!popover) return;
    event.preventDefault();
    close(popover);
    focus(opener(popover));
  }

  /* In a menu, and in the list of a dialog; the Tab key leaves a menu. */
  function walk(event, popover) {
    const items = all(ITEMS, popover).filter(isShown);
    if (event.key === "Tab" && event.target.matches("[role^=menuitem]")) return closeAndReturn(popover);
    const isField = event.target.matches("input");
    if (isField ? event.key === "ArrowDown" : items.includes(event.target)) move(event, items);
  }

  function move(event, items, choosing = false) {
    const to = step(event.key, items.indexOf(event.target), items);
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
    if (key.length > 1 || key === " ") return null;
    const others = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    return others.find((item) => named(item).startsWith(key.toLowerCase()));
  }

  function named(item) {
    return (item.querySelector(".what") ?? item).textContent.trim().toLowerCase();
  }

  document.addEventListener("focusin", ({ target }) => {
    closeOthers(target);
    // of chips that have not all room; browsers are content with a part of one
    if (target.matches(".tags :focus-visible")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  /* What had the focus went with what it took away. */
  function goOn() {
    if (!taken || document.activeElement !== document.body) return;
    taken = false;
    focus(all(`${HERE} .tags button`).at(-1) ?? all(`${HERE} #bar .pick`).find(isShown));
  }

  /* Parts that a script makes once they are there. */
  page.make = (selector, maker) => {
    makers.push([`${HERE} ${selector}`, maker]);
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
    goOn();
  }

  /* To Dash each key in a text field would be a matter of its own. */
  page.field = (place, more = {}) => {
    const label = place.dataset.field;
    const input = Object.assign(document.createElement("input"), { type: "text", placeholder: label, ariaLabel: label, autocomplete: "off", spellcheck: false, ...more });
    place.append(input);
    place.parentElement.querySelector(".stand-in").addEventListener("click", () => input.focus());
    return input;
  };

  /* A field that leaves of a list only what holds its text, until the list is closed. */
  page.make("[data-narrows]", (place) => {
    const input = page.field(place);
    const popover = here(`#${place.dataset.narrows}`);
    const list = popover.querySelector(".opts");
    const narrow = () => {
      const text = input.value.trim().toLowerCase();
      for (const row of list.children) row.classList.toggle("out", !row.textContent.toLowerCase().includes(text));
    };
    input.addEventListener("input", narrow);
    popover.addEventListener("closed", () => {
      input.value = "";
      narrow();
    });
    new MutationObserver(narrow).observe(list, { childList: true, subtree: true, characterData: true });
  });

  new MutationObserver(makeAll).observe(document.documentElement, { childList: true, subtree: true });
})();
