/* Buttons that copy what stands in [data-copy]; where a browser does not let them, the text is selected instead. */
(() => {
  const SAID_FOR = 2_000; // milliseconds

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("#react-entry-point [data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      answer(button, "Copied");
    } catch {
      select(button);
    }
  });

  function answer(button, said) {
    const place = button.querySelector(".copied");
    place.textContent = said;
    setTimeout(() => (place.textContent = ""), SAID_FOR);
  }

  function select(button) {
    const around = button.closest(".title, dialog");
    window.getSelection().selectAllChildren(around.querySelector(".mono, pre") ?? around.querySelector("h2"));
    answer(button, "Selected");
  }
})();
