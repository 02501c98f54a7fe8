from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.fakes import UNREACHABLE, MemoryRepository
from tests.unit.builders import batch, document

from usage_dash.documents.batch import IdRange
from usage_dash.repository.base import Page, RangesUnsupportedError, SourceError
from usage_dash.sync.bill import Spent
from usage_dash.sync.dearest import DearDocument
from usage_dash.sync.read_meter import MeteredRepository, UsageMeter

START = 7_000.0  # somewhere inside a minute, as a real monotonic clock is


class Clock:
    def __init__(self) -> None:
        self.seconds = START

    def __call__(self) -> float:
        return self.seconds

    def pass_time(self, *, minutes: float) -> None:
        self.seconds += minutes * 60


def _documents(count: int) -> dict[str, dict[str, object]]:
    return {f"u{number:05}": {"totalCalls": 1} for number in range(count)}


def metered(source: MemoryRepository, meter: UsageMeter) -> MeteredRepository:
    """The source behind the meter, with a ledger that knows all of it."""
    return MeteredRepository(source, meter, lambda ids: len(source._within(ids)))


def test_nothing_read_costs_nothing() -> None:
    meter = UsageMeter(0.06, Clock()).read()
    assert (meter.hour.reads, meter.hour.queries, meter.hour.saved, meter.hour.dollars) == (0, 0, 0, 0.0)
    assert meter.day == meter.hour
    assert meter.last_sync_seconds is None


def test_the_hour_forgets_after_an_hour_and_the_day_after_a_day() -> None:
    clock = Clock()
    meter = UsageMeter(0.06, clock)
    meter.add(reads=10, queries=2, wire_bytes=300)
    clock.pass_time(minutes=59)
    meter.add(reads=5, queries=1, wire_bytes=200)
    assert (meter.read().hour.reads, meter.read().hour.queries, meter.read().hour.wire_bytes) == (15, 3, 500)
    clock.pass_time(minutes=1)
    assert (meter.read().hour.reads, meter.read().day.reads) == (5, 15)
    clock.pass_time(minutes=24 * 60 - 60)
    assert (meter.read().hour.reads, meter.read().day.reads) == (0, 5)
    clock.pass_time(minutes=60)
    assert meter.read().day.reads == 0


def test_memory_is_bounded_and_busy_days_are_exact() -> None:
    clock = Clock()
    meter = UsageMeter(0.06, clock)
    for _ in range(2 * 24 * 60):
        meter.add(reads=1)
        clock.pass_time(minutes=1)
    meter.add(reads=1)
    assert (meter.read().hour.reads, meter.read().day.reads) == (60, 24 * 60)


def test_dollars_follow_the_price_of_a_hundred_thousand_reads() -> None:
    meter = UsageMeter(0.06, Clock())
    meter.add(reads=250_000)
    assert meter.read().day.dollars == pytest.approx(0.15)
    free = UsageMeter(0.0, Clock())
    free.add(reads=250_000)
    assert free.read().day.dollars == 0


def test_saved_is_what_the_naive_design_would_have_read_besides() -> None:
    meter = UsageMeter(0.06, Clock())
    meter.add(naive=1000)
    meter.add(naive=1000)
    meter.add(reads=30)
    assert meter.read().hour.saved == 1970


def test_saved_is_never_negative() -> None:
    meter = UsageMeter(0.06, Clock())
    meter.add(reads=30, naive=10)
    assert meter.read().hour.saved == 0


def test_the_last_sync_is_the_last_one() -> None:
    meter = UsageMeter(0.06, Clock())
    meter.synced(1.5)
    meter.synced(0.25)
    assert meter.read().last_sync_seconds == 0.25


@pytest.mark.parametrize(("documents", "reads"), [(0, 1), (1, 1), (1000, 1), (1001, 2), (2500, 3)])
def test_a_count_is_billed_by_the_thousand_and_at_least_once(documents: int, reads: int) -> None:
    meter = UsageMeter(0.06, Clock())
    repository = metered(MemoryRepository(_documents(documents)), meter)
    assert repository.count() == documents
    assert (meter.read().hour.reads, meter.read().hour.queries) == (reads, 1)


def test_pages_are_metered_as_the_repository_bills_them() -> None:
    meter = UsageMeter(0.06, Clock())
    source = MemoryRepository(_documents(250), page_size=100)
    pages = list(metered(source, meter).listing(IdRange(after="u00019")))
    assert sum(page.batch.documents for page in pages) == 230
    span = meter.read().hour
    assert span.reads == 230
    assert span.queries == len(source.calls) == 3
    assert span.wire_bytes == sum(page.wire_bytes for page in pages) > 0


def test_an_empty_query_is_billed_one_read() -> None:
    meter = UsageMeter(0.06, Clock())
    repository = metered(MemoryRepository(_documents(9)), meter)
    assert [page.batch.documents for page in repository.changed(datetime(2026, 1, 1, tzinfo=UTC))] == [0]
    assert (meter.read().hour.reads, meter.read().hour.queries) == (1, 1)


def test_what_came_before_a_failure_is_on_the_bill() -> None:
    meter = UsageMeter(0.06, Clock())
    source = MemoryRepository(_documents(250), page_size=100)
    source.fail_in(2)
    with pytest.raises(SourceError, match="can't be reached"):
        list(metered(source, meter).listing())
    assert meter.read().hour.reads == 200
    source.fail_in(0)
    with pytest.raises(SourceError) as failure:
        metered(source, meter).count()
    assert failure.value is UNREACHABLE


def test_a_source_without_ranges_says_so_through_the_meter() -> None:
    source = MemoryRepository(_documents(3))
    source.ranges = False
    with pytest.raises(RangesUnsupportedError):
        metered(source, UsageMeter(0.06, Clock())).count(IdRange(until="u00001"))


def test_the_metered_repository_is_the_source_it_wraps() -> None:
    source = MemoryRepository()
    repository = metered(source, UsageMeter(0.06, Clock()))
    assert repository.source == source.source
    repository.close()
    assert source.closed


def test_documents_that_were_decoded_slowly_are_counted() -> None:
    clock = Clock()
    meter = UsageMeter(0.06, clock)
    page = Page(batch(document("ada")), datetime(2026, 3, 2, tzinfo=UTC), slow=3)
    meter.add_page(page)
    clock.pass_time(minutes=61)
    meter.add_page(page)
    assert (meter.read().hour.slow, meter.read().day.slow) == (3, 6)
    assert meter.last_hour() == meter.read().hour


def test_a_page_is_on_the_bill_and_its_documents_are_weighed() -> None:
    meter = UsageMeter(0.06, Clock())
    at = datetime(2026, 3, 2, tzinfo=UTC)
    for reads, users in ((2, [document("ada", size=100), document("bob", size=150)]), (1, [document("ada", size=110)])):
        meter.add_page(Page(batch(*users), at, wire_bytes=1_000, queries=1, reads=reads))
    assert meter.read().quota.today == Spent(reads=3, bytes_out=2_000)
    assert meter.read().dearest == (DearDocument("ada", 2, 210), DearDocument("bob", 1, 150))
