/* The page's state is its address: what is looked at, whose page it is, and how the table is sorted. Scripts change it
   here and nowhere else; the server reads it by one grammar (reporting/grammar.py) and draws what it says.
   In a frame the address is that of the frame's document, and no step is added to the portal's history. */
(() => {
  const USER = "user-page"; // in a frame: whose page it shows
  const LOOKS = ["theme", "hide"]; // in a frame: what is the portal's
  const TABLE = ["page"]; // what a change of the filters begins anew
  const page = window.usageDash;
  const { root, usual } = page.facts;
  const { title } = document;
  const framed = page.looks !== undefined;
  let asked = null; // as in the store: {query, user}, once Dash has told
  let answered = null; // {of, query}: what the server made of a query, without what cannot be
  const early = []; // controls that were pressed before that
  let arriving = false; // whether another page is shown as soon as it is answered

  /* The server's answer to what is asked now, else what is asked. */
  page.params = () => {
    if (!asked) return new URLSearchParams(location.search);
    return new URLSearchParams(answered?.of === asked.query ? answered.query : asked.query);
  };
  page.person = () => asked?.user ?? null;

  page.href = (params, person = asked.user) => {
    const query = params.toString();
    return root + (person === null ? "" : `users/${encodeURIComponent(person)}`) + (query && `?${query}`);
  };

  page.go = (params, person = asked.user, { replace = false } = {}) => {
    const next = { ...asked, query: params.toString(), user: person };
    if (next.user === asked.user && next.query === page.params().toString()) return;
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
    page.go(params, asked.user, options);
  };

  page.toggle = (name, value) => {
    const values = page.params().getAll(name);
    const others = values.filter((each) => each !== value);
    page.set({ [name]: others.length < values.length ? others : [...values, value] });
  };

  /* Where this page is, for a document anew. */
  page.here = () => (framed ? framedAddress() : location.href);

  function show(next) {
    arriving = next.user !== asked.user;
    asked = next;
    window.dash_clientside.set_props("asked", { data: { ...asked } });
  }

  function framedAddress() {
    const params = new URLSearchParams(asked?.query ?? "");
    for (const look of LOOKS) if (page.looks.has(look)) params.set(look, page.looks.get(look));
    if (asked?.user) params.set(USER, asked.user);
    return `?${params}`;
  }

  function personAt(path) {
    const below = path.startsWith(`${root}users/`) && path.slice(root.length + "users/".length);
    try {
      return below ? decodeURIComponent(below) : null;
    } catch {
      return null; // not by us
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
    const heading = document.querySelector("#react-entry-point .view-user [data-arrival]");
    document.title = heading ? `${heading.textContent} – ${title}` : title;
    if (!arriving) return;
    arriving = false;
    window.scrollTo(0, 0);
    heading?.focus();
  };

  window.addEventListener("popstate", () => {
    if (framed || !asked || page.ended) return;
    show({ ...asked, query: location.search.slice(1), user: personAt(location.pathname) });
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
    const { search, pathname } = new URL(link.href);
    page.go(new URLSearchParams(search), personAt(pathname));
  }
})();
