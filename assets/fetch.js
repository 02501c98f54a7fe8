/* The page's one door to its server: it serves what the document already carries, tells answers that are not ours, and
   is where every request of the page gets its headers. It stands before Dash's renderer, which asks by window.fetch. */
(() => {
  const SIGN_IN_FIRST = [401, 403, 407, 511];
  const CARRIED = { "_dash-layout": "carried-layout", "_dash-dependencies": "carried-dependencies" };
  const page = window.usageDash;
  const ask = window.fetch;
  const underWay = new Map(); // the newest request of each callback, by what it puts out
  page.facts = JSON.parse(document.getElementById("facts").textContent);
  page.patience = 30_000; // milliseconds; the server itself answers within 12 seconds, whatever its source does
  page.isWaiting = () => underWay.size > 0;

  window.fetch = async (resource, options) => {
    const endpoint = new URL(resource.url ?? resource, location.href).pathname.split("/").at(-1);
    if (!endpoint.startsWith("_dash-")) return ask(resource, options);
    const kept = carried(CARRIED[endpoint]);
    if (kept) return kept;
    const send = (pass, more) => {
      const whose = { "X-Usage-Dash": page.facts.version, "X-Usage-Dash-Viewer": document.documentElement.dataset.viewer };
      const headers = { ...options.headers, ...pass?.headers, ...whose };
      return ask(resource, { ...options, ...pass, ...more, headers });
    };
    return endpoint === "_dash-update-component" ? converse(JSON.parse(options.body), send) : send(await page.pass?.());
  };

  /* A part of the document is taken once: what is asked later is asked because something changed. */
  function carried(id) {
    const block = document.getElementById(id);
    block?.remove();
    return block && new Response(block.textContent, { headers: { "Content-Type": "application/json" } });
  }

  async function converse(payload, send) {
    if (page.ended) return nothing();
    const request = new AbortController();
    underWay.get(payload.output)?.abort(); // nobody waits for an answer that a newer one would replace
    underWay.set(payload.output, request);
    page.settle();
    const pass = await page.pass?.(); // in a frame: its token, once it is there
    const [verdict, answer] = await outcome(request, (more) => send(pass, more));
    if (underWay.get(payload.output) !== request) return nothing();
    underWay.delete(payload.output);
    if (verdict === "signed-out") page.end(answer, payload);
    else page.heard(verdict, payload);
    page.settle();
    return verdict === "ours" ? answer : nothing();
  }

  /* What Dash takes for “no change”: any failure would keep its callback waiting for good, or fill the console. */
  function nothing() {
    return new Response(null, { status: 204 });
  }

  async function outcome(request, send) {
    const tooLong = setTimeout(() => request.abort(), page.patience);
    try {
      const answer = await send({ redirect: "manual", signal: request.signal });
      return [await judge(answer), answer];
    } catch {
      return ["offline", null]; // no connection, no whole answer, or none in time
    } finally {
      clearTimeout(tooLong);
    }
  }

  /* A redirect of a callback leads to a sign-in, whichever host has it; so does a page in place of JSON. 400 is what
     our server says to the page of another deploy. */
  async function judge(answer) {
    if (answer.type === "opaqueredirect" || SIGN_IN_FIRST.includes(answer.status)) return "signed-out";
    if (answer.status === 400) return "outdated";
    const kind = answer.headers.get("Content-Type") ?? "";
    if (answer.ok && kind.startsWith("text/html")) return "signed-out";
    if (!answer.ok || !kind.startsWith("application/json")) return "offline";
    const said = await answer.clone().json();
    return said?.multi === true && said.response instanceof Object ? "ours" : "offline";
  }
})();
