// Counts a chatbot's answers into `usage/{userId}`, one document a user, in the way that usage-dash reads.
// For a web client with the Firebase JS SDK, version 9 or newer.
//
// Everything is a transaction, because a transaction speaks to Firestore itself: it reads no old copy of the browser's,
// begins again when another tab was faster, and without a connection it fails, where a plain write waits in silence.
import { doc, increment, runTransaction, serverTimestamp, Timestamp } from "firebase/firestore";

const KEPT_ENTRIES = 100; // the newest; a document ends at 1 MiB, and from then on every write fails
const PERSISTENT = { maxAttempts: 20 }; // how often a transaction begins again
const CLOCK_WAS_SET = 1_000; // milliseconds

/**
 * Returns what counts the answers of one signed-in user; make it once a page.
 *
 * What was not counted yet, because the tab was closed or Firestore was out of reach, stays in `storage`.
 */
export function usageCounter({ db, userId, storage = globalThis.localStorage }) {
  const usage = doc(db, "usage", userId);
  const prefix = `uncounted-usage/${userId}/`;
  let clock = null;
  let last = Promise.resolve();

  /**
   * Counts one answer, spoken, written or broken off: whatever OpenAI was asked for costs money.
   *
   * Rejects when Firestore does not take it; then tell somebody. It is kept, and `countKept` counts it later.
   */
  function count({ model, inputTokens, outputTokens, costUsd, calls = 1 }) {
    const answer = { id: crypto.randomUUID(), at: Date.now(), model, inputTokens, outputTokens, costUsd, calls };
    keep(answer);
    return inTurn(answer);
  }

  function keep(answer) {
    try {
      storage.setItem(prefix + answer.id, JSON.stringify(answer));
    } catch {
      // The storage is full: the answer is counted now, or `count` rejects.
    }
  }

  /**
   * Counts what was kept; call it when the page has loaded, and when the browser is online again.
   *
   * Rejects when Firestore does not take one of the answers; that one stays kept, and the others are counted.
   */
  async function countKept() {
    const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
    const kept = keys.filter((name) => name?.startsWith(prefix)).map((key) => storage.getItem(key));
    const counted = kept.filter((answer) => answer !== null).map((answer) => inTurn(JSON.parse(answer)));
    await Promise.allSettled(counted);
    await Promise.all(counted); // rejects as the first did
  }

  /** One after the other, so that the answers of one page do not get into each other's way. */
  function inTurn(answer) {
    const counted = last.then(() => write(answer)).then(() => storage.removeItem(prefix + answer.id));
    last = counted.catch(() => {}); // whoever called is told; the next answer goes on
    return counted;
  }

  async function write({ id, at, model, inputTokens, outputTokens, costUsd, calls }) {
    const told = Math.min(at, Date.now()); // the clock may have been set back since the answer was kept
    const timestamp = Timestamp.fromMillis(told + (await serverIsAhead()));
    const totalTokens = inputTokens + outputTokens;
    const entry = { id, timestamp, model, inputTokens, outputTokens, totalTokens, costUsd, calls };
    await runTransaction(
      db,
      async (transaction) => {
        const before = await transaction.get(usage);
        const entries = before.get("recentUsage") ?? [];
        if (entries.some((other) => other.id === id)) return; // counted by a try whose answer was lost
        const counted = {
          userId,
          totalCalls: increment(calls),
          totalInputTokens: increment(inputTokens),
          totalOutputTokens: increment(outputTokens),
          totalTokens: increment(totalTokens),
          totalCostUsd: increment(costUsd),
          recentUsage: [...entries, entry].slice(-KEPT_ENTRIES),
          createdAt: before.get("createdAt") ?? timestamp,
          lastUpdated: serverTimestamp(),
        };
        transaction.set(usage, counted, { merge: true });
      },
      PERSISTENT,
    );
  }

  /**
   * Returns by how many milliseconds the server's clock is ahead of this browser's, which may be years wrong.
   *
   * Firestore takes no `serverTimestamp()` within an array, so it is asked for the time beside the entries: once a
   * page, and again when somebody has set the clock. The answer takes its time, so entries are dated a little too
   * early; no entry is ever dated later than the document that holds it.
   */
  async function serverIsAhead() {
    const started = Date.now() - performance.now();
    if (clock === null || Math.abs(clock.started - started) > CLOCK_WAS_SET) {
      const asked = doc(usage, "clock", "asked");
      await runTransaction(db, async (transaction) => transaction.set(asked, { at: serverTimestamp() }), PERSISTENT);
      const at = await runTransaction(db, async (transaction) => (await transaction.get(asked)).get("at"), PERSISTENT);
      clock = { started, ahead: at.toMillis() - Date.now() };
    }
    return clock.ahead;
  }

  return { count, countKept };
}

/**
 * Counts speech, in a document of its own: in the usage document it would use up the same 1 MiB, and each word that is
 * spoken would have usage-dash read the whole of it again.
 */
export async function countSpeech({ db, userId, characters, costUsd }) {
  const counted = {
    ttsUsageCalls: increment(1),
    ttsTotalCharacters: increment(characters),
    ttsTotalCostUsd: increment(costUsd),
    lastUpdated: serverTimestamp(),
  };
  const speech = doc(db, "usage", userId, "speech", "totals");
  await runTransaction(db, async (transaction) => transaction.set(speech, counted, { merge: true }), PERSISTENT);
}
