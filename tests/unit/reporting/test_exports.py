"""Files to take along: each adds up to what the page shows, and says the same in each form."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from math import fsum
from typing import Any

import openpyxl
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from tests.unit.worlds import PROPERTY, World, filled, worlds

from usage_dash.documents.people import PEOPLE
from usage_dash.exports.files import Form, stream, workbook
from usage_dash.exports.plain import plain
from usage_dash.ledger.choice import Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.reporting import exports
from usage_dash.reporting.counts import counts
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.exports import ON_THE_PAGE, What, not_listed, row_count, rows_of
from usage_dash.reporting.filters import By, Days, Filters, RangeName, UserQuery
from usage_dash.reporting.queries import model_split, overview, timeline
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.users import users_page

MODELS = ("gpt-5", "gpt-5-mini", "unknown")
TEAMS = ("", "Support", "=Sales", "-1; @x")
COST, CALLS, TOKENS = {What.FOCUS: "EffectiveCost"}, {What.FOCUS: "x_Calls"}, {What.FOCUS: "ConsumedQuantity"}

ranges = st.sampled_from(RangeName) | st.builds(
    lambda first, length: Days(first, first + timedelta(days=length)),
    st.dates(date(2025, 6, 1), date(2027, 1, 3)),
    st.integers(0, 40),
)
choices = st.builds(
    Choice,
    models=st.lists(st.sampled_from(MODELS), max_size=2, unique=True).map(lambda found: tuple(sorted(found))),
    team=st.none() | st.sampled_from(TEAMS),
)


@contextmanager
def _moment(ledgers: dict[str, Ledger], world: World, filters: Filters) -> Iterator[Moment]:
    """The world, its users in one team after another."""
    zone, now, documents, growth = world
    ledger = filled(ledgers[zone], documents, growth=growth)
    people = [
        {"user_id": each.user_id, "name": f"@{number}", "email": "", "team": TEAMS[number % len(TEAMS)]}
        for number, each in enumerate(documents)
    ]
    ledger.take_people(pa.Table.from_pylist(people, PEOPLE))
    with ledger.snapshot(EVERYBODY, filters.choice) as seen:
        yield Moment(seen.version, EVERYBODY, len(documents), now, ledger.zone, seen.sql, filters.choice)


def _table(moment: Moment, filters: Filters, what: What) -> Any:
    rows = rows_of(moment, filters, what)
    return pa.Table.from_batches(rows.batches, rows.schema)


def _sum(rows: list[dict[str, Any]], column: str) -> float:
    return fsum(row[column] for row in rows if row[column] is not None)


@settings(PROPERTY, max_examples=20)
@given(world=worlds(), filters=st.builds(Filters, ranges, choices, by=st.none() | st.sampled_from(By)))
def test_each_adds_up_to_what_the_cards_show(ledgers: dict[str, Ledger], world: World, filters: Filters) -> None:
    with _moment(ledgers, world, filters) as moment:
        cards = overview(moment, filters)
        told = {what: _table(moment, filters, what).to_pylist() for what in What}
        # What no entry tells is somebody's that is not itemised, or of users who are gone.
        rest = [row for row in told[What.FOCUS] if row["x_User"] is None or row["x_Model"] == "Not itemised"]
        entries = told.pop(What.ENTRIES)
        assert _sum(entries, "cost_usd") + _sum(rest, "EffectiveCost") == cards.cost.in_range.known
        assert _sum(entries, "calls") + _sum(rest, "x_Calls") == cards.calls.in_range.known
        assert row_count(moment, filters, What.ENTRIES) == len(entries) == counts(moment, filters).entries
        for what, rows in told.items():
            assert _sum(rows, COST.get(what, "cost_usd")) == cards.cost.in_range.known, what
            assert _sum(rows, CALLS.get(what, "calls")) == cards.calls.in_range.known, what
            assert _sum(rows, TOKENS.get(what, "tokens")) == cards.tokens.in_range.known, what
            assert row_count(moment, filters, what) == len(rows)
        users = told[What.USERS]
        for column, figure in (("cost_usd", cards.cost), ("calls", cards.calls), ("tokens", cards.tokens)):
            assert _sum(users, f"total_{column}") == figure.total.known
        known = counts(moment, filters)
        assert len(told.pop(What.USERS)) == known.users + known.gone
        assert [len(told[what]) for what in ON_THE_PAGE if what in told] == [known.days, known.models, known.teams]


@settings(PROPERTY, max_examples=20)
@given(world=worlds(), filters=st.builds(Filters, ranges, choices, by=st.none() | st.sampled_from(By)))
def test_what_is_unknown_is_so_in_each_row(ledgers: dict[str, Ledger], world: World, filters: Filters) -> None:
    with _moment(ledgers, world, filters) as moment:
        cards, split, chart = overview(moment, filters), model_split(moment, filters), timeline(moment, filters)
        page = users_page(moment, filters, UserQuery(page_size=10))
        parts = not_listed(moment, filters)
        models, days, users = (
            _table(moment, filters, what).to_pylist() for what in (What.MODELS, What.DAYS, What.USERS)
        )
    assert [(row["model"], row["cost_usd"], _lacks(row, "cost_usd")) for row in models] == [
        (each.model, each.cost.least, each.cost.lacking > 0) for each in split
    ]
    assert [(row["cost_usd"], row["calls"], row["active_users"]) for row in days] == [
        (cost.least, calls.least, users)
        for cost, calls, users in zip(chart.cost, chart.calls, chart.active, strict=True)
    ]
    assert [row["first_day"] for row in days[1:]] == list(chart.days[1:])
    assert [row["last_day"] for row in days[:-1]] == [day - timedelta(days=1) for day in chart.days[1:]]
    assert (days[0]["first_day"], days[-1]["last_day"]) == (cards.range.first, cards.range.last)
    assert parts.not_itemised == total(each.cost for each in split if not each.itemised and each.chosen)
    assert parts.gone == (page.gone.range_cost if page.gone else Sum())
    gone = [users.pop()] if page.gone else []
    assert [(row["name"], row["total_cost_usd"], row["cost_usd"], _lacks(row, "cost_usd")) for row in gone] == [
        ("Users who are gone", left.cost.least, left.range_cost.least, left.range_cost.lacking > 0)
        for left in [page.gone]
        if left
    ]
    assert {row["user_id"]: (row["total_cost_usd"], row["cost_usd"], row["name"], row["team"]) for row in users} == {
        each.user_id: (each.cost.least, each.range_cost.least, each.name or None, each.team or None)
        for each in page.rows
    }
    assert {row["user_id"] for row in users if _lacks(row, "total_cost_usd")} == {
        each.user_id for each in page.rows if each.cost.lacking
    }


def _lacks(row: dict[str, Any], column: str) -> bool:
    return column in (row["at_least"] or "").split()


@settings(PROPERTY, max_examples=20)
@given(world=worlds(), filters=st.builds(Filters, ranges, choices), what=st.sampled_from(What))
def test_csv_json_and_excel_say_the_same_in_each_cell(
    ledgers: dict[str, Ledger], world: World, filters: Filters, what: What
) -> None:
    with _moment(ledgers, world, filters) as moment:
        table = _table(moment, filters, what)
        rows = [list(row.values()) for row in table.to_pylist()]
        as_text = [list(row.values()) for batch in table.to_batches() for row in plain(batch).to_pylist()]
        told = orjson.loads(b"".join(stream(moment, filters, what, Form.JSON, moment.now)))
        lines = b"".join(stream(moment, filters, what, Form.CSV, moment.now)).decode("utf-8-sig")
        with workbook(moment, filters, what.value, moment.now) as file:
            sheet = openpyxl.load_workbook(file)[what.value.capitalize()]
            cells = [list(row) for row in sheet.iter_rows(values_only=True, max_col=len(table.column_names))]
    in_csv = list(csv.reader(io.StringIO(lines, newline=""), strict=True))
    assert in_csv[0] == cells[0] == table.column_names
    assert [list(row.values()) for row in told["rows"]] == [[_in_json(value) for value in row] for row in as_text]
    assert [[cell.replace("'", "") for cell in row] for row in in_csv[1:]] == [
        [_in_csv(value) for value in row] for row in as_text
    ]
    assert [[_from_excel(cell) for cell in row] for row in cells[1:]] == [
        [_in_excel(value) for value in row] for row in rows
    ]


def _in_json(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _in_csv(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.17g}" if value % 1 else f"{value:.0f}"
    return "" if value is None else str(value).replace("'", "")


def _in_excel(value: object) -> object:
    return datetime(value.year, value.month, value.day) if type(value) is date else value  # noqa: DTZ001 - as Excel has it


def _from_excel(cell: object) -> object:
    return unescape(cell) if isinstance(cell, str) else cell


@settings(PROPERTY, max_examples=10)
@given(world=worlds(), filters=st.builds(Filters, ranges))
def test_slices_of_days_change_nothing(ledgers: dict[str, Ledger], world: World, filters: Filters) -> None:
    with _moment(ledgers, world, filters) as moment, pytest.MonkeyPatch.context() as patched:
        for what in (What.ENTRIES, What.FOCUS):
            patched.setattr(exports, "_SLICE", 50_000)
            whole = _table(moment, filters, what).to_pylist()
            patched.setattr(exports, "_SLICE", 2)
            assert _table(moment, filters, what).to_pylist() == whole


@settings(PROPERTY, max_examples=20)
@given(world=worlds(), filters=st.builds(Filters, ranges))
def test_the_days_of_focus_follow_one_another(ledgers: dict[str, Ledger], world: World, filters: Filters) -> None:
    with _moment(ledgers, world, filters) as moment:
        rows = _table(moment, filters, What.FOCUS).to_pylist()
        entries = _table(moment, filters, What.ENTRIES).to_pylist()
    for row in rows:
        hours = (row["ChargePeriodEnd"] - row["ChargePeriodStart"]) / timedelta(hours=1)
        assert 22 < hours < 26
    periods = {row["x_Day"]: (row["ChargePeriodStart"], row["ChargePeriodEnd"]) for row in rows}
    for entry in entries:
        first, end = periods[entry["day"]]
        if world.growth is None:
            assert first <= entry["at"] < end
        elif entry["at"]:
            assert first <= entry["at"]
