/* The page's state is its address: what is looked at, on which page, and how the table is sorted. Scripts change it
   here and nowhere else; the server reads it by one grammar (reporting/grammar.py) and draws what it says.
   In a frame the address is that of the frame's document, and no step is added to the portal's history. */
(() => {
  const USERS = "users/"; // the path of a user's page, before the id
  const USER = "user-page"; // in a frame: whose page it shows
  const AT = "at"; // or the path of which other
  const LOOKS = ["theme", "hide"]; // in a frame: what is the portal's
  const TABLE = ["page"]; // what a change of the filters begins anew
  const page = window.usageDash;
  const { root, usual } = page.facts;
  const { title } = document;
  const framed = page.looks !== undefined;
  let asked = null; // as in the store: {query, at}, once Dash has told; `at` is the path below the root
  let answered = null; // {of, query}: what the server made of a query, without what cannot be
  const early = []; // controls that were pressed before that
  let arriving = false; // whether another page is shown as soon as it is answered
  let toward = ""; // what of it a link led to

  /* The server's answer to what is asked now, else what is asked. */
  page.params = () => {
    if (!asked) return new URLSearchParams(location.search);
    return new URLSearchParams(answered?.of === asked.query ? answered.query : asked.query);
  };
  page.person = () => (asked?.at.startsWith(USERS) ? asked.at.slice(USERS.length) : null);

  page.pathOf = (person) => USERS + person;

  page.href = (params) => {
    const [query, person] = [params.toString(), page.person()];
    return root + (person === null ? asked.at : page.pathOf(encodeURIComponent(person))) + (query && `?${query}`);
  };

  page.go = (params, at = asked.at, { replace = false } = {}) => {
    const next = { ...asked, query: params.toString(), at };
    if (next.at === asked.at && next.query === page.params().toString()) return;
    show(next);
    if (framed) history.replaceState(null, "", framedAddress());
    else history[replace ? "replaceState" : "pushState"](null, "", page.href(params));
  };

  page.set = (changes, options) => {
    const params = page.params();
    for (const name of [...TABLE, ...Object.keys(changes)]) params.delete(name);
    for (const [name, value] of Object.entries(changes)) {
      for (const each of [value ?? []].flat()) if (each !== usual[name]) params.append(name, each);
    }
    page.go(params, asked.at, options);
  };

  page.toggle = (name, value) => {
    const values = page.params().getAll(name);
    const others = values.filter((each) => each !== value);
    page.set({ [name]: others.length < values.length ? others : [...values, value] });
  };

  /* Where this page is, for a document anew. */
  page.here = () => (framed ? framedAddress() : location.href);

  function show(next) {
    arriving = next.at !== asked.at;
    asked = next;
    window.dash_clientside.set_props("asked", { data: { ...asked } });
  }

  function framedAddress() {
    const params = new URLSearchParams(asked?.query ?? "");
    for (const look of LOOKS) if (page.looks.has(look)) params.set(look, page.looks.get(look));
    if (page.person() !== null) params.set(USER, page.person());
    else if (asked?.at) params.set(AT, asked.at);
    return `?${params}`;
  }

  function below(path) {
    try {
      return path.startsWith(root) ? decodeURIComponent(path.slice(root.length)) : "";
    } catch {
      return ""; // not by us
    }
  }

  window.dash_clientside.usage_dash.beginAt = (stored) => {
    asked ??= { ...stored };
    setTimeout(() => early.splice(0).forEach((control) => control.click()));
    return page.sortOf();
  };

  window.dash_clientside.usage_dash.settle = (said) => {
    answered = said ?? answered;
  };

  /* Another page begins at its top, with its heading; tabs, bookmarks and history call it by that. */
  window.dash_clientside.usage_dash.arrive = () => {
    const heading = document.querySelector("#react-entry-point :is(.view-user #person, .view-trust #trust) [data-arrival]");
    document.title = heading ? `${heading.dataset.arrival || heading.textContent} – ${title}` : title;
    if (!arriving) return;
    arriving = false;
    const aim = toward && document.querySelector(`#react-entry-point ${toward}`);
    toward = "";
    if (aim) return look(aim);
    window.scrollTo(0, 0);
    heading?.focus();
  };

  function look(aim) {
    const summary = aim.querySelector("summary");
    if (!aim.open) summary?.click();
    summary?.focus({ preventScroll: true });
    aim.scrollIntoView({ block: "center" });
  }

  window.addEventListener("popstate", () => {
    if (framed || !asked || page.ended) return;
    show({ ...asked, query: location.search.slice(1), at: below(location.pathname) });
  });

  document.addEventListener("click", (event) => {
    const control = event.target.closest?.("[data-set], [data-toggle], [data-clear], a[data-go]");
    if (!control || control.closest("#still") || control.getAttribute("aria-disabled") === "true") return;
    if (!asked) return control.matches("a") || early.push(control); // a link leads there without us
    if ("set" in control.dataset) page.set(JSON.parse(control.dataset.set));
    else if ("toggle" in control.dataset) page.toggle(control.dataset.toggle, control.dataset.value);
    else if ("clear" in control.dataset) page.set({ model: null, user: null, team: null });
    else if (event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)) follow(event, control);
  });

  function follow(event, link) {
    event.preventDefault();
    const { search, pathname, hash } = new URL(link.href);
    toward = hash;
    page.go(new URLSearchParams(search), below(pathname));
  }
})();
