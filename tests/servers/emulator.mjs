// A Firestore emulator on the port given as the only argument. Prints "ready" once it listens, and ends with its parent:
// when nobody holds the other end of its standard input any more.
import firestore from "@firestore-emulator/server";

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();

const server = new firestore.FirestoreServer();
transact(server.state);
await server.start(Number(process.argv[2]));
console.log("ready");

/** Teaches it what transactions of web clients need: no two writes at one time, and a write only of what was read. */
function transact(state) {
  const write = state.writeV1Document.bind(state);
  state.writeV1Document = (date, asked) => {
    if (!asked.has_update && !asked.has_delete) return { toObject: () => ({}) }; // to verify what was only read
    const { metadata } = state.getDocument(asked.has_delete ? asked.delete : asked.update.name);
    const condition = asked.current_document;
    if (condition?.has_update_time && milliseconds(condition.update_time) !== metadata.updatedAt?.getTime()) {
      // Its own error is not exported; this condition raises one after which clients begin again too.
      asked.current_document = condition.constructor.fromObject({ exists: !metadata.hasExist });
    }
    const next = (metadata.updatedAt?.getTime() ?? 0) + 1; // the next time that can be told from the last
    return write(new Date(Math.max(date.getTime(), next)), asked);
  };
}

function milliseconds({ seconds, nanos }) {
  return seconds * 1_000 + nanos / 1_000_000;
}
