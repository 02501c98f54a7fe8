/* The page in a portal's frame: it asks nothing before the portal's page has handed over a token, sends that in place of
   any cookie, and tells its height. It listens to the portals of the settings alone. */
(() => {
  const SILENT = 2_000; // milliseconds until it is said that the portal is waited for
  const PATIENCE = 15_000; // and that it has not answered
  const page = window.usageDash;
  const { origins } = JSON.parse(document.getElementById("frame-facts").textContent);
  const root = document.documentElement;
  const looks = new URLSearchParams(location.search);
  const place = document.getElementById("frame-state");
  let portal = null; // its origin, once it has spoken
  let token = null;
  let arrived; // fulfilled with the first token
  let ending = null;
  const first = new Promise((resolve) => {
    arrived = resolve;
  });

  root.classList.add("framed", ...(looks.get("hide") ?? "").split(",").filter((part) => /^[a-z]+$/.test(part)).map((part) => `without-${part}`));
  page.setTheme(looks.get("theme"));

  page.pass = async () => {
    await first;
    return { credentials: "omit", headers: { Authorization: `Bearer ${token}`, "X-Usage-Dash-Frame": "1" } };
  };

  page.live = () => {
    if (place.dataset.state === "waiting") show("live");
  };

  /* The server lets this token in no more, or never did. */
  page.end = (answer) => {
    end(answer?.headers.get("WWW-Authenticate")?.includes('error="expired"') ? "ended" : "refused");
  };

  function show(state, wait = "") {
    place.dataset.state = state;
    place.dataset.wait = wait;
  }

  /* Nothing that was known stays in the document, and nothing is asked any more. */
  function end(state) {
    if (page.ended) return;
    page.ended = true;
    clearTimeout(ending);
    for (const part of document.querySelectorAll("#still, #react-entry-point, #my-usage")) part.remove();
    show(state);
  }

  function take(given) {
    if (page.ended) return page.again(); // a document anew, to which the portal gives it again
    token = given;
    clearTimeout(ending);
    ending = setTimeout(end, life(given), "ended");
    arrived();
  }

  /* How long a token lives yet, in milliseconds; what is wrong with it is the server's to say. */
  function life(given) {
    try {
      const claims = JSON.parse(atob(given.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
      return Math.min(Math.max(0, claims.exp * 1_000 - Date.now()) || PATIENCE, 2 ** 31 - 1);
    } catch {
      return PATIENCE;
    }
  }

  page.again ??= () => location.reload();

  const messages = {
    token: ({ token: given }) => take(String(given)),
    theme: ({ theme }) => page.setTheme(theme),
    ended: () => end("ended"),
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
    if (portal) window.parent.postMessage({ usageDash: "height", height: Math.ceil(document.body.getBoundingClientRect().height) }, portal);
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-again]")) return;
    if (place.dataset.state === "waiting") show("waiting");
    call("again");
  });

  new ResizeObserver(tellHeight).observe(document.body);
  setTimeout(() => place.dataset.state === "waiting" && show("waiting", "long"), SILENT);
  setTimeout(() => place.dataset.state === "waiting" && show("waiting", "in-vain"), PATIENCE);
  call("ready");
})();
