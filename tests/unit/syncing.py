"""What the tests of the sync share: its steps and a whole `Sync` on a fake source, with clocks that stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes import Call, MemoryRepository

from usage_dash.ledger.ledger import Ledger
from usage_dash.sync.catch_up import catch_up
from usage_dash.sync.sync import Sync

HOURS_6 = timedelta(hours=6)


class Clock:
    """The clocks of this process; they stand until they are moved."""

    def __init__(self) -> None:
        self.start = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.seconds = 10_000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


def make(source: MemoryRepository, ledger: Ledger, clock: Clock, **settings: float) -> Sync:
    return Sync(source, ledger, now=clock.now, monotonic=clock.monotonic, **settings)


def later(clock: Clock, source: MemoryRepository, seconds: float) -> None:
    clock.seconds += seconds
    source.pass_time(seconds=seconds)


def refresh(source: MemoryRepository, ledger: Ledger, *, reconcile_after: timedelta = HOURS_6) -> list[Call]:
    """Catch up, and give the requests that it took."""
    before = len(source.calls)
    catch_up(source, ledger, reconcile_after=reconcile_after, on_page=lambda: None)
    return source.calls[before:]


def document(source: MemoryRepository, *, calls: int = 1, dated: object = None) -> dict[str, Any]:
    return {"totalCalls": calls, "lastUpdated": source.clock if dated is None else dated}


def fill(source: MemoryRepository, count: int, **ago: float) -> None:
    """Put `count` documents there, last written so long ago; by default a day, far outside of any overlap."""
    dated = source.clock - timedelta(**(ago or {"days": 1}))
    for number in range(count):
        source.documents[f"u{number:05}"] = document(source, dated=dated)


def calls_by_user(ledger: Ledger) -> dict[str, int | None]:
    with ledger.reader() as reader:
        return dict(reader.execute("SELECT user_id, total_calls FROM users").fetchall())


def expected(source: MemoryRepository) -> dict[str, int | None]:
    return {user_id: raw.get("totalCalls") for user_id, raw in source.documents.items()}


def returned(calls: list[Call]) -> int:
    return sum(call.returned for call in calls)


def kinds(calls: list[Call]) -> list[str]:
    return [call.what for call in calls]
