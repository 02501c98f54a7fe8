/* <usage-dash token-url="/my-token">: usage-dash as a part of a portal's page. The page's own server signs a token, which
   is handed to the frame, and to no other origin than the one that this script came from. Attributes: token-url; view
   ("me" for the small card); range, theme and hide, which are looks. */
(() => {
  const HOME = new URL(".", document.currentScript.src);
  const EARLY = 60; // seconds before a token ends that another is fetched
  const PAUSES = [5, 10, 20, 40, 60]; // seconds between tries while the portal's server fails
  const AUTO = { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-bs-theme", "data-color-scheme"] };
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  class UsageDash extends HTMLElement {
    static observedAttributes = ["theme"];
    #frame = null;
    #token = null;
    #ended = false;
    #asking = false;
    #failures = 0;
    #timer = null;
    #watch = null;

    connectedCallback() {
      this.style.display ||= "block";
      this.#frame = Object.assign(document.createElement("iframe"), { title: this.title || "OpenAI usage", src: this.#address() });
      this.#frame.style.cssText = `display: block; width: 100%; height: ${this.#isSmall ? 190 : 900}px; border: 0;`;
      this.#applyTheme();
      window.addEventListener("message", this.#hear);
      window.addEventListener("focus", this.#look);
      document.addEventListener("visibilitychange", this.#look);
      system.addEventListener("change", this.#applyTheme);
      this.#watch = new MutationObserver(this.#applyTheme);
      this.#watch.observe(document.documentElement, AUTO);
      if (document.body) this.#watch.observe(document.body, AUTO);
      this.replaceChildren(this.#frame);
      this.#ask();
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      this.#watch.disconnect();
      window.removeEventListener("message", this.#hear);
      window.removeEventListener("focus", this.#look);
      document.removeEventListener("visibilitychange", this.#look);
      system.removeEventListener("change", this.#applyTheme);
      this.#frame = this.#token = null;
    }

    attributeChangedCallback() {
      this.#applyTheme();
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

    /* The portal's: what it says of itself, else what its page is drawn for, else the system's. */
    get #theme() {
      const wanted = this.getAttribute("theme");
      if (wanted === "light" || wanted === "dark") return wanted;
      for (const { dataset } of [document.documentElement, document.body]) {
        const said = dataset.bsTheme ?? dataset.theme ?? dataset.colorScheme;
        if (said === "light" || said === "dark") return said;
      }
      const scheme = getComputedStyle(this).colorScheme;
      if (scheme === "light" || scheme === "dark") return scheme;
      return system.matches ? "dark" : "light";
    }

    /* Without the same scheme on both sides, browsers paint a frame's ground. */
    #applyTheme = () => {
      if (!this.#frame) return;
      this.#frame.style.colorScheme = this.#theme;
      this.#tell({ usageDash: "theme", theme: this.#theme });
    };

    #tell(message) {
      this.#frame?.contentWindow?.postMessage(message, HOME.origin);
    }

    #hear = ({ source, origin, data }) => {
      if (source !== this.#frame?.contentWindow || origin !== HOME.origin) return;
      if (data?.usageDash === "ready") this.#greet();
      else if (data?.usageDash === "again") this.#ask();
      else if (data?.usageDash === "height" && data.height > 0) this.#frame.style.height = `${data.height}px`;
    };

    #greet() {
      this.#applyTheme();
      if (this.#ended) this.#tell({ usageDash: "ended" });
      else if (this.#token) this.#tell({ usageDash: "token", token: this.#token });
    }

    /* Somebody is back at the page: a token may have run out meanwhile, or they may have signed in again. */
    #look = () => {
      if (!document.hidden && (this.#ended || this.#life() < EARLY)) this.#ask();
    };

    /* How many seconds the token lives yet. */
    #life() {
      try {
        const claims = JSON.parse(atob(this.#token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
        return claims.exp - Date.now() / 1000;
      } catch {
        return 0;
      }
    }

    async #ask() {
      if (this.#asking) return;
      this.#asking = true;
      clearTimeout(this.#timer);
      try {
        await this.#fetchToken();
      } catch {
        const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)];
        this.#failures += 1;
        this.#later(pause);
      } finally {
        this.#asking = false;
      }
    }

    async #fetchToken() {
      const headers = { Accept: "application/json" };
      const answer = await fetch(this.getAttribute("token-url"), { headers, cache: "no-store", signal: AbortSignal.timeout(15_000) });
      if (!this.#frame) return;
      this.#ended = answer.status === 401 || answer.status === 403;
      if (this.#ended) {
        this.#token = null;
        this.#tell({ usageDash: "ended" });
        return;
      }
      if (!answer.ok) throw new Error(answer.statusText);
      this.#token = (await answer.json()).token;
      this.#failures = 0;
      this.#tell({ usageDash: "token", token: this.#token });
      this.#later(Math.max(this.#life() - EARLY, EARLY / 4));
    }

    #later(seconds) {
      if (this.#frame) this.#timer = setTimeout(() => this.#look(), seconds * 1000);
    }
  }

  if (!customElements.get("usage-dash")) customElements.define("usage-dash", UsageDash);
})();
