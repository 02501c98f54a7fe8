from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit import known
from tests.unit.asking import ask, moment
from tests.unit.builders import NOON, Item, batch, document, item
from tests.unit.known import Entry, Known, Named
from tests.unit.worlds import DAY, PROPERTY, ZONES, Asked, asked, filled

from usage_dash.documents.model_names import family
from usage_dash.ledger.choice import Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import Scope
from usage_dash.reporting.counts import counts
from usage_dash.reporting.filters import By, Days, Filters, OpenedRow, RangeName, UserQuery, UserSort
from usage_dash.reporting.queries import all_models, model_split, overview, timeline
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.top import teams, top_users
from usage_dash.reporting.trust import findings, trust
from usage_dash.reporting.trust_models import Exceeding, FindingRow, Findings, Trust
from usage_dash.reporting.user_models import EntryRow, Gone, UserDetail, UserRow, UsersPage
from usage_dash.reporting.users import user_detail, users_page
from usage_dash.reporting.view_models import Figure, ModelUsage, Range, Spent

CHANGES = (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))  # of clocks, in some zones
MONTH = Filters(RangeName.MONTH)
ALL = Filters(RangeName.ALL)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"))
    yield opened
    opened.close()


@PROPERTY
@given(asked())
def test_cards_and_charts_are_what_plain_python_counts(ledgers: dict[str, Ledger], asked: Asked) -> None:
    ledger, filters, expected = asked.fill(ledgers[asked.zone]), asked.filters, asked.known
    with moment(ledger, asked.now, asked.scope, filters.choice) as seen:
        cards, chart = overview(seen, filters), timeline(seen, filters)
        split, models = model_split(seen, filters), all_models(seen, filters)
        assert trust(seen) == expected.trust
        assert top_users(seen, filters, limit=3) == tuple(expected.top_users[:3])
        assert teams(seen, filters) == tuple(expected.teams)
        assert counts(seen, filters) == expected.counts

    totals = {
        known.cost: (cards.cost, expected.all_time("cost")),
        known.calls: (cards.calls, expected.all_time("calls")),
        known.tokens: (cards.tokens, expected.all_time("tokens")),
        known.active: (cards.active_users, Sum(expected.users_with_usage)),
    }
    before, span = expected.before, expected.compared
    for measure, (figure, all_time) in totals.items():
        previous = None if before is None else measure(before)
        assert figure == Figure(all_time, measure(expected.shown), previous, expected.spark(measure, expected.shown))
    assert (cards.range.first, cards.range.last) == expected.bounds
    assert cards.compared == (span and Range(span[0], span[1].date(), ""))
    assert cards.itemised == bool(filters.choice.models)

    assert [_uncoloured(each) for each in split] == expected.models
    assert [_uncoloured(each) for each in models] == expected.all_models
    assert chart.days == tuple(expected.buckets)
    assert (chart.bucket, (chart.cut_first, chart.cut_last)) == (expected.by, expected.cut)
    assert chart.cost == expected.in_buckets(known.cost, expected.shown)
    assert chart.calls == expected.in_buckets(known.calls, expected.shown)
    assert chart.tokens == expected.in_buckets(known.tokens, expected.shown)
    assert chart.input_tokens == expected.in_buckets(known.input_tokens, expected.shown)
    assert chart.output_tokens == expected.in_buckets(known.output_tokens, expected.shown)
    assert chart.active == tuple(each.known for each in expected.in_buckets(known.active, expected.shown))
    assert chart.new == expected.new
    assert [(each.model, each.slot) for each in chart.models] == [(each.model, each.slot) for each in split]
    for series in chart.models:
        held = [each for each in expected.shown if each.item.model == series.model]
        assert series.cost == expected.in_buckets(known.cost, held)
    booked = [each for each in expected.shown if each.item.model == known.NOT_ITEMISED]
    measures = (known.cost, known.calls, known.tokens, known.input_tokens, known.output_tokens)
    rest = zip(*(expected.in_buckets(measure, booked) for measure in measures), strict=True)
    assert chart.not_itemised == (tuple(Spent(*each) for each in rest) if booked else ())


