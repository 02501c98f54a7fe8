"""Whether reading stays free, and which documents cost most to read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import SOURCE

from usage_dash.checks.check import Check, State
from usage_dash.checks.reading import reading_is_free
from usage_dash.sync.bill import FREE_BYTES, FREE_READS, GIBIBYTE, Quota, Spent
from usage_dash.sync.dearest import DearDocument
from usage_dash.sync.read_meter import Meter, MeterSpan

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SPAN = MeterSpan(reads=0, queries=0, saved=0, wire_bytes=0, dollars=0.0)
DEAREST = (DearDocument("bot", 100_000, 4 * GIBIBYTE), DearDocument("chen", 3, 2**20))


def says(*, today: int = 3_796, reads: int = 41_310, bytes_out: int = 2 * GIBIBYTE, dollars: float = 0.0) -> Check:
    quota = Quota(Spent(today), Spent(reads, bytes_out), date(2026, 11, 1), dollars)
    found = reading_is_free(SOURCE, Meter(SPAN, SPAN, None, quota, DEAREST, timedelta(days=15)), NOW, BERLIN)
    assert found is not None
    return found


def test_what_is_free_is_good_and_tells_what_was_spent() -> None:
    found = says()
    assert (found.state, found.title) == (State.GOOD, "Firestore’s bill for reading this is $0.00 this month")
    assert found.detail == "41,310 reads and 2.0 GiB since 1 Nov; the free day ends at 09:00"
    assert (found.figure, found.unit) == ("46,204", "free reads left today")
    assert found.facts == (
        ("Reads this month", "41,310"),
        ("Read out this month", "2.0 GiB of 10 free"),
        ("Bill this month", "$0.00"),
        ("By its end, at this pace", "not known yet"),
        ("Free reads left today", "46,204 of 50,000"),
    )


def test_the_dearest_documents_are_named_with_what_they_take_in_a_month() -> None:
    assert [(each.user_id, each.how) for each in says().users] == [
        ("bot", "8.0 GiB, $1.08 a month"),
        ("chen", "less than 0.01 GiB, $0.00024 a month"),
    ]


def test_after_less_than_a_day_a_document_says_only_what_it_took() -> None:
    quota = Quota(Spent(), Spent(), date(2026, 11, 1))
    found = reading_is_free(SOURCE, Meter(SPAN, SPAN, None, quota, DEAREST, timedelta(hours=23)), NOW, BERLIN)
    assert found is not None
    assert found.users[0].how == "4.0 GiB so far"


@pytest.mark.parametrize(
    ("spent", "state"),
    [
        ({"today": FREE_READS * 8 // 10 - 1}, State.GOOD),
        ({"today": FREE_READS * 8 // 10}, State.LOOK),
        ({"today": FREE_READS}, State.LOOK),
        ({"today": FREE_READS + 1, "dollars": 0.01}, State.ACT),
        ({"bytes_out": FREE_BYTES * 8 // 10 - 1}, State.GOOD),
        ({"bytes_out": FREE_BYTES * 8 // 10}, State.LOOK),
        ({"bytes_out": FREE_BYTES + 1, "dollars": 0.12}, State.ACT),
        ({"dollars": 0.05}, State.LOOK),  # an earlier day was beyond
    ],
)
def test_it_is_to_be_looked_at_from_four_fifths_on_and_acted_on_beyond(spent: dict[str, float], state: State) -> None:
    assert says(**spent).state is state


def test_the_cure_is_that_of_what_presses_more() -> None:
    heavy = says(bytes_out=9 * GIBIBYTE)
    assert (heavy.figure, heavy.unit) == ("1.0 GiB", "free to read this month")
    assert "trim `recentUsage`" in heavy.todo
    often = says(today=49_000)
    assert (often.figure, often.unit) == ("1,000", "free reads left today")
    assert "USAGE_DASH_REFRESH_SECONDS" in often.todo
    assert "98% of a day’s free reads" in often.why


def test_what_costs_nothing_is_not_checked() -> None:
    meter = Meter(SPAN, SPAN, None, Quota(Spent(), Spent(), date(2026, 11, 1)))
    for source in (replace(SOURCE, billed=False), replace(SOURCE, sample=True)):
        assert reading_is_free(source, meter, NOW, BERLIN) is None
