"""A Firestore server with documents in it, in a process of its own: `python -m benchmarks.served USERS ENTRIES`.

It is the honest server of the tests. Prints its address once it is filled, and ends when its standard input does.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import grpc
from benchmarks.workload import response
from google.cloud.firestore_v1.types import CommitRequest, CommitResponse, RunQueryResponse
from tests.servers.emulator import Emulator
from tests.servers.fault import FaultServer

PROJECT = "acme"  # as workload's documents are named


def fill(server: FaultServer, users: int, entries: int) -> None:
    """Put the documents of so many users into the server."""
    for document in _documents(users, entries):
        server.store.documents[document.name] = document


@contextmanager
def running(module: str, users: int, entries: int) -> Iterator[str]:
    """Run a module that serves so many users in a process of its own while the block lasts; gives its address."""
    command = [sys.executable, "-m", module, str(users), str(entries)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own modules
        yield (process.stdout or sys.exit("no output to read the address from")).readline().strip()
        process.communicate()


def served(users: int, entries: int) -> AbstractContextManager[str]:
    """Run the server while the block lasts; gives its address."""
    return running("benchmarks.served", users, entries)


@contextmanager
def emulated(users: int, entries: int) -> Iterator[str]:
    """Run the Firestore emulator of npm instead, which is far slower."""
    with Emulator() as emulator, grpc.insecure_channel(emulator.host) as channel:
        commit = channel.unary_unary(
            "/google.firestore.v1.Firestore/Commit",
            request_serializer=CommitRequest.pb().SerializeToString,
            response_deserializer=CommitResponse.pb().FromString,
        )
        for document in _documents(users, entries):
            database = f"projects/{PROJECT}/databases/(default)"
            update = {"name": document.name, "fields": document.fields}
            commit(CommitRequest.pb()(database=database, writes=[{"update": update}]))
        yield emulator.host


def _documents(users: int, entries: int) -> Iterator[Any]:
    for number in range(users):
        yield RunQueryResponse.pb().FromString(response(number, entries)).document


if __name__ == "__main__":
    with FaultServer() as running:
        fill(running, int(sys.argv[1]), int(sys.argv[2]))
        print(running.host, flush=True)
        sys.stdin.read()