def _uncoloured(usage: ModelUsage) -> ModelUsage:
    """The usage without its place among models; what is not itemised stays what it is."""
    return replace(usage, slot=min(usage.slot, 0))


@PROPERTY
@given(asked(), st.builds(UserQuery, st.sampled_from(UserSort), st.booleans(), page_size=st.integers(1, 4)))
def test_users_are_what_plain_python_sorts(ledgers: dict[str, Ledger], asked: Asked, query: UserQuery) -> None:
    ledger, filters, expected = asked.fill(ledgers[asked.zone]), asked.filters, asked.known
    count, size = len(expected.documents), query.page_size
    numbers = range(max(1, -(-count // size)))
    with moment(ledger, asked.now, asked.scope, filters.choice) as seen:
        *pages, beyond = [users_page(seen, filters, replace(query, page=page)) for page in (*numbers, len(numbers) + 2)]
    assert beyond == pages[-1]
    assert [(each.total, each.page, each.page_size) for each in pages] == [(count, page, size) for page in numbers]
    rows = [row for page in pages for row in page.rows]
    assert [row.user_id for row in rows] == expected.sorted_users(query.sort, descending=query.descending)

    everybody = expected.all_time("cost")
    by_id = {each.user_id: each for each in expected.documents}
    exact = {user: expected.total(each, "cost").exact for user, each in by_id.items()}
    shares = {
        user: cost / everybody.known if cost is not None and everybody.known else None for user, cost in exact.items()
    }
    for page in pages:
        assert page.top_share == max((share for share in shares.values() if share is not None), default=None)
        assert page.shares_at_most == (bool(rows) and everybody.lacking > 0)
        assert page.gone == _gone(expected)
    for row in rows:
        each, entries, named = by_id[row.user_id], expected.of_user(row.user_id), expected.named(row.user_id)
        assert row == UserRow(
            user_id=each.user_id,
            cost=expected.total(each, "cost"),
            share=shares[row.user_id],
            calls=expected.total(each, "calls"),
            tokens=expected.total(each, "tokens"),
            input_tokens=expected.total(each, "input_tokens"),
            output_tokens=expected.total(each, "output_tokens"),
            cost_per_call=expected.cost_per_call(each),
            range_cost=known.cost(entries),
            spark=expected.spark(known.cost, entries),
            last_active=expected.last_active(each),
            name=named.name,
            team=named.team,
        )


def _gone(expected: Known) -> Gone | None:
    if not expected.gone:
        return None
    left = [Entry(known.NOBODY, expected.here, each) for each in expected.gone]
    shown = [each for each in expected.shown if each.user_id == known.NOBODY]
    measures = (known.cost, known.calls, known.tokens, known.input_tokens, known.output_tokens)
    return Gone(*(measure(left) for measure in measures), range_cost=known.cost(shown))


@settings(PROPERTY)
@given(
    when=st.tuples(
        st.sampled_from(ZONES), st.sampled_from([NOON, *(change + timedelta(days=4) for change in CHANGES)])
    ),
    amounts=st.lists(st.tuples(st.integers(-40 * DAY, 0), st.none() | st.floats(0, 1e6)), max_size=30),
    range_=st.sampled_from(RangeName) | st.integers(0, 9).map(lambda days: timedelta(days=days)),
    choice=st.builds(
        Choice,
        models=st.sampled_from([(), ("model 1",), ("model 0", "model 2")]),
        team=st.sampled_from([None, "", "A"]),
    ),
)
def test_figures_agree_everywhere(
    ledgers: dict[str, Ledger],
    when: tuple[str, datetime],
    amounts: list[tuple[int, float | None]],
    range_: RangeName | timedelta,
    choice: Choice,
) -> None:
    zone, now = when
    users: dict[str, list[Item]] = {f"user {number}": [] for number in range(7)}
    for number, (minutes, cost) in enumerate(amounts):
        at = now + timedelta(minutes=minutes)
        users[f"user {number % 7}"].append(Item(at, cost=cost, model=f"model {number % 3}", rest=str(number)))
    people = {f"user {number}": Named(team="A" if number % 2 else "") for number in range(5)}
    ledger = filled(ledgers[zone], (document(user, *items) for user, items in users.items()), people)
    today = now.astimezone(ZoneInfo(zone)).date()
    shown = Days(today - range_, today) if isinstance(range_, timedelta) else range_
    filters = Filters(shown, choice)

    with moment(ledger, now, choice=choice) as seen:
        in_range = overview(seen, filters).cost.in_range
        rows = users_page(seen, filters, UserQuery(page_size=7)).rows
        told = {
            **{f"timeline by {by}": timeline(seen, replace(filters, by=by)).cost for by in (None, *By)},
            "its models": [cost for series in timeline(seen, filters).models for cost in series.cost],
            "model split": [each.cost for each in model_split(seen, filters)],
            "all models": [each.cost for each in all_models(seen, filters) if each.chosen],
            "users": [row.range_cost for row in rows],
            "top users": [each.cost for each in top_users(seen, filters, limit=7)],
            "teams": [each.cost for each in teams(seen, filters) if each.chosen],
        }
        entries = counts(seen, filters).entries
        calls = total(timeline(seen, filters).calls)
        assert calls == Sum(entries) == total(each.calls for each in model_split(seen, filters))
    for where, costs in told.items():
        assert total(costs).lacking == in_range.lacking, where
        assert total(costs).known == pytest.approx(in_range.known, rel=1e-12), where
    assert sum(sum(each or 0 for each in row.spark) for row in rows) == pytest.approx(in_range.known, rel=1e-12)


@PROPERTY
@given(asked())
def test_where_models_are_chosen_nothing_is_of_another(ledgers: dict[str, Ledger], asked: Asked) -> None:
    """With the other models' entries away all is the same, but what counters say."""
    choice = replace(asked.filters.choice, models=("gpt-5",))
    filters, alone = replace(asked.filters, choice=choice), []
    for each in asked.documents:
        items = (entry for entry in each.items if entry.model in choice.models)
        alone.append(replace(each, items=tuple(items)))
    answers = []
    growth = asked.growth and asked.growth.with_items(lambda entry: entry.model in choice.models)
    for documents, grown in ((asked.documents, asked.growth), (alone, growth)):
        ledger = filled(ledgers[asked.zone], documents, asked.people, grown)
        with moment(ledger, asked.now, asked.scope, choice) as seen:
            page = users_page(seen, filters, UserQuery(opened=tuple(OpenedRow(each.user_id) for each in documents)))
            models = {each.model for each in (*model_split(seen, filters), *timeline(seen, filters).models)}
            models |= {entry.model for user in page.rows for entry in user_detail(seen, user.user_id, 0).entries}
            assert models <= {"gpt-5"}
            answers.append(
                (
                    overview(seen, filters),
                    [replace(each, slot=0) for each in model_split(seen, filters)],
                    replace(timeline(seen, filters), models=(), new=()),
                    page,
                    top_users(seen, filters),
                    teams(seen, filters),
                    counts(seen, filters),
                )
            )
    assert answers[0] == answers[1]


class TestEmptyLedger:
    @pytest.mark.parametrize("name", list(RangeName))
    def test_shows_zeros(self, ledger: Ledger, name: RangeName) -> None:
        cards = ask(overview, ledger, Filters(name))
        previous = None if name is RangeName.ALL else Sum()
        zeros = (0.0,) * len(ask(timeline, ledger, Filters(name)).days)
        assert cards.cost == cards.calls == cards.tokens == cards.active_users == Figure(Sum(), Sum(), previous, zeros)
        assert ask(trust, ledger) == Trust(None, 0, 0, (), 0, 0, Sum(), 0, 0)
        assert cards.cost.change is None

    def test_has_no_models_users_or_findings(self, ledger: Ledger) -> None:
        assert ask(model_split, ledger, ALL) == ()
        assert ask(timeline, ledger, ALL).models == ()
        assert ask(users_page, ledger, ALL, UserQuery(page=9)) == UsersPage((), 0, 0, 10)
        assert ask(user_detail, ledger, "ada", 0) is None
        assert ask(findings, ledger) == Findings((), 0)


class TestOverview:
    def test_compares_with_the_same_time_of_day_before(self, ledger: Ledger) -> None:
        week = 7 * DAY
        before = (item(-week - 1, cost=1), item(-week, cost=2), item(-week + 1, cost=4), item(-2 * week + DAY, cost=8))
        ledger.apply(batch(document("ada", *before, item(0, cost=32))))
        cost = ask(overview, ledger, Filters(RangeName.WEEK)).cost
        assert (cost.in_range, cost.previous, cost.change) == (Sum(32), Sum(11), 21 / 11)

    def test_of_documents_without_totals_is_at_least_what_their_entries_cost(self, ledger: Ledger) -> None:
        ledger.apply(batch(*(document(f"user {cost}", item(0, cost=cost)) for cost in (0.5, 2.25, 1.0))))
        cost = ask(overview, ledger, MONTH).cost
        assert (cost.total, cost.in_range) == (Sum(3.75, lacking=3), Sum(3.75))

    def test_counts_entries_of_unknown_cost_instead_of_taking_them_for_nothing(self, ledger: Ledger) -> None:
        local = item(0, model="llama-3-local", cost=None, total_tokens=None)
        ledger.apply(batch(document("ada", item(-2 * DAY, cost=2), local)))
        cards = ask(overview, ledger, Filters(RangeName.WEEK))
        assert (cards.cost.in_range, cards.tokens.in_range) == (Sum(2, lacking=1), Sum(15, lacking=1))
        assert cards.cost.spark[-3:] == (2, 0, None)
        assert cards.cost.change is None
        assert [(each.model, each.cost) for each in ask(model_split, ledger, MONTH)] == [
            ("gpt-5", Sum(2)),
            ("llama-3-local", Sum(0, lacking=1)),
        ]
        assert ask(timeline, ledger, MONTH).cost[-3:] == (Sum(2), Sum(0), Sum(0, lacking=1))

    def test_does_not_compare_with_a_time_of_which_a_cost_is_unknown(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(-8 * DAY, cost=None), item(-8 * DAY, cost=1), item(0, cost=2))))
        cost = ask(overview, ledger, Filters(RangeName.WEEK)).cost
        assert (cost.previous, cost.change, cost.difference) == (Sum(1, lacking=1), None, None)

    def test_counts_users_with_any_usage_as_active(self, ledger: Ledger) -> None:
        nothing = {"total_cost": 0.0, "total_calls": 0, "total_tokens": None}
        by_totals = (
            document("cost", total_cost=0.1),
            document("calls", total_calls=1),
            document("tokens", total_tokens=1),
        )
        idle = (document("idle", **nothing), document("silent"))
        ledger.apply(batch(*by_totals, *idle, document("entries", Item(None), **nothing)))
        assert ask(overview, ledger, MONTH).active_users.total == Sum(4)

    def test_does_not_take_somebody_who_only_listened_for_active_or_unknown(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("listener", total_calls=0, last_updated=NOON), document("ada", total_cost=1.0)))
        cards = ask(overview, ledger, MONTH)
        assert (cards.active_users.total, cards.cost.total) == (Sum(1), Sum(1))
        row = ask(users_page, ledger, MONTH, UserQuery(UserSort.USER)).rows[0]
        assert (row.user_id, row.cost, row.last_active) == ("listener", Sum(0), None)

    def test_counts_history_too(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(0, cost=1), item(1, cost=2))))
        ledger.apply(batch(document("ada", item(1, cost=2))))
        assert ask(overview, ledger, MONTH).cost.in_range == Sum(3)


