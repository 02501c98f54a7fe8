from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit import known
from tests.unit.builders import NOON, batch, document, item
from tests.unit.known import LENGTHS, Known
from tests.unit.worlds import PROPERTY, World, filled, worlds

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.choice import Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.contradictions import CLOCKS_DIFFER
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters, RangeName, UserQuery
from usage_dash.reporting.person import DocumentSize, Person, Standing
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.trust_models import FindingRow
from usage_dash.reporting.user_page import PAGE_SIZE, cost_per_call, person
from usage_dash.reporting.users import user_detail, users_page
from usage_dash.reporting.view_models import Figure, ModelUsage, Overview, Range

ALL = Filters(RangeName.ALL)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger("memory:test", ZoneInfo("UTC"))
    yield opened
    opened.close()


@contextmanager
def chosen(ledger: Ledger, choice: Choice, now: datetime = NOON, scope: Scope = EVERYBODY) -> Iterator[Moment]:
    with ledger.snapshot(scope, choice) as seen:
        documents = seen.sql.execute("SELECT count(*) FROM scoped_users").fetchall()[0][0]
        yield Moment(seen.version, scope, documents, now, ledger.zone, seen.sql, choice)


def found(
    ledger: Ledger,
    user_id: str = "ada",
    *,
    models: tuple[str, ...] = (),
    filters: Filters = ALL,
    page: int = 0,
    **circumstances: Any,
) -> Person | None:
    with chosen(ledger, Choice(models=models, users=(user_id,)), **circumstances) as seen:
        return person(seen, user_id, filters, page)


def of(ledger: Ledger, user_id: str = "ada", **more: Any) -> Person:
    there = found(ledger, user_id, **more)
    assert there is not None
    return there


@PROPERTY
@given(world=worlds(), name=st.sampled_from([*LENGTHS, RangeName.ALL]), models=st.sets(st.just("gpt-5")))
def test_a_users_page_is_what_plain_python_counts(
    ledgers: dict[str, Ledger], world: World, name: RangeName, models: set[str]
) -> None:
    zone, now, documents, growth = world
    ledger = filled(ledgers[zone], documents, growth=growth)
    expected = Known(documents, ZoneInfo(zone), Filters(name), now, growth=growth)
    for each in documents[:1]:
        seen = of(ledger, each.user_id, models=tuple(models), filters=Filters(name), now=now)
        placed = [entry for entry in each.items if expected.is_placed(each.user_id, entry)]
        assert seen.coverage.counters.cost == known.added([each.total_cost])
        assert seen.coverage.entries.cost == known.added(entry.cost for entry in placed)
        assert seen.coverage.entries.tokens == known.added(entry.total_tokens for entry in placed)
        assert seen.coverage.all_entries.calls == known.added(entry.calls for entry in each.items)
        assert seen.coverage.share == (expected.explained(each) / each.total_cost if each.total_cost else None)
        assert seen.last_active == expected.last_active(each)
        assert seen.checks.untimed == sum(entry.at is None for entry in each.items)
        assert seen.checks.future == sum(
            entry.at is not None and entry.at > now + CLOCKS_DIFFER for entry in each.items
        )
        kept = [entry for entry in each.items if not models or entry.model in models]
        assert (seen.entries.total, len(seen.entries.rows)) == (len(kept), len(kept))
        alone = Known([each], ZoneInfo(zone), Filters(name, Choice(models=tuple(models))), now, growth=growth)
        alone = replace(alone, sees_all=False)
        assert [replace(usage, slot=min(usage.slot, 0)) for usage in seen.models if usage.chosen] == alone.models


@PROPERTY
@given(world=worlds())
def test_shares_and_facts_are_those_of_the_users_table(ledgers: dict[str, Ledger], world: World) -> None:
    zone, now, documents, growth = world
    ledger = filled(ledgers[zone], documents, growth=growth)
    with chosen(ledger, Choice(), now) as seen:
        table = users_page(seen, ALL, UserQuery())
        details = {user.user_id: user_detail(seen, user.user_id, 0) for user in table.rows}
    for rank, user in enumerate(table.rows[:2], 1):
        there = of(ledger, user.user_id, now=now)
        assert there.standing.share == pytest.approx(user.share)
        assert there.standing.at_most == table.shares_at_most
        assert there.last_active == user.last_active
        detail = details[user.user_id]
        assert detail is not None
        assert there.coverage.share == pytest.approx(detail.coverage)
        if not table.shares_at_most:
            assert there.standing.rank is not None
            assert there.standing.rank <= rank


