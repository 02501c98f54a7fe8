"""A process that syncs into a ledger file is killed at any moment, again and again."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Semaphore
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import DEADLINE
from tests.servers.chatbot import PROJECT, Chatbot, client_of, first_document
from tests.servers.fault import FaultServer

from usage_dash.documents.batch import Batch, IdRange
from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.firestore.source import FirestoreRepository
from usage_dash.sync.state import Phase
from usage_dash.sync.sync import Sync

USERS = 1500  # five pages
READ_BY_THE_FIRST = 700  # more than two pages, then the server falls silent
WRITES = 20  # at most, while one process reads
KILLS = 8
SOURCE = f"firestore:{PROJECT}/(default)/usage"
IDS = [f"u{number:05}" for number in range(USERS)]

_processes = multiprocessing.get_context("forkserver")


class TellingLedger(Ledger):
    """Tells another process whenever something has been applied."""

    applied: Semaphore

    def apply(
        self,
        batch: Batch,
        within: IdRange | None = None,
        marks: Mapping[str, str | None] | None = None,
        read_time: datetime | None = None,
        since: datetime | None = None,
    ) -> None:
        super().apply(batch, within, marks, read_time, since)
        self.applied.release()


def sync_until_killed(host: str, path: Path, applied: Semaphore) -> None:
    """What the process does."""
    ledger = TellingLedger(SOURCE, ZoneInfo("UTC"), path)
    ledger.applied = applied
    sync = Sync(FirestoreRepository(project=PROJECT, emulator_host=host), ledger, refresh_seconds=0)
    while True:
        sync.refresh(wait=DEADLINE)


@pytest.fixture
def chatbot(server: FaultServer) -> Iterator[Chatbot]:
    client = client_of(server.host)
    yield Chatbot(client)
    client.close()


def test_a_killed_sync_leaves_a_sound_ledger_and_goes_on(server: FaultServer, chatbot: Chatbot, tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311 - no secret
    path = tmp_path / "ledger.duckdb"
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for user_id in IDS:
        _put(server, user_id, first_document(user_id, _entry(0), yesterday))
    _processes.set_forkserver_preload([__name__])
    server.fail(None, method="RunQuery", after=READ_BY_THE_FIRST)
    _kill_one(server, path, chatbot, chance)
    server.recover()
    seen = [(0, 0), _inspect(path)]
    for _ in range(KILLS - 1):
        _kill_one(server, path, chatbot, chance)
        seen.append(_inspect(path))
    assert seen == sorted(seen), "what was durable stays"
    assert 0 < seen[1][1] < USERS, "the first one was killed in the middle of the first read"
    assert seen[-1][1] == USERS
    _finish(server, path)


def _put(server: FaultServer, user_id: str, fields: Mapping[str, object]) -> None:
    server.store.put(f"projects/{PROJECT}/databases/(default)/documents/usage/{user_id}", fields)


def _entry(number: int) -> dict[str, object]:
    return {
        "timestamp": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=number),
        "model": "gpt-4o",
        "inputTokens": 3,
        "outputTokens": 4,
        "totalTokens": 7,
        "costUsd": 0.125,
        "calls": 1,
    }


def _kill_one(server: FaultServer, path: Path, chatbot: Chatbot, chance: random.Random) -> None:
    """Start a process and write while it reads, until it has applied a page or two; let a moment pass; kill it."""
    applied = _processes.Semaphore(0)
    process = _processes.Process(target=sync_until_killed, args=(server.host, path, applied), daemon=True)
    process.start()
    written = 0
    for _ in range(chance.randint(1, 2)):
        while written < WRITES and not applied.acquire(block=False):
            chatbot.count(chance.choice(IDS), _entry(chance.randrange(10**6)), datetime.now(UTC))
            written += 1
        assert written < WRITES or applied.acquire(timeout=DEADLINE)
    time.sleep(chance.uniform(0, 0.08))  # to hit any moment, not to wait for one
    process.kill()
    process.join(DEADLINE)
    assert process.exitcode == -9


def _inspect(path: Path) -> tuple[int, int]:
    """Open what a killed process left, as the next one does: the ledger's version, and how many users it holds."""
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)) as ledger:
        with ledger.reader() as sql:
            rows = sql.execute(
                """
                SELECT user_id, total_calls, total_cost, (SELECT count(*) FROM entries e WHERE e.user_key = u.user_key)
                FROM users AS u ORDER BY user_id
                """
            ).fetchall()
        listed_until = ledger.mark("listed_until")
        version = ledger.state.version
    for user_id, calls, cost, entries in rows:
        assert (cost, entries) == (calls * 0.125, calls), f"half of {user_id}"
    ids = [row[0] for row in rows]
    if listed_until is not None:
        assert ids == [user_id for user_id in IDS if user_id <= listed_until], "mark and users differ"
    return version, len(ids)


def _finish(server: FaultServer, path: Path) -> None:
    """Nothing is missing in the end, and nothing is read again but what was written of late."""
    ledger = Ledger(SOURCE, ZoneInfo("UTC"), path)
    sync = Sync(FirestoreRepository(project=PROJECT, emulator_host=server.host), ledger)
    before = server.returned
    assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE
    assert server.returned - before < USERS / 2
    with ledger.reader() as sql:
        held = dict(sql.execute("SELECT user_id, total_calls FROM users").fetchall())
    documents = server.store.documents.items()
    assert held == {name.rpartition("/")[2]: raw.fields["totalCalls"].integer_value for name, raw in documents}
    assert sum(held.values()) > USERS, "somebody wrote in the meantime"
    sync.close()
    ledger.close()