class TestTrust:
    def test_judges_each_document(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(0, cost=11), total_cost=1.0), document("bob", total_cost=10.0)))
        found = ask(trust, ledger)
        assert found.coverage == pytest.approx(1 / 11)
        assert (found.exceeding, found.exceeding_users) == (1, ("ada",))
        assert ask(findings, ledger).exceeding == (Exceeding("ada", 11, 1),)

    def test_counts_entries_whose_time_is_unreadable_and_explains_nothing_by_them(self, ledger: Ledger) -> None:
        timed = [document(f"timed {number}", item(number, cost=1), total_cost=1.0) for number in range(4)]
        untimed = [document(f"untimed {number}", Item(None, cost=1), total_cost=1.0) for number in range(6)]
        ledger.apply(batch(*timed, *untimed))
        found = ask(trust, ledger)
        assert ask(overview, ledger, ALL).cost.in_range == Sum(4)
        assert (found.coverage, found.untimed, found.misdated, found.unplaced_cost) == (0.4, 6, 0, Sum(6))
        detail = ask(user_detail, ledger, "untimed 0", 0)
        assert (detail.coverage, detail.entries_total, detail.unplaced) == (0, 1, 1)

    def test_takes_totals_that_were_added_up_in_another_order_for_the_same(self, ledger: Ledger) -> None:
        items = [item(minute, cost=0.1) for minute in range(3)]
        ledger.apply(batch(document("ada", *items, total_cost=0.3), document("bob", *items, total_cost=0.30000000001)))
        found = ask(trust, ledger)
        assert (found.coverage, found.exceeding) == (1, 0)

    def test_counts_what_does_not_say_its_cost(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(0, cost=None)), document("bob", Item(None, cost=None), total_cost=1.0)))
        found = ask(trust, ledger)
        assert (found.uncosted, found.untotalled, found.unplaced_cost) == (2, 1, Sum(0, lacking=1))
        assert (found.coverage, found.exceeding) == (0, 0)

    def test_names_the_worst_of_many(self, ledger: Ledger) -> None:
        costs = {"a": 2, "b": 5, "c": 3, "d": 4}
        ledger.apply(batch(*(document(user, item(0, cost=cost), total_cost=1.0) for user, cost in costs.items())))
        found = ask(trust, ledger)
        assert (found.exceeding, found.exceeding_users) == (4, ("b", "d", "c"))

    def test_counts_documents_with_findings_once(self, ledger: Ledger) -> None:
        odd = (("a", "p", "x", 2), ("b", "p", "x", 3))
        ledger.apply(batch(document("ada", findings=odd), document("bob", findings=odd[:1]), document("cyd")))
        assert ask(trust, ledger).flawed_documents == 2
        assert ask(findings, ledger).total == 7


