"""What reading costs: every query, document and byte, by the minute for the last day, and against the free quota."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from usage_dash.documents.batch import EVERYTHING, IdRange
from usage_dash.repository.base import Page, Source, UsageRepository
from usage_dash.sync.bill import Bill, Prices, Quota, Spent
from usage_dash.sync.dearest import DearDocument, Dearest

_HOUR, _DAY = 60, 24 * 60  # minutes
_MONTH = timedelta(days=30)
_COUNTED_PER_READ = 1000  # Firestore bills a count or a sum as one read per thousand index entries, at least one


@dataclass(frozen=True, slots=True)
class Totals:
    """What was read since the process began; `naive` is what reading everything for every viewer would have cost."""

    reads: int = 0
    queries: int = 0
    wire_bytes: int = 0
    naive: int = 0

    def plus(self, *, reads: int = 0, queries: int = 0, wire_bytes: int = 0, naive: int = 0) -> Totals:
        """Return the totals with more."""
        return Totals(self.reads + reads, self.queries + queries, self.wire_bytes + wire_bytes, self.naive + naive)

    def since(self, before: Totals) -> Totals:
        """Return what was read since there were these totals."""
        return self.plus(
            reads=-before.reads, queries=-before.queries, wire_bytes=-before.wire_bytes, naive=-before.naive
        )


@dataclass(frozen=True, slots=True)
class MeterSpan:
    """What reading cost over a span.

    `saved`: how many reads fewer than reading everything for every viewer at every refresh. `slow`: documents with
    something so unusual that they took many times as long to decode.
    """

    reads: int
    queries: int
    saved: int
    wire_bytes: int
    dollars: float
    slow: int = 0


@dataclass(frozen=True, slots=True)
class Meter:
    """The bill of the last hour and day and against the free quota, and how long the last sync took.

    `dearest`: the documents that cost most to read since this process began, the dearest first.
    """

    hour: MeterSpan
    day: MeterSpan
    last_sync_seconds: float | None
    quota: Quota
    dearest: tuple[DearDocument, ...] = ()
    watched: timedelta = timedelta()  # since this process began
    prices: Prices = field(default_factory=Prices)

    def a_month(self, document: DearDocument) -> Spent | None:
        """Return what reading this document takes in a month; None as long as it was watched for less than a day."""
        if self.watched < timedelta(days=1):
            return None
        times = _MONTH / self.watched
        return Spent(round(document.reads * times), round(document.read_bytes * times))


@dataclass(slots=True)
class _Minute:
    number: int
    reads: int = 0
    queries: int = 0
    naive: int = 0
    wire_bytes: int = 0
    slow: int = 0


class UsageMeter:
    """Counts reads as Firestore bills them, at a price of dollars for 100,000 reads, and for a GiB out.

    `kept` is the `kept` of an earlier meter, to go on with its count against the free quota.
    """

    def __init__(
        self,
        read_price: float,
        monotonic: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        kept: str | None = None,
        egress_price: float = 0.12,
    ) -> None:
        self._prices = Prices(read_price, egress_price)
        self._began = monotonic()
        self._monotonic = monotonic
        self._minutes: deque[_Minute] = deque(maxlen=_DAY)
        self._lock = threading.Lock()
        self._last_sync: float | None = None
        self._bill = Bill(now, kept, self._prices)
        self._dearest = Dearest()
        self._totals = Totals()

    @property
    def totals(self) -> Totals:
        """All that was ever counted here."""
        return self._totals

    def add(self, *, reads: int = 0, queries: int = 0, naive: int = 0, wire_bytes: int = 0, slow: int = 0) -> None:
        """Count what was read; `naive` is what reading the whole collection would have cost instead."""
        with self._lock:
            minute = self._this_minute()
            minute.reads += reads
            minute.queries += queries
            minute.naive += naive
            minute.wire_bytes += wire_bytes
            minute.slow += slow
            self._totals = self._totals.plus(reads=reads, queries=queries, wire_bytes=wire_bytes, naive=naive)
            if reads or wire_bytes:
                self._bill.add(reads, wire_bytes)

    def add_page(self, page: Page) -> None:
        """Count what reading a page cost, and each of its documents."""
        self.add(reads=page.reads, queries=page.queries, wire_bytes=page.wire_bytes, slow=page.slow)
        with self._lock:
            self._dearest.add(page.batch)

    def synced(self, seconds: float) -> None:
        """Note how long the last sync took."""
        self._last_sync = seconds

    def read(self) -> Meter:
        """The bill so far."""
        with self._lock:
            now = self._number()
            return Meter(
                hour=self._span(now - _HOUR),
                day=self._span(now - _DAY),
                last_sync_seconds=self._last_sync,
                quota=self._bill.quota(),
                dearest=self._dearest.first(),
                watched=timedelta(seconds=self._monotonic() - self._began),
                prices=self._prices,
            )

    def last_hour(self) -> MeterSpan:
        """The last hour's bill, which every answer tells."""
        with self._lock:
            return self._span(self._number() - _HOUR)

    @property
    def kept(self) -> str:
        """The count against the free quota, as text that a later meter goes on with."""
        with self._lock:
            return self._bill.text

    def _number(self) -> int:
        return int(self._monotonic() // 60)

    def _this_minute(self) -> _Minute:
        number = self._number()
        if not self._minutes or self._minutes[-1].number != number:
            self._minutes.append(_Minute(number))
        return self._minutes[-1]

    def _span(self, after: int) -> MeterSpan:
        minutes = list(takewhile(lambda minute: minute.number > after, reversed(self._minutes)))
        reads = sum(minute.reads for minute in minutes)
        return MeterSpan(
            reads=reads,
            queries=sum(minute.queries for minute in minutes),
            saved=max(0, sum(minute.naive for minute in minutes) - reads),
            wire_bytes=sum(minute.wire_bytes for minute in minutes),
            dollars=self._prices.of(Spent(reads)),
            slow=sum(minute.slow for minute in minutes),
        )


class MeteredRepository:
    """A repository whose every call goes through the meter; `totals` are what its own calls cost, for one thread."""

    def __init__(self, repository: UsageRepository, meter: UsageMeter, held: Callable[[IdRange], int]) -> None:
        """Go through this meter; `held` tells how many documents of a range are known, for none are counted by sums."""
        self._repository = repository
        self._meter = meter
        self._held = held
        self.totals = Totals()

    @property
    def source(self) -> Source:
        """Where the documents come from."""
        return self._repository.source

    def count(self, ids: IdRange = EVERYTHING) -> int:
        """Count documents; see `UsageRepository.count`."""
        documents = self._repository.count(ids)
        self._add_counted(documents)
        return documents

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        """Add up calls; see `UsageRepository.total_calls`."""
        calls = self._repository.total_calls(ids)
        self._add_counted(self._held(ids))
        return calls

    def changed(self, since: datetime) -> Iterator[Page]:
        """Read what changed; see `UsageRepository.changed`."""
        return self._metered(self._repository.changed(since))

    def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Page]:
        """Read everything; see `UsageRepository.listing`."""
        return self._metered(self._repository.listing(ids))

    def latest(self, limit: int) -> Page:
        """Read what was dated last; see `UsageRepository.latest`."""
        page = self._repository.latest(limit)
        self._meter.add_page(page)
        return page

    def close(self) -> None:
        """Let go of connections."""
        self._repository.close()

    def _add_counted(self, documents: int) -> None:
        reads = max(1, math.ceil(documents / _COUNTED_PER_READ))
        self._meter.add(queries=1, reads=reads)
        self.totals = self.totals.plus(queries=1, reads=reads)

    def _metered(self, pages: Iterator[Page]) -> Iterator[Page]:
        for page in pages:
            self._meter.add_page(page)
            self.totals = self.totals.plus(reads=page.reads, queries=page.queries, wire_bytes=page.wire_bytes)
            yield page
