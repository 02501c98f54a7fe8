// A Firestore emulator on the port given as the only argument. Prints "ready" once it listens, and ends with its parent:
// when nobody holds the other end of its standard input any more.
import firestore from "@firestore-emulator/server";

process.stdin.on("end", () => process.exit(0));
process.stdin.resume();

await new firestore.FirestoreServer().start(Number(process.argv[2]));
console.log("ready");
