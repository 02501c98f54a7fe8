/* The page in a portal's frame: it asks nothing before the portal's page has handed over a token, sends that in place of
   any cookie, and tells its height. It listens to the portals of the settings alone. */
(() => {
  const SILENT = 2_000; // milliseconds until it is said that the portal is waited for
  const PATIENCE = 15_000; // and that it has not answered
  const USUAL = 900_000; // that a token lives which does not say how long
  const page = window.usageDash;
  const { origins } = JSON.parse(document.getElementById("frame-facts").textContent);
  const root = document.documentElement;
  const place = document.getElementById("frame-state");
  let portal = null; // its origin, once it has spoken
  let token = null;
  let arrived; // fulfilled with the first token
  let ending = null;
  let told = 0; // the height that the portal knows
  const waits = [];
  const first = new Promise((resolve) => {
    arrived = resolve;
  });
  page.looks = new URLSearchParams(location.search); // theme, and what is hidden

  function hidden() {
    const names = (page.looks.get("hide") ?? "").split(",");
    return names.filter((name) => /^[a-z]+$/.test(name)).map((name) => `without-${name}`);
  }

  page.pass = async () => {
    await first;
    return { credentials: "omit", headers: { Authorization: `Bearer ${token}`, "X-Usage-Dash-Frame": "1" } };
  };

  page.live = () => {
    if (place.dataset.state === "waiting") show("live");
  };

  /* The server lets this token in no more, or never did. */
  page.end = (answer) => {
    const isOver = answer?.headers.get("WWW-Authenticate")?.includes('error="expired"');
    end(isOver ? "ended" : "refused");
  };

  function show(state, words = "") {
    waits.splice(0).forEach(clearTimeout);
    place.dataset.state = state;
    place.dataset.wait = words;
  }

  function wait() {
    show("waiting");
    const say = (words) => () => (place.dataset.wait = words);
    waits.push(setTimeout(say("long"), SILENT), setTimeout(say("in-vain"), PATIENCE));
  }

  /* Without news of the portal nobody has signed out: it is the portal that is waited for. */
  function over() {
    end("ended", root.classList.contains("silent") ? "silent" : "");
  }

  /* Nothing that was known stays in the document, and nothing is asked any more, nor fetched by the portal. */
  function end(state, words) {
    if (page.ended) return;
    page.ended = true;
    token = null;
    clearTimeout(ending);
    root.classList.remove("silent");
    root.classList.add("over");
    window.dash_clientside.set_props?.("body", { children: [] }); // a table that React does not take away itself goes on measuring
    setTimeout(() => {
      document.querySelectorAll("#still, #react-entry-point, #my-usage").forEach(empty);
      show(state, words);
      if (state === "refused") call("refused");
    });
  }

  /* A hidden one stays in its place: Dash may yet come, and look for it. */
  function empty(part) {
    part.replaceWith(Object.assign(document.createElement("div"), { id: part.id, hidden: true }));
  }

  /* From here on it is usage-dash that is waited for, and the page itself says so. */
  function take(given) {
    if (page.ended || (token && whose(token) !== whose(given))) return page.again(); // a document anew, which gets it again
    show(place.dataset.state);
    token = given;
    clearTimeout(ending);
    root.classList.remove("silent");
    ending = setTimeout(over, life(given));
    arrived();
  }

  /* What a token says; what is wrong with it is the server's to tell. */
  function claims(given) {
    try {
      return JSON.parse(atob(given.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))) ?? {};
    } catch {
      return {};
    }
  }

  function whose(given) {
    const { sub, see } = claims(given);
    return JSON.stringify([sub, see]);
  }

  /* How many milliseconds a new token lives, by its own two times: clocks differ. */
  function life(given) {
    const { iat, exp } = claims(given);
    return exp > iat ? Math.min((exp - iat) * 1_000, USUAL) : USUAL;
  }

  page.again ??= () => location.reload();

  const messages = {
    token: ({ token: given }) => take(String(given)),
    theme: ({ theme }) => {
      page.looks.set("theme", theme);
      page.setTheme(theme);
    },
    ended: () => (page.ended ? show("ended") : end("ended")),
    silent: () => root.classList.add("silent"),
  };

  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || !origins.includes(origin) || !Object.hasOwn(messages, data?.usageDash)) return;
    portal = origin;
    messages[data.usageDash](data);
    tellHeight();
  });

  /* Without content, so whoever the parent is may read it. */
  function call(what) {
    window.parent.postMessage({ usageDash: what }, portal ?? "*");
  }

  function tellHeight() {
    const height = Math.ceil(root.getBoundingClientRect().height);
    if (!portal || height === told) return;
    told = height;
    window.parent.postMessage({ usageDash: "height", height }, portal);
  }

  document.addEventListener("click", ({ target, clientY }) => {
    if (target.closest?.("[data-opens]")) root.style.setProperty("--pressed", `${clientY}px`);
    if (!target.closest?.("[data-again]")) return;
    if (place.dataset.state === "waiting") wait();
    call("again");
  });

  /* What is put away for the way back is no longer of whoever comes back. */
  window.addEventListener("pagehide", () => end("waiting"));
  window.addEventListener("pageshow", ({ persisted }) => persisted && wait());

  root.classList.add("framed", ...hidden());
  page.setTheme(page.looks.get("theme"));
  new ResizeObserver(tellHeight).observe(root);
  wait();
  call("ready");
})();
