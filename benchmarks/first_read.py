"""The first read, end to end, against the stock way in the same run: `python -m benchmarks.first_read`.

Both read the same collection over gRPC from a server in another process. Ours ends with everything in the ledger; the
stock way is google's client with `stream()` and `to_dict()`, ending with pandas frames of users and entries. How long
the server takes to hand out the same bytes to a reader that drops them is measured too: that share is not ours.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pandas as pd
from benchmarks.served import PROJECT, emulated, served
from tests.servers.chatbot import client_of

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.firestore import requests
from usage_dash.repository.firestore.calls import Connection, open_emulator_channel
from usage_dash.repository.firestore.source import FirestoreRepository
from usage_dash.sync.sync import Sync

_PATIENCE = 900.0  # seconds; the emulator of npm thinks for minutes


def read_ours(host: str) -> int:
    """Read into a ledger; return how many users it holds."""
    repository = FirestoreRepository(project=PROJECT, emulator_host=host, budget=_PATIENCE)
    ledger = Ledger(repository.source.identity, ZoneInfo("UTC"), memory_limit="200MB")
    sync = Sync(repository, ledger)
    sync.refresh(wait=3600)
    sync.close()
    return ledger.count()


def read_stock(host: str) -> int:
    """Read into frames; return how many users they hold."""
    client = client_of(host, PROJECT)
    users, entries = [], []
    for snapshot in client.collection("usage").stream():
        document = snapshot.to_dict()
        entries.extend(one | {"userId": snapshot.id} for one in document.pop("recentUsage"))
        users.append(document | {"userId": snapshot.id})
    pd.DataFrame(entries).groupby("model")["costUsd"].sum()
    client.close()
    return len(pd.DataFrame(users))


def read_nothing(host: str) -> int:
    """Take the same bytes and drop them; return how many answers came."""
    collection = requests.Collection(PROJECT, "(default)", "usage")
    owner = (("authorization", "Bearer owner"),)
    connection = Connection(open_emulator_channel(host), collection.database_name, lambda: owner)
    answers = sum(1 for _ in connection.call(requests.listing(collection, EVERYTHING), _PATIENCE))
    connection.close()
    return answers


def _timed(read: Callable[[str], int], host: str, users: int) -> float:
    start = time.perf_counter()
    found = read(host)
    if found != users:
        raise RuntimeError(f"{read.__name__} found {found} of {users} users.")
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100, help="in each document")
    parser.add_argument("--emulator", action="store_true", help="read from the Firestore emulator of npm")
    asked = parser.parse_args()
    with (emulated if asked.emulator else served)(asked.users, asked.entries) as host:
        server, ours, stock = (_timed(read, host, asked.users) for read in (read_nothing, read_ours, read_stock))
    print(f"{asked.users:,} users x {asked.entries} entries")
    print(f"server alone: {server:.1f} s\nusage-dash: {ours:.1f} s\nstock client and pandas: {stock:.1f} s")
    print(f"{stock / ours:.1f} times as fast")
    print(f"the server alone takes {server / ours:.0%} of our time, {server / stock:.0%} of the stock way's")


if __name__ == "__main__":
    main()
