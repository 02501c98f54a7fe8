/* What is looked at, said aloud once it changes: not with each answer, as most bring the same words. */
(() => {
  window.usageDash.make("[data-says]", (place) => {
    const say = () => (document.querySelector("#react-entry-point #aloud").textContent = place.dataset.says);
    new MutationObserver(say).observe(place, { attributeFilter: ["data-says"] });
  });
})();
