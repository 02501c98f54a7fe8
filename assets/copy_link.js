/* The link to what is looked at: the page's address, copied, with the answer where it was asked for. */
(() => {
  const DONE = "Link copied";
  const FAILED = "Copy the address of this page instead";
  const SHOWN = 4_000; // milliseconds

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("[data-copy-link]");
    if (!button || button.closest("#still")) return;
    const answer = button.querySelector("[data-copied]");
    answer.textContent = (await copied(location.href)) ? DONE : FAILED;
    setTimeout(() => (answer.textContent = ""), SHOWN);
  });

  /* Pages of plain HTTP have no clipboard, but for the older way. */
  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copiedOfOld(text);
    }
  }

  function copiedOfOld(text) {
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
    const focused = document.activeElement;
    document.activeElement.after(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    focused.focus({ preventScroll: true });
    return done;
  }
})();