class TestUsers:
    def test_counters_that_are_not_said_are_at_least_what_the_entries_add_up_to(self, ledger: Ledger) -> None:
        ledger.apply(
            batch(
                document("ada", item(0, cost=2), total_calls=9),
                document("bob", total_cost=3.0, total_calls=3),
                document("cyd", item(0, cost=None)),
            )
        )
        page = ask(users_page, ledger, MONTH, UserQuery())
        assert [(row.user_id, row.cost, row.share, row.cost_per_call) for row in page.rows] == [
            ("bob", Sum(3), 0.6, 1),
            ("ada", Sum(2, lacking=1), None, None),
            ("cyd", Sum(0, lacking=1), None, None),
        ]
        assert (page.shares_at_most, page.top_share) == (True, 0.6)
        by_range = ask(users_page, ledger, MONTH, UserQuery(UserSort.RANGE_COST))
        assert [(row.user_id, row.range_cost) for row in by_range.rows] == [
            ("ada", Sum(2)),
            ("bob", Sum(0)),
            ("cyd", Sum(0, lacking=1)),
        ]

    def test_were_last_active_with_their_newest_entry_that_is_not_in_the_future(self, ledger: Ledger) -> None:
        spoke_later = {"last_updated": NOON + timedelta(hours=3)}
        ledger.apply(
            batch(
                document("a", item(-DAY), item(-60), **spoke_later),
                document("b", item(-60), item(5), **spoke_later),
                document("c", item(5), Item(None), last_updated=NOON - timedelta(days=2)),
                document("d", total_calls=4, last_updated=NOON - timedelta(days=3)),
                document("e", total_calls=0, **spoke_later),
                document("f", total_calls=4),
            )
        )
        rows = ask(users_page, ledger, MONTH, UserQuery(UserSort.USER, descending=False)).rows
        hour_ago = NOON - timedelta(hours=1)
        days_ago = [NOON - timedelta(days=days) for days in (2, 3)]
        assert [row.last_active for row in rows] == [hour_ago, hour_ago, *days_ago, None, None]


