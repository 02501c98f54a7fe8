/* What a viewer opened of the checks stays open, and what was closed stays closed, whatever an answer brings, as long as
   the page is shown; at first the server says which is open. */
(() => {
  const CHECKS = "#react-entry-point .view-trust #checks > .checks > details";
  let chosen = new Map(); // by ids: whether it is open
  let focused = null; // the id of that whose summary has the keyboard's focus, which moving it would take away

  function keep() {
    const checks = [...document.querySelectorAll(CHECKS)];
    if (focused && document.activeElement === document.body) {
      document.querySelector(`#react-entry-point #${focused} > summary`)?.focus({ preventScroll: true });
    }
    if (!checks.length) chosen = new Map(); // another page is shown, and this one begins anew
    for (const check of checks) {
      if (!chosen.has(check.id)) chosen.set(check.id, check.open && chosen.size === 0);
      if (check.open !== chosen.get(check.id)) check.open = chosen.get(check.id);
    }
  }

  function around(target) {
    return target.closest?.(`${CHECKS} > summary`)?.parentElement;
  }

  document.addEventListener("click", ({ target }) => {
    const check = around(target);
    if (check) chosen.set(check.id, !check.open);
  });

  document.addEventListener("focusin", ({ target }) => (focused = around(target)?.id ?? null));
  document.addEventListener("pointerdown", () => (focused = null));

  new MutationObserver((_, whole) => {
    const body = document.querySelector("#react-entry-point #body");
    if (!body) return;
    whole.disconnect();
    const changes = new MutationObserver(keep);
    changes.observe(body, { attributeFilter: ["class"] });
    changes.observe(body.querySelector("#checks"), { childList: true, subtree: true, attributeFilter: ["open", "id"] });
    keep();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
