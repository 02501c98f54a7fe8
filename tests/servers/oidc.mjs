// A certified OpenID provider. Its only argument is JSON: its port, its only client, and the claims of its accounts.
// Prints "ready" once it listens, and ends with its parent: when nobody holds the other end of its standard input.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();

const { port, client, accounts } = JSON.parse(process.argv[2]);
const say = console.log;
// It warns of memory that forgets, of defaults and of Node 20, all of which are meant here; errors reach the pages.
console.info = console.warn = () => {};
const { Provider } = await import("oidc-provider"); // only now: it warns as it loads

const EMAIL = ["email", "email_verified"];
const PROFILE = ["name", "preferred_username"];
const others = Object.values(accounts).flatMap(Object.keys).filter((claim) => ![...EMAIL, ...PROFILE].includes(claim));

const page = (body) => `<!DOCTYPE html><meta charset="utf-8"><title>Acme</title>${body}`;
const FORM = page(`<form method="post">
  <label>Login <input name="login" id="login" autofocus></label>
  <button id="enter">Enter</button> <button id="refuse" name="refuse" value="yes">Refuse</button>
</form>`);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  jwks: { keys: [generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" })] },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  scopes: ["openid", "email", "profile"],
  claims: { openid: ["sub", ...new Set(others)], email: EMAIL, profile: PROFILE },
  conformIdTokenClaims: false, // ID tokens carry all claims, as most companies' do
  findAccount: (_ctx, login) => Object.hasOwn(accounts, login) && account(login),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: grantAll,
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = page(`${form}<button id="leave" form="op.logoutForm" name="logout" value="yes">Leave</button>`);
      },
      postLogoutSuccessSource: (ctx) => {
        ctx.body = page('<p id="left">You left.</p>');
      },
    },
  },
  renderError: (ctx, out) => {
    ctx.type = "html"; // the default page asks for fonts of the web
    ctx.body = page(`<p id="error">${JSON.stringify(out).replaceAll("<", "&lt;")}</p>`);
  },
});

function account(login) {
  return { accountId: login, claims: () => ({ ...accounts[login], sub: login }) };
}

// Consent is given before anybody is asked for it.
async function grantAll(ctx) {
  const { client: { clientId }, session: { accountId } } = ctx.oidc;
  const grant = new provider.Grant({ clientId, accountId });
  grant.addOIDCScope("openid email profile");
  await grant.save();
  return grant;
}

async function interact(request, response) {
  const { prompt } = await provider.interactionDetails(request, response);
  const fields = new URLSearchParams(await text(request));
  const result = prompt.name === "login" ? entered(fields) : { consent: {} };
  if (result) {
    await provider.interactionFinished(request, response, result);
  } else {
    response.setHeader("Content-Type", "text/html; charset=utf-8").end(FORM);
  }
}

// What came of the form; nothing when it is yet to be filled in.
function entered(fields) {
  if (fields.has("refuse")) return { error: "access_denied", error_description: "refused at the form" };
  const login = fields.get("login");
  return Object.hasOwn(accounts, login) ? { login: { accountId: login } } : undefined;
}

const answer = provider.callback();
createServer((request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  interact(request, response).catch((error) => response.writeHead(400).end(String(error)));
}).listen(port, "127.0.0.1", () => say("ready"));
