/* Finding a user: the server answers as one types, with a list that the keyboard walks while the field keeps the focus.
   Enter filters by who is marked, with Shift it opens their page. */
(() => {
  const PAUSE = 150; // milliseconds without a key before the server is asked
  const LONGEST = 200; // characters that somebody types
  const SILENCE = "No answer from usage-dash.";
  const page = window.usageDash;

  page.make("[data-finds-users]", (place) => {
    const input = page.field(place, { id: "find-user", maxLength: LONGEST, role: "combobox", enterKeyHint: "search" });
    const popover = document.querySelector("#react-entry-point #found-users");
    const finder = new Finder(input, popover);
    set({ "data-popover": popover.id, "aria-expanded": "false", "aria-autocomplete": "list", "aria-haspopup": "listbox" }, input);
    input.addEventListener("input", () => finder.typed());
    input.addEventListener("focus", () => finder.typed());
    input.addEventListener("keydown", (event) => finder.key(event));
    popover.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    popover.addEventListener("click", (event) => finder.press(event));
    popover.addEventListener("closed", () => finder.closed());
  });

  function set(attributes, element) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  }

  class Finder {
    #input;
    #popover;
    #timer = null;
    #request = null; // what is asked just now
    #answered = null; // the text that the list answers

    constructor(input, popover) {
      this.#input = input;
      this.#popover = popover;
    }

    get #text() {
      return this.#input.value.trim();
    }

    get #options() {
      return [...this.#popover.querySelectorAll("[role=option]")];
    }

    get #at() {
      return this.#popover.querySelector("[aria-selected=true]");
    }

    typed() {
      clearTimeout(this.#timer);
      this.#request?.abort();
      if (!this.#text) page.popover.close(this.#popover);
      else if (this.#text === this.#answered) this.#show();
      else this.#timer = setTimeout(() => this.#ask(this.#text), PAUSE);
    }

    async #ask(text) {
      const request = (this.#request = new AbortController());
      const answer = await this.#answer(text, request.signal);
      if (request.signal.aborted || page.ended) return;
      this.#answered = answer && text;
      this.#popover.replaceChildren(answer ?? silence());
      if (document.activeElement === this.#input) this.#show();
    }

    /* What is not our list is somebody else's answer. */
    async #answer(text, signal) {
      try {
        const pass = await page.pass?.();
        const headers = { ...pass?.headers, "X-Usage-Dash-Viewer": document.documentElement.dataset.viewer };
        const asked = `${page.facts.root}find-users?${new URLSearchParams({ text })}`;
        const answer = await fetch(asked, { ...pass, headers, signal, redirect: "manual" });
        const given = answer.ok ? await answer.text() : "";
        return new DOMParser().parseFromString(given, "text/html").querySelector(".found-users");
      } catch {
        return null;
      }
    }

    #show() {
      page.popover.open(this.#popover);
      const list = this.#popover.querySelector("[role=listbox]");
      this.#input.setAttribute("aria-expanded", String(list !== null));
      if (list) this.#input.setAttribute("aria-controls", list.id);
    }

    closed() {
      set({ "aria-expanded": "false" }, this.#input);
      ["aria-controls", "aria-activedescendant"].forEach((name) => this.#input.removeAttribute(name));
      this.#at?.setAttribute("aria-selected", "false");
    }

    key(event) {
      if (event.isComposing) return;
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps) this.#walk(event, steps[event.key]);
      else if (event.key === "Enter" && this.#at) this.#choose(this.#at, event);
    }

    #walk(event, step) {
      event.preventDefault();
      const options = this.#options;
      if (!("open" in this.#popover.dataset)) return this.typed();
      if (!options.length) return;
      const from = options.indexOf(this.#at);
      const first = step > 0 ? 0 : -1;
      const next = options.at(from < 0 ? first : (from + step) % options.length);
      for (const option of options) option.setAttribute("aria-selected", String(option === next));
      this.#input.setAttribute("aria-activedescendant", next.id);
      next.scrollIntoView({ block: "nearest" });
    }

    press(event) {
      const option = event.target.closest("[role=option]");
      if (option) this.#choose(option, event);
    }

    #choose(option, event) {
      event.preventDefault();
      const user = decodeURIComponent(option.dataset.user);
      this.#input.value = "";
      page.popover.close(this.#popover);
      if (event.shiftKey) page.go(page.params(), page.pathOf(user));
      else page.toggle("user", user);
    }
  }

  function silence() {
    const said = Object.assign(document.createElement("div"), { className: "bottom", textContent: SILENCE });
    said.setAttribute("role", "status");
    return said;
  }
})();