class TestTimeline:
    def test_has_a_zero_for_a_day_without_usage(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(-2 * DAY, cost=1), item(0, cost=2))))
        chart = ask(timeline, ledger, ALL)
        assert chart.bucket == "day"
        assert chart.days == (date(2026, 6, 13), date(2026, 6, 14), date(2026, 6, 15))
        assert (chart.cost, chart.calls) == ((Sum(1), Sum(0), Sum(2)), (Sum(1), Sum(0), Sum(1)))

    def test_of_a_single_day_has_one_bucket(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(0, cost=2))))
        assert ask(timeline, ledger, ALL).cost == (Sum(2),)

    def test_shows_long_ranges_by_month(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(-800 * DAY, cost=1), item(-15 * DAY, cost=2), item(0, cost=4))))
        chart = ask(timeline, ledger, ALL)
        assert (chart.bucket, len(chart.days)) == ("month", 27)
        assert (chart.days[0], chart.cost[0], chart.cost[-2:]) == (date(2024, 4, 1), Sum(1), (Sum(2), Sum(4)))

    def test_shows_ranges_of_over_a_quarter_by_week(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(-300 * DAY, cost=1), item(-8 * DAY, cost=2), item(0, cost=4))))
        chart = ask(timeline, ledger, ALL)
        assert (chart.bucket, len(chart.days)) == ("week", 44)
        assert (chart.days[0].weekday(), chart.cost[0], total(chart.cost)) == (0, Sum(1), Sum(7))
        assert ask(timeline, ledger, replace(ALL, by=By.DAY)).bucket == "day"

    def test_is_not_stretched_by_wrong_clocks(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(-9_000 * DAY), item(-DAY, cost=1), item(0, cost=2), item(3 * DAY))))
        assert ask(timeline, ledger, ALL).cost == (Sum(1), Sum(2))
        assert ask(trust, ledger).misdated == 2

    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize("change", CHANGES)
    def test_puts_every_quarter_of_an_hour_around_a_change_of_clocks_on_its_day(
        self, ledgers: dict[str, Ledger], zone: str, change: datetime
    ) -> None:
        times = [change + timedelta(minutes=minutes) for minutes in range(-3 * DAY, 3 * DAY, 15)]
        ledger = filled(ledgers[zone], [document("ada", *map(Item, times))])
        days = [time.astimezone(ZoneInfo(zone)).date() for time in times]
        chart = ask(timeline, ledger, ALL, now=change + timedelta(days=4))
        assert chart.calls == tuple(Sum(days.count(day)) for day in chart.days)
        assert total(chart.calls) == Sum(len(times))

    def test_counts_who_was_there_before_what_is_known_as_returning(self, ledger: Ledger) -> None:
        ledger.apply(
            batch(
                document("new", item(-2 * DAY), item(0), created_at=NOON - timedelta(days=3)),
                document("old", item(-2 * DAY), item(0), created_at=NOON - timedelta(days=3, minutes=1)),
                document("undated", item(-20 * DAY), item(-2 * DAY), item(5 * DAY)),
                document("unplaced", Item(None), item(0)),
            )
        )
        chart = ask(timeline, ledger, Filters(RangeName.WEEK))
        assert (chart.active, chart.new) == ((0, 0, 0, 0, 3, 0, 3), (0, 0, 0, 0, 1, 0, 1))

    def test_counts_users_as_new_with_the_first_of_all_models_once(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(-5 * DAY, model="a"), item(-3 * DAY, model="b"), item(0, model="b"))))
        for models, new in (((), (0, 1, 0, 0, 0, 0, 0)), (("a",), (0, 1, 0, 0, 0, 0, 0)), (("b",), (0,) * 7)):
            assert ask(timeline, ledger, Filters(RangeName.WEEK, Choice(models=models))).new == new

    @pytest.mark.parametrize(
        ("range_", "by", "cut"),
        [
            (RangeName.WEEK, None, (False, True)),
            (RangeName.LAST_MONTH, None, (False, False)),
            (RangeName.LAST_MONTH, By.MONTH, (False, False)),
            (RangeName.LAST_MONTH, By.WEEK, (True, False)),  # May 2026 begins on a Friday and ends on a Sunday
            (RangeName.MONTH_TO_DATE, By.WEEK, (False, True)),
            (RangeName.MONTH_TO_DATE, By.MONTH, (False, True)),
            (Days(date(2026, 6, 1), date(2026, 6, 14)), By.WEEK, (False, False)),
            (Days(date(2026, 6, 2), date(2026, 6, 13)), By.WEEK, (True, True)),
            (Days(date(2026, 5, 2), date(2026, 5, 30)), By.MONTH, (True, True)),
        ],
    )
    def test_says_which_buckets_are_not_whole(
        self, ledger: Ledger, range_: RangeName | Days, by: By | None, cut: tuple[bool, bool]
    ) -> None:
        chart = ask(timeline, ledger, Filters(range_, by=by))
        assert (chart.cut_first, chart.cut_last) == cut

    def test_by_month_is_cut_last_until_the_month_has_ended(self, ledger: Ledger) -> None:
        filters = Filters(RangeName.MONTH_TO_DATE, by=By.MONTH)
        assert ask(timeline, ledger, filters, now=datetime(2026, 6, 30, 23, 59, tzinfo=UTC)).cut_last