def test_nobody_outside_the_scope_is_there(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(), total_cost=3), document("bob", item(model="secret"), total_cost=1)))
    only_bob = Scope(frozenset({"bob"}))
    assert found(ledger, "ada", scope=only_bob) is None
    assert found(ledger, "nobody") is None
    assert of(ledger, "bob", scope=only_bob).standing == Standing(1.0, 1, 1)
    assert of(ledger, "bob").standing == Standing(0.25, 2, 2)


def test_a_rank_is_not_told_where_somebody_elses_cost_is_unknown(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", total_cost=3), document("bob", item(cost=1.0)), document("eve")))
    assert of(ledger).standing == Standing(0.75, None, 3, at_most=True)
    assert of(ledger, "bob").standing == Standing(None, None, 3, at_most=True)


def test_a_user_who_never_used_the_chosen_models_is_there_all_the_same(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(), total_cost=3), document("bob", item(model="gpt-4o"))))
    there = of(ledger, models=("gpt-4o",))
    assert [(usage.model, usage.chosen) for usage in there.models] == [("gpt-5", False)]
    assert (there.entries.rows, there.entries.total) == ((), 0)
    assert there.coverage.entries.cost == Sum(0.5)
    assert there.last_active == NOON


def test_models_follow_the_range_and_entries_do_not(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(-60 * 24 * 40, cost=2.0), item(cost=None))))
    there = of(ledger, filters=Filters(RangeName.MONTH))
    assert there.models == (ModelUsage("gpt-5", 0, Sum(0.0, 1), Sum(1), Sum(15)),)
    assert there.range.label == "in 30 days"
    assert [row.cost for row in there.entries.rows] == [None, 2.0]
    assert there.entries.rows[0].total_tokens == 15
    assert there.checks.uncosted == 1


def test_entries_come_newest_first_in_pages_to_the_last(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", *(item(-minutes) for minutes in range(PAGE_SIZE + 1)), item(at=None))))
    first, last = of(ledger).entries, of(ledger, page=7).entries
    assert (first.total, first.page, last.page) == (PAGE_SIZE + 2, 0, 1)
    assert [row.at for row in first.rows] == [NOON - timedelta(minutes=minutes) for minutes in range(PAGE_SIZE)]
    assert [row.at for row in last.rows] == [NOON - timedelta(minutes=PAGE_SIZE), None]


def test_people_have_their_names_and_first_seen_no_wrong_clocks(ledger: Ledger) -> None:
    joined = NOON - timedelta(days=3)
    ledger.apply(batch(document("ada", item(at=datetime(1970, 1, 1, tzinfo=NOON.tzinfo)), item(), created_at=joined)))
    there = of(ledger)
    assert (there.name, there.email, there.team) == ("", "", "")
    assert (there.first_seen, there.checks.early) == (joined, 1)


def test_a_document_says_how_large_it_is_and_what_it_trimmed(ledger: Ledger) -> None:
    assert of(filled(ledger, [document("ada", item(), item(1), size=4_000)])).size == DocumentSize(4_000, 2, 0, 4_000)
    ledger.apply(batch(document("ada", item(1), item(2))))
    assert of(ledger).size == DocumentSize(None, 2, 1)


@pytest.mark.parametrize(
    ("days", "size", "growth"),
    [(40, 40_000, 1_000.0), (7, 7_000, 1_000.0), (56, 28_000, 500.0), (0, 9_000, 0.0), (3, None, 0.0)],
)
def test_a_document_grows_by_what_the_entries_of_four_weeks_take(
    ledger: Ledger, days: int, size: int | None, growth: float
) -> None:
    entries = [item(-60 * 24 * day, cost=float(day)) for day in range(days)]
    other = document("bob", item(), size=99)
    assert of(filled(ledger, [document("ada", *entries, size=size), other])).size.growth == growth


def test_what_is_trimmed_or_at_rest_does_not_grow(ledger: Ledger) -> None:
    long_ago = [item(-60 * 24 * day, cost=float(day)) for day in (28, 29)]
    assert of(filled(ledger, [document("ada", *long_ago, size=4_000)])).size.growth == 0
    filled(ledger, [document("ada", item(), item(1), size=4_000)])
    ledger.apply(batch(document("ada", item(1), item(2), size=4_000)))
    assert of(ledger).size == DocumentSize(4_000, 2, 1)


def test_findings_are_of_this_document_alone(ledger: Ledger) -> None:
    odd = ("totalCalls", "a number as text", "read as a number", 1)
    ledger.apply(batch(document("ada", findings=(odd,)), document("bob", findings=(odd, (*odd[:3], 2)))))
    assert of(ledger).findings == (FindingRow("ada", *odd),)


def test_entries_of_the_future_are_told_with_how_far_they_are_ahead(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(), item(90), item(60 * 24 * 2))))
    checks = of(ledger).checks
    assert (checks.future, checks.unplaced, checks.ahead) == (2, 1, timedelta(days=2))
    assert of(ledger, now=NOON + timedelta(days=3)).checks.ahead == timedelta()


