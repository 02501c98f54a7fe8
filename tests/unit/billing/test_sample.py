"""The made-up bill of sample data: a little more than is recorded, with all that explains a gap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.unit.syncing import Clock

from usage_dash.billing.sample import SampleBill
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.reporting import gap
from usage_dash.reporting.billed import Billed, billed
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.repository.demo.source import DemoRepository
from usage_dash.sync.sync import Sync


@pytest.fixture
def demo(clock: Clock) -> DemoRepository:
    return DemoRepository(now=clock.now)


@pytest.fixture
def filled(demo: DemoRepository, clock: Clock) -> Iterator[Ledger]:
    ledger = Ledger(demo.source.identity, ZoneInfo("UTC"))
    sync = Sync(demo, ledger, now=clock.now, monotonic=clock.monotonic)
    sync.refresh(wait=60)
    yield ledger
    sync.close()
    ledger.close()


def seen(ledger: Ledger, clock: Clock) -> Billed:
    with Reports(ledger, ViewCache(), clock.now).moment(EVERYBODY) as moment:
        found = billed(moment)
    assert found is not None
    return found


def test_recorded_is_a_little_less_than_billed_and_all_kinds_of_gaps_are_there(
    demo: DemoRepository, filled: Ledger, clock: Clock
) -> None:
    SampleBill(demo.known_usage, filled, clock.now).want()
    found = seen(filled, clock)
    assert 0.9 < (found.share or 0) < 0.97
    assert {part.what for part in found.parts} >= {gap.LOST, gap.CALLERS, gap.SERVICES, gap.CACHED}
    assert len(found.days) == 32
    assert all(day.billed is not None for day in found.days if not day.provisional)


def test_all_entries_that_can_be_known_are_on_the_bill(demo: DemoRepository, filled: Ledger) -> None:
    with filled.reader() as sql:
        held = sql.execute("SELECT count(*), sum(cost) FROM entries WHERE rest IS NULL").fetchall()[0]
    usage = demo.known_usage()
    assert len(usage) == pytest.approx(held[0], abs=4)  # a few were written by hand, with flaws
    assert usage.cost.sum() == pytest.approx(held[1], abs=0.1)


def test_nobody_waits_for_it_before_usage_was_read(demo: DemoRepository, clock: Clock) -> None:
    ledger = Ledger(demo.source.identity, ZoneInfo("UTC"))
    sample = SampleBill(demo.known_usage, ledger, clock.now)
    sample.want()
    assert (sample.told, ledger.last_ask()) == (None, None)
    ledger.close()


def test_it_is_made_up_once_an_hour(demo: DemoRepository, filled: Ledger, clock: Clock) -> None:
    sample, told = SampleBill(demo.known_usage, filled, clock.now), list[datetime | None]()
    for seconds in (0, 3_599, 1):
        clock.seconds += seconds
        sample.want()
        told.append(sample.told)
    assert told == [told[0], told[0], told[0] and told[0] + timedelta(hours=1)]
    sample.wait()
    sample.close()
