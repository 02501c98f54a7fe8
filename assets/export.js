/* Files to take along from a portal's frame, where a link carries neither cookie nor token: with the token an address is
   asked for that works once, and the browser fetches the file there. Anywhere else the link itself is enough. */
(() => {
  const FAILED = "The file can’t be had at the moment. Try again.";
  const page = window.usageDash;
  if (!page.pass) return;

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-export]");
    if (!link || link.ariaDisabled === "true") return;
    event.preventDefault();
    say("");
    fetchFile(link.href).catch(() => say(FAILED));
  });

  async function fetchFile(href) {
    const answer = await fetch(href, { ...(await page.pass()), method: "POST" });
    if (answer.status === 401) return page.end(answer);
    if (!answer.ok) return say(await reason(answer));
    const { address } = await answer.json();
    download(new URL(address, href).href);
  }

  /* What the server says of itself; a page of whoever stands before it is no sentence. */
  async function reason(answer) {
    const isSaid = answer.headers.get("Content-Type")?.startsWith("text/plain");
    return isSaid ? (await answer.text()).trim() : FAILED;
  }

  function download(address) {
    const link = Object.assign(document.createElement("a"), { href: address, download: "", hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
  }

  function say(sentence) {
    for (const place of document.querySelectorAll("[data-export-said]")) place.textContent = sentence;
  }
})();