def test_an_entry_as_far_ahead_as_clocks_differ_is_not_of_the_future(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(5), item(5.1))))
    assert of(ledger).checks.future == 1


@pytest.mark.parametrize(
    ("totals", "input_and_output", "callless"),
    [
        ({"total_input_tokens": 10, "total_output_tokens": 5, "total_tokens": 15, "total_calls": 1}, 15, False),
        ({"total_input_tokens": 10, "total_tokens": 15, "total_calls": 0}, None, True),
        ({"total_calls": 0, "total_cost": 0.5}, None, True),
        ({"total_cost": 0.5}, None, False),
    ],
)
def test_counters_are_held_against_each_other(
    ledger: Ledger, totals: dict[str, float], input_and_output: int | None, *, callless: bool
) -> None:
    ledger.apply(batch(document("ada", **totals)))
    checks = of(ledger).checks
    assert (checks.input_and_output, checks.callless) == (input_and_output, callless)


@pytest.mark.parametrize(
    ("written_after", "calls", "items", "moved"),
    [(60, 2, 2, True), (-60, 2, 2, False), (60, 3, 2, False), (60, 1, 1, False), (60, 0, 0, False)],
)
def test_a_write_after_the_last_call_that_counted_none_is_known(
    ledger: Ledger, written_after: int, calls: int, items: int, *, moved: bool
) -> None:
    read = NOON - timedelta(hours=1)
    written = read + timedelta(seconds=written_after)
    last = document("ada", *(item(-120 - n) for n in range(items)), total_calls=calls, last_updated=written)
    ledger.apply(batch(last), within=EVERYTHING, read_time=read)
    assert of(ledger).checks.moved is moved


def test_a_write_is_not_held_against_entries_read_before_times_were_noted(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(), item(1), total_calls=2, last_updated=NOON)))
    assert not of(ledger).checks.moved


def test_one_calls_cost_is_unknown_without_calls_and_a_bound_without_costs() -> None:
    cost = Figure(Sum(9.0, 1), Sum(3.0), Sum(1.0), (1.0, 2.0, None, 0.0))
    calls = Figure(Sum(3), Sum(4), Sum(), (2.0, 1.0, 3.0, 0.0))
    overview = Overview(Range(NOON.date(), NOON.date(), "on that day"), cost, calls, calls, calls)
    assert cost_per_call(overview) == Figure(Sum(3.0, 1), Sum(0.75), Sum(lacking=1), (0.5, 2.0, None, None))
    unsaid = replace(overview, calls=replace(calls, total=Sum(3, 1)), cost=replace(cost, previous=None))
    assert (cost_per_call(unsaid).total, cost_per_call(unsaid).previous) == (Sum(lacking=1), None)
