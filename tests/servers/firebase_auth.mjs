// Firebase's Auth emulator, without the command line around it, on the port and for the project given as arguments.
// Prints "ready" once it listens, and ends with its parent: when nobody holds the other end of its standard input.
import { createRequire } from "node:module";

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();

const require = createRequire(import.meta.url);
const emulator = (file) => require(`firebase-tools/lib/emulator/auth/${file}.js`);
const { default: api } = emulator("apiSpec");
const { BadRequestError } = emulator("errors");
const { createApp } = emulator("server");
const { AgentProjectState } = emulator("state");

const [port, project] = process.argv.slice(2);

// Half of its start is to compile what tenants and projects can be configured with, for which no test asks.
for (const path of Object.keys(api.paths)) {
  if (path.includes("/tenants/") || path.startsWith("/v2/projects/")) delete api.paths[path];
}

// The emulator's refresh tokens are the same each time and live until their account is gone. Firebase's are revoked
// with everything that sets `validSince`: a revocation, a new password, a new address.
class State extends AgentProjectState {
  revocations = new Map();

  updateUserByLocalId(uid, fields, options) {
    if ("validSince" in fields) this.revocations.set(uid, this.#of(uid) + 1);
    return super.updateUserByLocalId(uid, fields, options);
  }

  createRefreshTokenFor(user, provider, options) {
    const record = decoded(super.createRefreshTokenFor(user, provider, options));
    return encoded({ ...record, revocations: this.#of(user.localId) });
  }

  validateRefreshToken(token) {
    const valid = super.validateRefreshToken(token);
    if (decoded(token).revocations !== this.#of(valid.user.localId)) throw new BadRequestError("TOKEN_EXPIRED");
    return valid;
  }

  #of(uid) {
    return this.revocations.get(uid) ?? 0;
  }
}

function decoded(token) {
  return JSON.parse(Buffer.from(token, "base64").toString());
}

function encoded(record) {
  return Buffer.from(JSON.stringify(record)).toString("base64");
}

const app = await createApp(project, undefined, new Map([[project, new State(project)]]));
app.listen(Number(port), "127.0.0.1", () => console.log("ready"));
