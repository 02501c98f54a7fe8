"""Documents read per refresh, counted on the wire: `python -m benchmarks.refresh`.

Ten viewers look at 10,000 users of whom 25 change between two refreshes. The baseline is the design that reads the
whole collection in each open browser at each refresh.
"""

from __future__ import annotations

import argparse
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.served import PROJECT, fill
from benchmarks.workload import user_id
from tests.servers.fault import FaultServer

from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.firestore.source import FirestoreRepository
from usage_dash.sync.sync import Sync

_PERIOD = timedelta(seconds=30)
_DOCUMENTS = f"projects/{PROJECT}/databases/(default)/documents/usage"


class Clock:
    """The time of server and sync alike, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def seconds(self) -> float:
        """The same for those who want a number."""
        return self.now.timestamp()


def change(server: FaultServer, clock: Clock, users: int, changed: int) -> None:
    """Let so many users' documents be written, spread over one period."""
    for place, number in enumerate(random.sample(range(users), changed)):
        document = server.store.documents[f"{_DOCUMENTS}/{user_id(number)}"]
        document.fields["totalCalls"].integer_value += 1
        document.fields["lastUpdated"].timestamp_value.FromDatetime(clock.now + _PERIOD * (place + 1) / (changed + 1))


def hidden_edit(server: FaultServer, clock: Clock, sync: Sync, number: int) -> tuple[int, int]:
    """Let one document be edited that keeps its `lastUpdated`; give the documents and reads that finding it takes."""
    before = server.returned, sync.meter().day.reads
    server.store.documents[f"{_DOCUMENTS}/{user_id(number)}"].fields["totalCalls"].integer_value += 1
    clock.now += 2 * _PERIOD  # past the overlap
    sync.refresh(wait=600)
    return server.returned - before[0], sync.meter().day.reads - before[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("users", 10_000), ("changed", 25), ("viewers", 10), ("rounds", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    clock = Clock()
    with FaultServer() as server:
        server.store.clock = lambda: clock.now
        fill(server, asked.users, entries=3)
        repository = FirestoreRepository(project=PROJECT, emulator_host=server.host, budget=60.0, now=lambda: clock.now)
        ledger = Ledger(repository.source.identity, ZoneInfo("UTC"))
        sync = Sync(repository, ledger, now=lambda: clock.now, monotonic=clock.seconds)
        sync.refresh(wait=600)
        documents, billed = server.returned, sync.meter().day.reads
        for _ in range(asked.rounds):
            change(server, clock, asked.users, asked.changed)
            clock.now += _PERIOD
            for _ in range(asked.viewers):
                sync.refresh(wait=600)
        documents = (server.returned - documents) / asked.rounds
        billed = (sync.meter().day.reads - billed) / asked.rounds
        clock.now += _PERIOD
        sync.refresh(wait=600)
        listed, found_by = hidden_edit(server, clock, sync, asked.users // 3)
        sync.close()
    naive = asked.users * asked.viewers
    print(f"{asked.users:,} users, {asked.changed} changed, {asked.viewers} viewers, {asked.rounds} refreshes")
    print(f"documents on the wire per refresh: {documents:.1f} ({documents - asked.changed:.1f} of them the overlap)")
    print(f"reads billed per refresh, with the count and the sum: {billed:.1f}; reading everything: {naive:,}")
    print(f"{naive / billed:,.0f} times fewer")
    print(f"an edit without lastUpdated: {listed} documents, {found_by} reads; a full listing: {asked.users:,}")


if __name__ == "__main__":
    main()
