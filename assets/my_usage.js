/* My usage: a small card that is asked for again as often as the page is refreshed. */
(() => {
  const SILENCE = "No answer from usage-dash.";
  const page = window.usageDash;
  const { address, seconds } = JSON.parse(document.getElementById("frame-facts").textContent);
  const place = document.getElementById("my-usage");
  let isWaiting = false;
  let next = null;

  /* One request at a time, and none while nobody looks. */
  async function ask() {
    if (isWaiting || page.ended || document.hidden) return;
    isWaiting = true;
    clearTimeout(next);
    await show(await page.pass());
    next = setTimeout(ask, (place.querySelector("[data-soon]") ? 1 : seconds) * 1_000);
    isWaiting = false;
  }

  async function show(pass) {
    try {
      const answer = await fetch(address, { ...pass, redirect: "manual", signal: AbortSignal.timeout(30_000) });
      if (answer.status === 401 || answer.status === 403) return page.end(answer);
      put(card(answer.ok ? await answer.text() : ""));
    } catch {
      tellOfSilence();
    }
  }

  /* What is not our card is somebody else's answer. */
  function card(text) {
    const given = new DOMParser().parseFromString(text, "text/html").querySelector(".mine");
    if (!given) throw new TypeError("no card");
    return given;
  }

  function put(given) {
    if (page.ended) return;
    place.replaceChildren(given);
    place.removeAttribute("aria-busy");
    page.live();
  }

  /* An old card stays, with its time. */
  function tellOfSilence() {
    const time = place.querySelector(".as-of");
    if (!time) place.replaceChildren(Object.assign(document.createElement("p"), { className: "card mine", textContent: SILENCE }));
    else if (!time.textContent.endsWith(SILENCE)) time.textContent += `. ${SILENCE}`;
  }

  ask();
  document.addEventListener("visibilitychange", ask);
})();
