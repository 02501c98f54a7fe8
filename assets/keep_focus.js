/* The keyboard's focus stays where it is when an answer comes: Dash makes the elements of a part anew, and what had the
   focus is gone with the old ones. The like of it takes the focus: what chooses the same, else what stands in its place. */
(() => {
  const page = () => document.querySelector("#react-entry-point #body");
  let last = null; // what had the focus, and where it stood

  document.addEventListener("focusin", ({ target }) => {
    last = page()?.contains(target) ? { target, value: target.dataset.value, way: way(target) } : null;
  });
  document.addEventListener("pointerdown", () => (last = null)); // the focus goes where it is pressed, if anywhere

  function way(element) {
    const steps = [];
    for (; element !== page(); element = element.parentElement) steps.unshift([...element.parentElement.children].indexOf(element));
    return steps;
  }

  function like({ target, value, way }) {
    if (value !== undefined) return page().querySelector(`${part(way)} [data-value="${CSS.escape(value)}"]`);
    const there = way.reduce((element, step) => element?.children[step], page());
    return there?.tagName === target.tagName ? there : null;
  }

  /* The part of the page that a way leads into. */
  function part([first]) {
    return `:scope > :nth-child(${first + 1})`;
  }

  function attend() {
    if (!last || last.target.isConnected || document.activeElement !== document.body) return;
    const next = like(last);
    last = null;
    next?.focus({ preventScroll: true });
  }

  new MutationObserver((_, whole) => {
    if (!page()) return;
    whole.disconnect();
    new MutationObserver(attend).observe(page(), { childList: true, subtree: true });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
