/* The users table: sorting, paging and opening rows, by mouse and keyboard.
   The viewer's choices stand in the address (address.js); the server answers with the rows. What Dash's table leaves out -
   sort buttons that a keyboard reaches, the sorted column's name, the focus after rows changed - is added here. */
(() => {
  const NAMES = ["user", "team"]; // columns that begin with the first letter
  const page = window.usageDash;
  const { sorts } = page.facts;
  let focused = null; // the button in the table that has the focus, by what it does

  /* How the table is sorted, as DataTable wants to know it. */
  page.sortOf = () => {
    if (table()) nameHeaders();
    const { column, descending } = order();
    return [{ column_id: column, direction: descending ? "desc" : "asc" }];
  };

  function order() {
    const said = page.params().get("sort") ?? "-cost";
    return { column: said.replace("-", ""), descending: said.startsWith("-") };
  }

  function sort(column) {
    const now = order();
    const descending = now.column === column ? !now.descending : !NAMES.includes(column);
    page.set({ sort: `${descending ? "-" : ""}${column}` });
    nameHeaders();
  }

  function toggle(user) {
    const params = page.params();
    const opened = params.getAll("open");
    keepPages(params, user);
    params.delete("open");
    const others = opened.filter((each) => each !== user);
    for (const each of others.length < opened.length ? others : [...opened, user]) params.append("open", each);
    page.go(params);
  }

  function turnEntries(user, number) {
    const params = page.params();
    keepPages(params, user);
    if (number) params.append("entries", `${number + 1}:${user}`);
    page.go(params);
  }

  /* Of the entries of all but this user, which page is shown. */
  function keepPages(params, user) {
    const others = params.getAll("entries").filter((said) => said.slice(said.indexOf(":") + 1) !== user);
    params.delete("entries");
    for (const said of others) params.append("entries", said);
  }

  function turn(number) {
    const params = page.params();
    params.delete("page");
    if (number) params.append("page", number + 1);
    page.go(params);
  }

  function press(button) {
    const { usersPage, entriesPage } = button.dataset;
    const user = decodeURIComponent(button.dataset.user ?? "");
    if (usersPage !== undefined) turn(Number(usersPage));
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
    const { column: sorted, descending } = order();
    for (const header of table().querySelectorAll("th.dash-header")) {
      const column = header.dataset.dashColumn;
      const button = header.querySelector(".column-header--sort");
      set(header, "scope", "col");
      if (!sorts.includes(column)) continue;
      set(header, "aria-sort", column === sorted ? (descending ? "descending" : "ascending") : "none");
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