class TestModelSplit:
    def test_keeps_the_slots_of_models_in_every_range(self, ledger: Ledger) -> None:
        old, new = item(-50 * DAY, model="old", cost=9), item(0, model="new", cost=1, calls=3, total_tokens=None)
        ledger.apply(batch(document("ada", old, new)))
        assert ask(model_split, ledger, MONTH) == (ModelUsage("new", 1, Sum(1), Sum(3), Sum(0, lacking=1)),)
        assert [each.slot for each in ask(model_split, ledger, ALL)] == [0, 1]

    def test_of_all_models_tells_also_what_is_left_out(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(0, model="a", cost=1), item(0, model="b", cost=2))))
        filters = Filters(RangeName.MONTH, Choice(models=("a",)))
        assert [each.model for each in ask(model_split, ledger, filters)] == ["a"]
        assert [(each.model, each.chosen) for each in ask(all_models, ledger, filters)] == [("b", False), ("a", True)]

    def test_of_families_tells_the_names_as_written(self) -> None:
        ledger = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"), naming=family)
        mini, old, new = (
            item(0, model="o4-mini"),
            item(1, model="openai/GPT-4o", cost=1),
            item(2, model="gpt-4o", cost=2),
        )
        ledger.apply(
            batch(document("ada", mini, old, new), document("bob", item(3, model="gpt-4o-2024-08-06", cost=4)))
        )
        variants = ("openai/GPT-4o", "gpt-4o", "gpt-4o-2024-08-06")
        assert ask(model_split, ledger, Filters(choice=Choice(models=("gpt-4o",)))) == (
            ModelUsage("gpt-4o", 1, Sum(7), Sum(3), Sum(45), variants),
        )
        found = ask(model_split, ledger, MONTH, scope=Scope(frozenset({"bob"})))
        assert [(each.model, each.slot, each.variants) for each in found] == [("gpt-4o", 1, variants[2:])]
        ledger.close()


