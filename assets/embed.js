/* <usage-dash token-url="/my-token">: usage-dash as a part of a portal's page. The page's own server signs a token, which
   is handed to the frame, and to no other origin than the one that this script came from. Attributes: token-url; view
   ("me" for the small card); range, theme and hide, which are looks. */
(() => {
  // Not document.currentScript itself: an image of that name in the page's text would stand for it.
  const script = Object.getOwnPropertyDescriptor(Document.prototype, "currentScript").get.call(document);
  const HOME = new URL(".", script.src);
  const EARLY = 60; // seconds before a token ends that another is fetched, or at half of its life, whichever is later
  const SOONEST = 2; // seconds from one token to the next
  const USUAL = 900; // seconds that a token lives which does not say how long
  const PAUSES = [5, 10, 20, 40, 60]; // seconds between tries while the portal's server fails
  const SIGNED_OUT = [401, 403];
  const HIGHEST = 20_000; // pixels
  const SAID = { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-bs-theme", "data-color-scheme"] };
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  /* How many seconds a token lives, by its own two times: clocks differ. */
  function life(token) {
    try {
      const { iat, exp } = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
      return exp > iat ? exp - iat : USUAL;
    } catch {
      return USUAL;
    }
  }

  /* What a page says of itself, in one of the usual ways. */
  function said() {
    for (const { dataset, classList } of [document.documentElement, document.body]) {
      const theme = dataset.bsTheme ?? dataset.theme ?? dataset.colorScheme ?? (classList.contains("dark") && "dark");
      if (theme === "light" || theme === "dark") return theme;
    }
    return null;
  }

  class UsageDash extends HTMLElement {
    static observedAttributes = ["theme"];
    #frame = null;
    #isThere = false; // whether the frame's page listens
    #token = null;
    #due = 0; // when the next token is to be fetched, by this machine's clock
    #ended = false;
    #refused = false; // the dashboard lets nobody in whom this portal names, which no focus changes
    #asking = false;
    #failures = 0;
    #timer = null;
    #watch = null;
    #told = null; // the theme that the frame knows

    connectedCallback() {
      if (!this.getAttribute("token-url")) return console.error("<usage-dash> needs a token-url: where this page's server signs tokens.");
      this.style.display ||= "block";
      this.#frame = this.#newFrame();
      this.#applyTheme();
      this.#listen();
      this.replaceChildren(this.#frame);
      this.#ask();
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      this.#watch?.disconnect();
      window.removeEventListener("pageshow", this.#back);
      window.removeEventListener("message", this.#hear);
      window.removeEventListener("focus", this.#look);
      document.removeEventListener("visibilitychange", this.#look);
      system.removeEventListener("change", this.#applyTheme);
      this.#frame = this.#token = null;
      this.#isThere = this.#ended = false;
    }

    attributeChangedCallback() {
      this.#applyTheme();
    }

    #listen() {
      window.addEventListener("pageshow", this.#back);
      window.addEventListener("message", this.#hear);
      window.addEventListener("focus", this.#look);
      document.addEventListener("visibilitychange", this.#look);
      system.addEventListener("change", this.#applyTheme);
      this.#watch = new MutationObserver(this.#applyTheme);
      for (const each of [document.documentElement, document.body]) this.#watch.observe(each, SAID);
    }

    /* It never scrolls by itself: it is as high as what it shows. */
    #newFrame() {
      const title = this.title || (this.#isSmall ? "My usage" : "OpenAI usage");
      const frame = Object.assign(document.createElement("iframe"), { title, scrolling: "no", src: this.#address() });
      frame.style.cssText = `display: block; width: 100%; height: ${this.#isSmall ? 200 : 900}px; border: 0;`;
      return frame;
    }

    get #isSmall() {
      return this.getAttribute("view") === "me";
    }

    #address() {
      const address = new URL(this.#isSmall ? "embed/me" : "embed", HOME);
      for (const look of ["range", "hide"]) {
        if (this.hasAttribute(look)) address.searchParams.set(look, this.getAttribute(look));
      }
      address.searchParams.set("theme", this.#theme);
      return address.href;
    }

    /* The portal's: what is written here, else what its page says of itself or is drawn in, else the system's. */
    get #theme() {
      const options = [this.getAttribute("theme"), said(), getComputedStyle(this).colorScheme];
      return options.find((theme) => theme === "light" || theme === "dark") ?? (system.matches ? "dark" : "light");
    }

    /* Without the same scheme on both sides, browsers paint a frame's ground. */
    #applyTheme = () => {
      const theme = this.#frame && this.#theme;
      if (!theme || theme === this.#told) return;
      this.#frame.style.colorScheme = theme;
      this.#tell({ usageDash: "theme", theme });
      this.#told = this.#isThere ? theme : null;
    };

    #tell(message) {
      if (this.#isThere) this.#frame.contentWindow.postMessage(message, HOME.origin);
    }

    #hear = ({ source, origin, data }) => {
      if (source !== this.#frame.contentWindow || origin !== HOME.origin) return;
      if (data?.usageDash === "ready") this.#greet();
      else if (data?.usageDash === "again") this.#ask();
      else if (data?.usageDash === "refused") this.#rest(true);
      else if (data?.usageDash === "height" && Number.isFinite(data.height)) this.#frame.style.height = `${Math.min(Math.max(data.height, 0), HIGHEST)}px`;
    };

    #greet() {
      this.#isThere = true;
      this.#told = null;
      this.#applyTheme();
      if (this.#token) this.#tell({ usageDash: "token", token: this.#token });
      else if (this.#ended) this.#tell({ usageDash: "ended" });
    }

    /* Until somebody is back at the page, or tries again. */
    #rest(refused = false) {
      clearTimeout(this.#timer);
      this.#refused = refused;
      this.#ended = true;
      this.#token = null;
    }

    /* The page comes back as it was left, and somebody else may sit before it. */
    #back = ({ persisted }) => persisted && this.#ask();

    /* Somebody is back at the page: a token may have run out meanwhile, or they may have signed in again. */
    #look = () => {
      if (!document.hidden && !this.#refused && (this.#ended || Date.now() >= this.#due)) this.#ask();
    };

    async #ask() {
      if (this.#asking) return;
      this.#asking = true;
      clearTimeout(this.#timer);
      try {
        await this.#fetchToken();
      } catch {
        this.#tell({ usageDash: "silent" });
        this.#later(PAUSES[Math.min(this.#failures, PAUSES.length - 1)]);
        this.#failures += 1;
      } finally {
        this.#asking = false;
      }
    }

    /* Where nobody is signed in, some portals answer with the way to their sign-in. */
    async #fetchToken() {
      const options = { headers: { Accept: "application/json" }, cache: "no-store", redirect: "manual" };
      const answer = await fetch(this.getAttribute("token-url"), { ...options, signal: AbortSignal.timeout(15_000) });
      if (!this.#frame) return;
      if (answer.type === "opaqueredirect" || SIGNED_OUT.includes(answer.status)) {
        this.#rest();
        this.#tell({ usageDash: "ended" });
      } else if (answer.ok) {
        this.#take(await answer.json());
      } else {
        throw new Error(answer.statusText);
      }
    }

    #take({ token }) {
      if (!this.#frame) return;
      if (typeof token !== "string") throw new TypeError("no token");
      this.#token = token;
      this.#ended = this.#refused = false;
      this.#failures = 0;
      this.#tell({ usageDash: "token", token });
      this.#later(Math.max(SOONEST, life(token) - EARLY, life(token) / 2));
    }

    #later(seconds) {
      if (!this.#frame) return;
      this.#due = Date.now() + seconds * 1_000;
      this.#timer = setTimeout(() => document.hidden || this.#ask(), seconds * 1_000);
    }
  }

  if (!customElements.get("usage-dash")) customElements.define("usage-dash", UsageDash);
})();
