"""Recorded against billed by UTC days, whatever the reporting zone; what is not known is not compared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from tests.unit.builders import Item, batch, document, item

from usage_dash.documents.batch import EVERYTHING
from usage_dash.documents.model_names import family
from usage_dash.ledger.bill import COSTS, USAGE, Ask, Bill
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting import gap
from usage_dash.reporting.billed import Billed, billed
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_cache import ViewCache

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
TODAY = NOW.date()
LAST = date(2026, 11, 22)
FIRST = date(2026, 10, 24)
DAY = timedelta(days=1)
Cost = tuple[date, str, str, float | None]


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    opened = Ledger("fake", ZoneInfo(request.param))
    yield opened
    opened.close()


def at(day: date, hour: float = 12) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)


def record(ledger: Ledger, *items: Item, read: datetime = NOW, **fields: object) -> None:
    ledger.apply(batch(document("ada", *items, **fields)), read_time=read, since=read - timedelta(minutes=1))


def bill(ledger: Ledger, *costs: Cost, usage: tuple[tuple[object, ...], ...] = (), answered: datetime = NOW) -> None:
    told = Bill(date(2026, 6, 1), _table(costs, COSTS), _table(usage, USAGE))
    ledger.keep_bill(Ask("question", whole=False, asked=answered, due=answered + timedelta(hours=1)), told)


def _table(rows: tuple[tuple[object, ...], ...], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)


def every_day(dollars: float, since: date = FIRST - 60 * DAY) -> list[Cost]:
    return [(since + n * DAY, "gpt-5, input", "", dollars) for n in range((TODAY - since).days + 1)]


def look(ledger: Ledger, scope: Scope = EVERYBODY, now: datetime = NOW) -> Billed | None:
    with Reports(ledger, ViewCache(), lambda: now).moment(scope) as moment:
        return billed(moment)


def seen(ledger: Ledger, now: datetime = NOW) -> Billed:
    found = look(ledger, now=now)
    assert found is not None
    return found


def recorded_by_day(found: Billed) -> dict[date, float]:
    return {day.day: day.recorded.known for day in found.days if day.recorded.known}


def test_openai_that_was_never_asked_billed_nothing_that_is_known(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST)))
    assert look(ledger) is None


def test_only_who_may_see_everybody_sees_the_bill(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST)))
    bill(ledger, *every_day(1.0))
    assert look(ledger, Scope(frozenset({"ada"}))) is None


def test_thirty_whole_days_count_and_the_last_two_are_provisional(ledger: Ledger) -> None:
    record(ledger, *(item(at=at(TODAY - n * DAY), cost=0.5) for n in range(60)))
    bill(ledger, *every_day(1.0))
    found = seen(ledger)
    assert (found.first, found.last) == (FIRST, LAST)
    assert (found.recorded, found.billed, found.share) == (Sum(15.0), 30.0, 0.5)
    assert [day.day for day in found.days] == [FIRST + n * DAY for n in range(32)]
    assert [day.provisional for day in found.days] == [False] * 30 + [True] * 2
    assert found.asked == NOW


@pytest.mark.parametrize(("hour", "day"), [(0, LAST), (23.999, LAST), (24, LAST + DAY), (-0.001, LAST - DAY)])
def test_an_entry_is_on_its_utc_day_whatever_the_reporting_zone(ledger: Ledger, hour: float, day: date) -> None:
    record(ledger, item(at=at(LAST - 20 * DAY), cost=1.0), item(at=at(LAST, hour), cost=2.0))
    bill(ledger, *every_day(1.0))
    assert recorded_by_day(seen(ledger)) == {LAST - 20 * DAY: 1.0, day: 2.0}


def test_an_entry_of_no_or_a_future_time_is_on_the_day_it_was_first_read(ledger: Ledger) -> None:
    record(ledger, item(at=None, cost=1.0), item(at=at(date(2031, 1, 1)), cost=2.0), read=at(LAST, 1))
    bill(ledger, *every_day(1.0))
    assert recorded_by_day(seen(ledger)) == {LAST: 3.0}


def test_a_booking_is_on_the_utc_day_of_its_time(ledger: Ledger) -> None:
    old = item(at=at(LAST - 5 * DAY), cost=1.0)
    record(ledger, old, read=at(LAST - DAY), total_cost=1.0, total_calls=1)
    later = at(LAST, 23.5)
    record(ledger, old, read=later + timedelta(seconds=30), total_cost=3.0, total_calls=2, last_updated=later)
    bill(ledger, *every_day(1.0))
    assert recorded_by_day(seen(ledger)) == {LAST - 5 * DAY: 1.0, LAST: 2.0}


def test_what_users_who_are_gone_left_behind_keeps_its_reporting_day(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST), cost=1.5))
    ledger.apply(batch(), within=EVERYTHING, read_time=NOW)
    bill(ledger, *every_day(1.0))
    assert recorded_by_day(seen(ledger)) == {at(LAST).astimezone(ledger.zone).date(): 1.5}


def test_days_before_the_first_use_do_not_count(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST - 3 * DAY), cost=1.0))
    bill(ledger, *every_day(1.0))
    found = seen(ledger)
    assert (found.first, found.last, found.billed) == (LAST - 3 * DAY, LAST, 4.0)


def test_a_writer_that_has_stopped_is_noticed(ledger: Ledger) -> None:
    record(ledger, item(at=at(FIRST - 5 * DAY), cost=1.0))
    bill(ledger, *every_day(1.0))
    found = seen(ledger)
    assert (found.first, found.last, found.recorded, found.share) == (FIRST, LAST, Sum(), 0.0)


@pytest.mark.parametrize("used", [TODAY, TODAY - DAY, None])
def test_without_a_whole_day_nothing_is_said(ledger: Ledger, used: date | None) -> None:
    if used:
        record(ledger, item(at=at(used, 1)))
    bill(ledger, *every_day(1.0))
    found = seen(ledger)
    assert (found.share, found.parts) == (None, ())


def test_a_day_that_openai_did_not_tell_is_left_out_of_both_sums(ledger: Ledger) -> None:
    record(ledger, *(item(at=at(LAST - n * DAY), cost=1.0) for n in range(4)))
    told = [day for day in every_day(2.0) if day[0] != LAST - DAY]
    bill(ledger, *told, (LAST - 2 * DAY, "gpt-5, output", "", None))
    found = seen(ledger)
    assert (found.recorded, found.billed, found.missing) == (Sum(2.0), 4.0, 2)
    assert [day.billed for day in found.days[:4]] == [2.0, None, None, 2.0]


def test_what_is_recorded_without_a_cost_is_said_to_be_lacking(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST), cost=1.0), item(1, at=at(LAST), cost=None))
    bill(ledger, *every_day(2.0))
    assert seen(ledger).recorded == Sum(1.0, lacking=1)


def test_nothing_billed_has_no_share(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST), cost=1.0))
    bill(ledger, *every_day(0.0))
    assert seen(ledger).share is None


def test_a_bill_that_is_all_of_other_callers_leaves_nothing_for_the_chatbot(ledger: Ledger) -> None:
    record(ledger, *(item(at=at(LAST - n * DAY), cost=1.0) for n in range(30)))
    callers = [("key_1", 0.1), ("key_2", 0.7), ("key_3", 1.1)]
    bill(ledger, *((LAST - n * DAY, "gpt-5, input", key, cost) for n in range(30) for key, cost in callers))
    found = seen(ledger)
    assert found.others == pytest.approx(found.billed)
    assert (found.own, found.is_elsewhere) == (0.0, True)


def test_days_after_an_old_answer_are_not_compared(ledger: Ledger) -> None:
    record(ledger, *(item(at=at(TODAY - n * DAY), cost=1.0) for n in range(20)))
    answered = NOW - 5 * DAY
    bill(ledger, *(day for day in every_day(1.0) if day[0] <= answered.date()), answered=answered)
    ledger.keep_bill(Ask("question", whole=False, asked=NOW, due=NOW, problem="No."), None)
    found = seen(ledger)
    assert (found.last, found.asked, found.problem) == (LAST - 5 * DAY, answered, "No.")
    assert [(day.day, day.billed, day.provisional) for day in found.days][-1] == (TODAY, None, True)


def test_families_are_compared_as_openai_bills_dated_names(ledger: Ledger) -> None:
    record(
        ledger,
        item(at=at(LAST), model="openai/GPT-5", cost=60.0, total_tokens=1_200),
        item(1, at=at(LAST), model="gpt-5-2026-01-01", cost=20.0, total_tokens=400),
    )
    bill(
        ledger,
        *((LAST, f"gpt-5-2026-01-01, {kind}", "", 50.0) for kind in ("input", "output")),
        usage=((LAST, "gpt-5-2026-01-01", "", 3, 2_000, 0, 1_000),),
    )
    found = {part.what: part.dollars for part in seen(ledger).parts}
    assert found == {gap.LOST: 20.0}


def test_the_gap_is_explained_from_what_openai_says(ledger: Ledger) -> None:
    record(
        ledger,
        item(at=at(LAST), model="gpt-5", cost=60.0, total_tokens=600, calls=6),
        item(1, at=at(LAST), model="gpt-5", cost=0.0, total_tokens=200, calls=2),
        item(2, at=at(LAST), model="mini", cost=10.0, total_tokens=1_000, calls=5),
    )
    bill(
        ledger,
        (LAST, "gpt-5, input", "", 70.0),
        (LAST, "gpt-5, output", "", 30.0),
        (LAST, "mini, input", "", 4.0),
        (LAST, "mini, cached_input_tokens", "", 1.0),
        (LAST, "tts-1, audio", "", 7.0),
        (LAST, "gpt-5, input", "key_other", 25.0),
        usage=(
            (LAST, "gpt-5", "", 10, 1_000, 0, 700),
            (LAST, "gpt-5", "key_other", 99, 99_000, 0, 99_000),
            (LAST, "mini", "", 5, 1_000, 500, 400),
        ),
    )
    found = seen(ledger)
    assert {part.what: part.dollars for part in found.parts} == {
        gap.CALLERS: 25.0,
        gap.LOST: 20.0,
        gap.FREE: 20.0,
        gap.SERVICES: 7.0,
        gap.CACHED: -4.0,  # 500 tokens at 4/400 dollars, less the dollar that they cost
        gap.UNEXPLAINED: -1.0,
    }
    assert found.others == 25.0


@pytest.mark.parametrize(
    ("model", "line_items"),
    [
        ("gpt-5-2026-04-23", ("gpt-5-2026-04-23, input", "gpt-5-2026-04-23, output")),
        ("gpt-5", ("priority | gpt-5, input, long context", "gpt-5, output_tokens")),
        ("gpt-5", ("gpt-5 text, input", "gpt-5 audio, output")),
        ("gpt-5", ("gpt-5", "batch | gpt-5")),
        ("ft:gpt-4o-2024-08-06:acme::AbC", ("ft-gpt-4o-2024-08-06, input", "ft-gpt-4o-2024-08-06, output")),
    ],
)
def test_line_items_are_of_models_as_openai_writes_them(model: str, line_items: tuple[str, ...]) -> None:
    opened = Ledger("fake", ZoneInfo("UTC"))
    record(opened, item(at=at(LAST), model=model, cost=80.0, total_tokens=800))
    costs = ((LAST, each, "", 50.0) for each in line_items)
    bill(opened, *costs, (LAST, "web search tool calls", "", 7.0), usage=((LAST, model, "", 10, 1_000, 0, 1_000),))
    assert {part.what: part.dollars for part in seen(opened).parts} == {gap.LOST: 20.0, gap.SERVICES: 7.0}
    opened.close()


@pytest.mark.parametrize(
    ("line_item", "saved"),
    [
        ("gpt-5, cached input", True),
        ("priority | gpt-5, cached input, long context", True),
        ("gpt-5, input_cached_tokens", True),
        ("gpt-5 audio, cached input", False),
        ("gpt-5, output", False),
    ],
)
def test_what_the_cache_saved_is_told_from_its_line_item(line_item: str, saved: bool) -> None:  # noqa: FBT001 - a table
    opened = Ledger("fake", ZoneInfo("UTC"))
    record(opened, item(at=at(LAST), model="gpt-5", cost=100.0, total_tokens=1_000))
    costs = ((LAST, "gpt-5, input", "", 50.0), (LAST, line_item, "", 5.0))
    bill(opened, *costs, usage=((LAST, "gpt-5", "", 10, 1_000, 500, 500),))
    found = {part.what: part.dollars for part in seen(opened).parts}
    assert found == ({gap.CACHED: -45.0} if saved else {gap.UNEXPLAINED: -45.0})
    opened.close()


def test_what_was_there_at_first_sight_may_be_of_these_days(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST), cost=1.0), total_cost=9.0, last_updated=at(LAST))
    bill(ledger, *every_day(20.0))
    assert seen(ledger).undated == 8.0


@pytest.mark.parametrize("fields", [{"last_updated": at(LAST - 50 * DAY)}, {"total_cost": 1.0}])
def test_what_cannot_be_of_these_days_is_not_in_doubt(ledger: Ledger, fields: dict[str, object]) -> None:
    record(ledger, item(at=at(LAST), cost=1.0), **{"total_cost": 9.0, **fields})
    bill(ledger, *every_day(20.0))
    assert seen(ledger).undated == 0.0


def test_what_is_older_than_the_oldest_entry_is_not_of_these_days(ledger: Ledger) -> None:
    old = item(at=at(LAST - 90 * DAY), cost=1.0)
    record(ledger, old, item(1, at=at(LAST), cost=1.0), total_cost=9.0, last_updated=at(LAST))
    bill(ledger, *every_day(20.0))
    assert seen(ledger).undated == 0.0


def test_no_more_is_in_doubt_than_is_missing(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST), cost=1.0), total_cost=9.0, last_updated=at(LAST))
    bill(ledger, *every_day(3.0), (LAST, "gpt-5, input", "key_other", 4.0))
    assert seen(ledger).undated == 2.0


def test_what_rounding_leaves_is_not_in_doubt(ledger: Ledger) -> None:
    record(ledger, item(at=at(LAST), cost=0.3), total_cost=9.0, last_updated=at(LAST))
    bill(ledger, (LAST, "gpt-5, input", "", 0.1), (LAST, "gpt-5, output", "", 0.2))
    assert seen(ledger).undated == 0.0


def test_the_bill_leaves_what_is_drawn_of_usage_as_it_is(ledger: Ledger) -> None:
    before = ledger.state
    bill(ledger, *every_day(1.0))
    assert ledger.state == before


def test_models_read_as_families_are_compared_alike() -> None:
    opened = Ledger("fake", ZoneInfo("UTC"), naming=family)
    record(opened, item(at=at(LAST), model="openai/GPT-5", cost=80.0, total_tokens=800))
    bill(opened, (LAST, "gpt-5, input", "", 100.0), usage=((LAST, "gpt-5", "", 10, 1_000, 0, 1_000),))
    assert {part.what: part.dollars for part in seen(opened).parts} == {gap.LOST: 20.0}
    opened.close()
