/* The users table: sorting, paging and opening rows, by mouse and keyboard.
   The viewer's choices stand in the store "asked"; the server answers with the rows. What Dash's table leaves out -
   sort buttons that a keyboard reaches, the sorted column's name, the focus after rows changed - is added here. */
(() => {
  const { sorts } = window.usageDash.facts;
  const asked = {}; // as in the store
  let focused = null; // the button in the table that has the focus, by what it does

  window.dash_clientside.usage_dash.sortBy = (stored) => {
    Object.assign(asked, stored);
    if (table()) nameHeaders();
    return [{ column_id: asked.sort, direction: asked.descending ? "desc" : "asc" }];
  };

  function ask(change) {
    Object.assign(asked, change);
    nameHeaders();
    window.dash_clientside.set_props("asked", { data: structuredClone(asked) });
  }

  function sort(column) {
    const again = asked.sort === column;
    ask({ sort: column, descending: again ? !asked.descending : column !== "user", page: 0 });
  }

  function toggle(user) {
    const others = asked.opened.filter((row) => row.user !== user);
    ask({ opened: others.length < asked.opened.length ? others : [...others, { user, page: 0 }] });
  }

  function turnEntries(user, page) {
    ask({ opened: asked.opened.map((row) => (row.user === user ? { user, page } : row)) });
  }

  function press(button) {
    const { usersPage, entriesPage } = button.dataset;
    const user = decodeURIComponent(button.dataset.user ?? "");
    if (usersPage !== undefined) ask({ page: Number(usersPage) });
    else if (entriesPage !== undefined) turnEntries(user, Number(entriesPage));
    else if (button.classList.contains("toggle")) toggle(user);
  }

  function table() {
    return document.querySelector("#react-entry-point #users-table"); // another stands in the page before Dash is there
  }

  // In the capture phase: the table's own handler would sort dear columns from the cheap end first.
  document.addEventListener(
    "click",
    (event) => {
      const header = event.target.closest?.("#users-table .column-header--sort");
      if (header) {
        event.stopPropagation();
        sort(header.closest("th").dataset.dashColumn);
        return;
      }
      const button = event.target.closest?.("#users-table button, #pager button");
      if (button) press(button);
    },
    true,
  );

  // In the capture phase, and no key reaches the table: it would take Tab and Enter for moves of a cursor it lacks.
  document.addEventListener(
    "keydown",
    (event) => {
      if (!event.target.closest?.("#users-table")) return;
      event.stopPropagation();
      const header = event.target.closest(".column-header--sort");
      if (!header || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      sort(header.closest("th").dataset.dashColumn);
    },
    true,
  );

  // Rows are drawn anew when they change; the focus goes on in the button that does the same.
  function name(button) {
    return `${button.textContent} ${button.dataset.user}`;
  }

  document.addEventListener("focusin", (event) => {
    const button = event.target.closest?.("#users-table button");
    focused = button ? name(button) : null;
  });

  function keepFocus() {
    if (focused === null || document.activeElement !== document.body) return;
    for (const button of table().querySelectorAll("button[data-user]")) {
      if (name(button) === focused) return button.focus({ preventScroll: true });
    }
  }

  function set(element, attribute, value) {
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  }

  function nameHeaders() {
    for (const header of table().querySelectorAll("th.dash-header")) {
      const column = header.dataset.dashColumn;
      const button = header.querySelector(".column-header--sort");
      set(header, "scope", "col");
      if (!sorts.includes(column)) continue;
      const order = asked.descending ? "descending" : "ascending";
      set(header, "aria-sort", column === asked.sort ? order : "none");
      set(button, "role", "button");
      set(button, "tabindex", "0");
      set(button, "aria-label", `Sort by ${header.querySelector(".column-header-name").textContent}`);
    }
  }

  function attend() {
    if (!table()) return; // it was taken away
    nameHeaders();
    keepFocus();
  }

  new MutationObserver((_, whole) => {
    if (!table()) return;
    whole.disconnect();
    new MutationObserver(attend).observe(table(), { childList: true, subtree: true });
    attend();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