class TestUserDetail:
    def test_tells_the_whole_story(self, ledger: Ledger) -> None:
        mini = item(-3 * DAY, model="mini", cost=1, input_tokens=None, output_tokens=None)
        large, undated = item(0, model="large", cost=2, calls=3), Item(None, model="mini", cost=0.5)
        created = NOON - timedelta(days=9)
        totals = {"total_cost": 14.0, "total_calls": 8, "total_tokens": 20, "created_at": created}
        ledger.apply(batch(document("ada", undated, mini, large, **totals), document("bob", item(1))))
        assert ask(user_detail, ledger, "ada", 0) == UserDetail(
            user_id="ada",
            first_seen=created,
            top_model="large",
            top_model_share=2 / 3.5,
            tokens_per_call=2.5,
            entries_total=3,
            unplaced=1,
            uncosted=0,
            coverage=3 / 14,
            entries=(
                EntryRow(NOON, "large", 1, 10, 5, 2, 3, 15),
                EntryRow(NOON - timedelta(days=3), "mini", 0, None, None, 1, 1, 15),
                EntryRow(None, "mini", 0, 10, 5, 0.5, 1, 15),
            ),
            page=0,
            page_size=20,
        )

    def test_of_a_document_that_says_nothing_is_empty(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada")))
        assert ask(user_detail, ledger, "ada", 3) == UserDetail("ada", None, None, None, None, 0, 0, 0, None, (), 0, 20)

    def test_was_first_seen_with_the_oldest_entry_when_that_is_older(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(-DAY), item(0), created_at=NOON)))
        detail = ask(user_detail, ledger, "ada", 0)
        assert detail is not None
        assert detail.first_seen == NOON - timedelta(days=1)

    def test_without_known_costs_has_a_top_model_without_a_share(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(0, cost=None, model="a"), item(1, cost=None, model="b", calls=2))))
        detail = ask(user_detail, ledger, "ada", 0)
        assert detail is not None
        assert (detail.top_model, detail.top_model_share) == ("b", None)

    def test_pages_newest_first_with_history(self, ledger: Ledger) -> None:
        items = [item(minute) for minute in range(7)]
        ledger.apply(batch(document("ada", *items[:4])))
        ledger.apply(batch(document("ada", *items[2:])))
        pages = [ask(user_detail, ledger, "ada", page, 3) for page in (0, 1, 2, 99, -1)]
        times = [[each.at for each in detail.entries] for detail in pages if detail]
        newest_first = [each.at for each in reversed(items)]
        assert times == [newest_first[:3], newest_first[3:6], newest_first[6:], newest_first[6:], newest_first[:3]]
        assert [detail.page for detail in pages if detail] == [0, 1, 2, 2, 0]

    def test_orders_entries_of_one_moment_by_their_array(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", *(Item(NOON, calls=calls) for calls in (3, 1, 2)))))
        detail = ask(user_detail, ledger, "ada", 0)
        assert detail is not None
        assert [each.calls for each in detail.entries] == [2, 1, 3]


class TestFindings:
    def test_come_with_the_most_frequent_first_and_are_limited(self, ledger: Ledger) -> None:
        once, often = ("totalCalls", "negative", "left blank", 1), ("recentUsage[0]", "not a map", "item skipped", 9)
        ledger.apply(batch(document("bob", findings=(once, often)), document("ada", findings=(once,))))
        rows = (FindingRow("bob", *often), FindingRow("ada", *once), FindingRow("bob", *once))
        assert ask(findings, ledger) == Findings(rows, 11)
        assert ask(findings, ledger, 2) == Findings(rows[:2], 11)


def test_answers_of_a_moment_fit_together(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(0, cost=1), total_cost=1)))
    with moment(ledger) as seen:
        before = overview(seen, MONTH)
        ledger.apply(batch(document("ada", item(0, cost=1), item(1, cost=2), total_cost=3)))
        assert total(timeline(seen, MONTH).cost) == before.cost.in_range == Sum(1)
        assert users_page(seen, MONTH, UserQuery()).rows[0].cost == Sum(1)
    assert ask(overview, ledger, MONTH).cost.in_range == Sum(3)
