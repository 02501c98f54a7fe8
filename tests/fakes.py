"""A source of usage documents in memory that behaves as Firestore does, and can be told to fail or to wait."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from usage_dash.documents.batch import EVERYTHING, IdRange
from usage_dash.documents.parse import batch_of, parse
from usage_dash.documents.sizes import size_of_document
from usage_dash.repository.base import (
    FUTURE,
    Failure,
    Holder,
    Page,
    RangesUnsupportedError,
    Source,
    SourceError,
    SumsUnsupportedError,
)

UNREACHABLE = SourceError(
    Failure.UNREACHABLE,
    title="Firestore can't be reached",
    remedy="It will be tried again.",
    reason="Firestore can't be reached (unavailable)",
)
FORBIDDEN = SourceError(
    Failure.PERMISSION,
    title="Firestore refused to let usage-dash read “usage”",
    remedy="Give its service account the role Cloud Datastore Viewer.",
    reason="Firestore refused (permission denied)",
    mendable_by_retry=False,
)

SOURCE = Source(
    "firestore:fake/(default)/usage", "fake · Firestore", "fake", Holder("collection", "usage", "USAGE_COLLECTION")
)
DEADLINE = 60.0  # seconds that a test waits for what must happen; no test waits for what must not

_Document = tuple[str, dict[str, Any]]


class Gate:
    """Holds requests of the source until it is opened, and tells when one has come."""

    def __init__(self) -> None:
        self.come = threading.Event()
        self._open = threading.Event()

    def __call__(self, _what: str) -> None:
        self.come.set()
        assert self._open.wait(5 * DEADLINE)  # a test may wait for several things before it opens the gate

    def open(self) -> None:
        self._open.set()


class EagerClock:
    """The machine's clock, a second later at each look: nobody comes too soon after somebody else."""

    def __init__(self) -> None:
        self._looks = itertools.count()

    def __call__(self) -> float:
        return time.monotonic() + next(self._looks)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached the source: `what` is the method’s name, or “sum”; `returned` in documents."""

    what: str
    ids: IdRange = EVERYTHING
    since: datetime | None = None
    returned: int = 0


class MemoryRepository:
    """Usage documents by id, as the chatbot stores them; `clock` is the server's and stands until it is moved.

    Each count and each page is one request: it is answered from the documents as they are at that moment, noted in
    `calls`, and fails when `fail_in` says so. `before`, called first, may block or write.
    """

    def __init__(self, documents: dict[str, dict[str, Any]] | None = None, *, page_size: int = 100) -> None:
        self.documents = documents if documents is not None else {}
        self.page_size = page_size
        self.clock = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.ranges = True  # False: as the local emulator, which cannot filter on document ids
        self.sums = True  # False: as where `totalCalls` has no index
        self.calls: list[Call] = []
        self.arrivals = 0  # requests, also those that failed
        self.closed = False
        self.before: Callable[[str], None] = lambda _what: None
        self._failure: Exception = UNREACHABLE
        self._fail_in: int | None = None
        self._failing = 0

    @property
    def source(self) -> Source:
        return SOURCE

    @property
    def returned(self) -> int:
        """How many documents went out, which is what Firestore bills."""
        return sum(call.returned for call in self.calls)

    def made(self, what: str) -> list[Call]:
        return [call for call in self.calls if call.what == what]

    def pass_time(self, **span: float) -> None:
        self.clock += timedelta(**span)

    def fail_in(self, requests: int, failure: Exception = UNREACHABLE, *, times: int = 1) -> None:
        """Answer so many requests more, then fail the `times` that follow."""
        self._fail_in, self._failure, self._failing = requests, failure, times

    def recover(self) -> None:
        self._fail_in = None

    def count(self, ids: IdRange = EVERYTHING) -> int:
        self._arrive("count")
        if ids != EVERYTHING and not self.ranges:
            raise RangesUnsupportedError
        self.calls.append(Call("count", ids))
        return len(self._within(ids))

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        self._arrive("sum")
        if ids != EVERYTHING and not self.ranges:
            raise RangesUnsupportedError
        if not self.sums:
            raise SumsUnsupportedError
        self.calls.append(Call("sum", ids))
        said = [raw.get("totalCalls") for _, raw in self._within(ids)]
        return float(sum(each for each in said if isinstance(each, int | float) and not isinstance(each, bool)))

    def changed(self, since: datetime) -> Iterator[Page]:
        reached: tuple[datetime, bytes] | None = None
        while True:
            self._arrive("changed")
            found = [item for item in self._dated(since) if reached is None or _age(item) > reached]
            page = found[: self.page_size]
            self.calls.append(Call("changed", since=since, returned=len(page)))
            yield self._page(page)
            if len(page) < self.page_size:
                return
            reached = _age(page[-1])

    def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Page]:
        after = ids.after
        while True:
            self._arrive("listing")
            page = self._within(IdRange(after, ids.until))[: self.page_size]
            self.calls.append(Call("listing", IdRange(after, ids.until), returned=len(page)))
            yield self._page(page)
            if len(page) < self.page_size:
                return
            after = page[-1][0]

    def latest(self, limit: int) -> Page:
        self._arrive("latest")
        dated = [item for item in self.documents.items() if isinstance(item[1].get("lastUpdated"), datetime)]
        page = sorted(dated, key=_age, reverse=True)[:limit]
        self.calls.append(Call("latest", returned=len(page)))
        return self._page(page)

    def close(self) -> None:
        self.closed = True

    def _arrive(self, what: str) -> None:
        self.arrivals += 1
        self.before(what)
        if self._fail_in is None:
            return
        self._fail_in -= 1
        if self._fail_in < 0:
            self._failing -= 1
            if self._failing == 0:
                self.recover()
            raise self._failure

    def _within(self, ids: IdRange) -> list[_Document]:
        found = [(user_id, raw) for user_id, raw in self.documents.items() if _inside(user_id, ids)]
        return sorted(found, key=lambda item: item[0].encode())

    def _dated(self, since: datetime) -> list[_Document]:
        """A range on a field finds only values of the bound's own type, in the order of that field, then of the id."""
        until = self.clock + FUTURE
        found = [
            (user_id, raw)
            for user_id, raw in self.documents.items()
            if isinstance(raw.get("lastUpdated"), datetime) and since <= raw["lastUpdated"] <= until
        ]
        return sorted(found, key=_age)

    def _page(self, documents: list[_Document]) -> Page:
        batch = batch_of([parse(user_id, raw, size_of_document(f"usage/{user_id}", raw)) for user_id, raw in documents])
        size = sum(len(json.dumps(raw, default=str)) for _, raw in documents)
        return Page(batch, self.clock, wire_bytes=size, queries=1, reads=max(1, len(documents)))


def _age(item: _Document) -> tuple[datetime, bytes]:
    user_id, raw = item
    return raw["lastUpdated"], user_id.encode()


def _inside(user_id: str, ids: IdRange) -> bool:
    key = user_id.encode()
    return (ids.after is None or key > ids.after.encode()) and (ids.until is None or key <= ids.until.encode())
