"""What the benchmarks read: usage documents like the chatbot's, as they stand on the wire, and a source of them."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from tests.unit.wire_builders import response_of, value

from usage_dash.documents.batch import EVERYTHING, IdRange
from usage_dash.repository.base import Holder, Page, Source, SumsUnsupportedError
from usage_dash.repository.firestore.decode import decode

NOW = datetime.now(UTC)
MODELS = ("gpt-5.2", "gpt-5-mini", "gpt-4o", "gpt-4o-mini", "o4-mini")
_KINDS = 200  # different documents; the others repeat them under other ids
_DAYS = 90
_PAGE = 300  # documents, as many as a page of Firestore's holds


def user_id(number: int) -> str:
    """The id of a user; ids order as their numbers do."""
    return f"user-{number:07}"


def entry(chance: random.Random) -> dict[str, Any]:
    """One entry, some time in the last 90 days."""
    read, written = chance.randint(50, 4000), chance.randint(20, 900)
    return {
        "timestamp": NOW - timedelta(seconds=chance.random() * _DAYS * 86_400),
        "model": chance.choices(MODELS, (8, 5, 4, 3, 1))[0],
        "inputTokens": read,
        "outputTokens": written,
        "totalTokens": read + written,
        "costUsd": round(read * 2e-6 + written * 1e-5, 8),
        "calls": chance.randint(1, 3),
    }


EIGHTH: dict[str, Callable[[random.Random], object]] = {  # what a newer writer may add to each entry
    "cachedTokens": lambda chance: chance.randint(0, 4000),
    "requestId": lambda chance: f"{chance.getrandbits(128):032x}",
}


@cache
def _fields(kind: int, entries: int, eighth: str) -> tuple[tuple[str, bytes], ...]:
    """The serialised fields of a document; its totals count what its entries do."""
    chance, more = random.Random(kind), random.Random(kind)
    recent = sorted((entry(chance) for _ in range(entries)), key=lambda one: one["timestamp"])
    if eighth:
        recent = [one | {eighth: EIGHTH[eighth](more)} for one in recent]
    totals = {
        "totalCalls": sum(one["calls"] for one in recent),
        "totalInputTokens": sum(one["inputTokens"] for one in recent),
        "totalOutputTokens": sum(one["outputTokens"] for one in recent),
        "totalTokens": sum(one["totalTokens"] for one in recent),
        "totalCostUsd": sum(one["costUsd"] for one in recent),
        "createdAt": recent[0]["timestamp"],
        "lastUpdated": recent[-1]["timestamp"],
        "recentUsage": recent,
    }
    return tuple((name, value(raw)) for name, raw in totals.items())


def response(number: int, entries: int, *, kind: int | None = None, eighth: str = "") -> bytes:
    """A serialised `RunQueryResponse` with the document of one user; `eighth` is a field that nobody knows."""
    name = user_id(number)
    fields = _fields(number % _KINDS if kind is None else kind, entries, eighth)
    return response_of((("userId", value(name)), *fields), name)


class CannedSource:
    """A source that answers at once with bytes made beforehand or on the way; decoding them is part of a read."""

    source = Source("benchmark", "benchmark", "benchmark", Holder("collection", "usage", ""), billed=False)

    def __init__(self, users: int, entries: int) -> None:
        self.users = users
        self.entries = entries
        self.updated: Sequence[bytes] = ()
        self.clock = NOW

    def count(self, ids: IdRange = EVERYTHING) -> int:
        """Count all users; nothing here makes ranges differ."""
        return self.users if ids == EVERYTHING else 0

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        """Add nothing up; what is measured here knows its changes by their dates."""
        del ids
        raise SumsUnsupportedError

    def changed(self, since: datetime) -> Iterator[Page]:
        """Give what `update` prepared, whatever the time."""
        del since
        yield self._page(self.updated)

    def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Page]:
        """Give all documents; nothing here interrupts a listing, so it never begins in the middle."""
        del ids
        for start in range(0, self.users, _PAGE):
            numbers = range(start, min(start + _PAGE, self.users))
            yield self._page([response(number, self.entries) for number in numbers])

    def latest(self, limit: int) -> Page:
        """Give the first documents, since all are as old."""
        return self._page([response(number, self.entries) for number in range(min(limit, self.users))])

    def close(self) -> None:
        """Nothing is open."""

    def update(self, users: int, round_: int) -> None:
        """Let so many users' documents differ from what was read of them before."""
        chosen = random.Random(round_).sample(range(self.users), users)
        self.updated = [response(number, self.entries, kind=_KINDS + (number + round_) % _KINDS) for number in chosen]

    def _page(self, responses: Sequence[bytes]) -> Page:
        self.clock += timedelta(seconds=30)
        return Page(decode(responses)[0], self.clock, sum(map(len, responses)), queries=1, reads=max(1, len(responses)))


def median_seconds(work: Callable[[int], object], rounds: int) -> float:
    """The median of how long `work` takes; it gets the number of the round."""
    return statistics.median(_seconds(work, number) for number in range(rounds))


def _seconds(work: Callable[[int], object], number: int) -> float:
    start = time.perf_counter()
    work(number)
    return time.perf_counter() - start
