/* My usage: a small card that is asked for again as often as the page is refreshed. */
(() => {
  const page = window.usageDash;
  const { address, seconds } = JSON.parse(document.getElementById("frame-facts").textContent);
  const card = document.getElementById("my-usage");
  let late = null; // when it was last heard, once an answer has failed

  async function ask() {
    const { headers, ...options } = await page.pass();
    if (document.hidden || page.ended) return;
    try {
      const answer = await fetch(address, { ...options, headers, signal: AbortSignal.timeout(30_000) });
      if (answer.status === 401 || answer.status === 403) return page.end(answer);
      if (!answer.ok) throw new Error(answer.statusText);
      card.innerHTML = await answer.text();
      card.removeAttribute("aria-busy");
      late = null;
      page.live();
    } catch {
      late ??= new Date();
      const told = card.querySelector(".as-of");
      if (told && !page.ended) told.textContent = `No answer since ${late.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}`;
    }
  }

  ask();
  setInterval(ask, seconds * 1_000);
  document.addEventListener("visibilitychange", ask);
})();
