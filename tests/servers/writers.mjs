// Ten web clients that count answers by the writer that docs/writer.md shows, at the same moment.
//
// Arguments: host and port of a Firestore, a JSON object of what to do. Prints a JSON object of what happened.
import { register } from "node:module";

// “firebase/firestore” is “@firebase/firestore” by another name, without the rest of Firebase.
const resolve = `export const resolve = (name, context, next) => next(name.replace(/^firebase\\//, "@firebase/"), context);`;
register(`data:text/javascript,${encodeURIComponent(resolve)}`);

const { initializeApp } = await import("firebase/app");
const { connectFirestoreEmulator, getFirestore, setLogLevel } = await import("firebase/firestore");
const { countSpeech, usageCounter } = await import("../../src/usage_dash/page/writer/record-usage.mjs");

setLogLevel("silent");
const [address, asked] = process.argv.slice(2);
const { users, clients, answers, speech = 0, wrongBy = 0, setRight, full, uncountable = 0 } = JSON.parse(asked);
const [host, port] = address.split(":");

// The clock of these clients is wrong.
const now = Date.now.bind(Date);
Date.now = () => now() + wrongBy;

/** What `localStorage` is in a browser. */
class Storage extends Map {
  get length() {
    return this.size;
  }
  key(index) {
    return [...this.keys()][index] ?? null;
  }
  getItem(key) {
    return this.get(key) ?? null;
  }
  setItem(key, value) {
    if (full) throw new DOMException("it is full", "QuotaExceededError");
    this.set(key, value);
  }
  removeItem(key) {
    this.delete(key);
  }
}

const failures = [];
const storages = [];

async function client(number) {
  const db = getFirestore(initializeApp({ projectId: "acme-chatbot", apiKey: "-" }, `client ${number}`));
  connectFirestoreEmulator(db, host, Number(port));
  const storage = new Storage();
  storages.push(storage);
  const userId = users[number % users.length];
  const counter = usageCounter({ db, userId, storage });
  const answer = { model: "gpt-4o", inputTokens: 1000, outputTokens: 200, costUsd: 0.0045 };
  const told = (error) => failures.push(String(error.code));
  for (let wrong = 0; wrong < uncountable; wrong++) await counter.count({ ...answer, costUsd: undefined }).catch(told);
  // All at once, as somebody may who asks in several places.
  await Promise.all(Array.from({ length: answers }, () => counter.count(answer).catch(told)));
  for (let spoken = 0; spoken < speech; spoken++) {
    await countSpeech({ db, userId, characters: 120, costUsd: 0.002 });
  }
  if (setRight) Date.now = now;
  await counter.countKept().catch(told); // what failed before, as the next page would
}

await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
console.log(JSON.stringify({ failures, kept: storages.reduce((sum, storage) => sum + storage.size, 0) }));
process.exit(0);
