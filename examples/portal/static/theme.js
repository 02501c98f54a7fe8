/* The portal's own theme: a choice that it keeps, and says on its root element. Its frames follow. */
(() => {
  const root = document.documentElement;
  root.dataset.bsTheme = localStorage.getItem("theme") ?? "light";
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#theme")) return;
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.bsTheme);
  });
})();
