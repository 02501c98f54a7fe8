"""Unusual days are found with who is behind them, today while it goes on, and none over more than a day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from tests.unit.alerts.judging import Court, Read
from tests.unit.builders import Document, Item, batch, document, item
from tests.unit.known import Named
from tests.unit.worlds import filled, told

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.ledger import Ledger

DAY = timedelta(days=1)
NOW = datetime(2026, 6, 15, 18, tzinfo=UTC)
TODAY = NOW.date()


def on(days_ago: int, cost: float | None = 10.0) -> Item:
    at = datetime.combine(TODAY - days_ago * DAY, time(12), UTC)
    return item(0, at=at, cost=cost, calls=10, total_tokens=1_000)


def usual(*more: Item, days: int = 70) -> Document:
    """Ten dollars on each of so many days before, and more."""
    return document("ada", *(on(number) for number in range(1, days)), *more)


def court(ledger: Ledger, *documents: Document) -> Court:
    filled(ledger, [*documents, document("eve", *(on(number, 5.0) for number in range(1, 70)))])
    ledger.take_people(told({"ada": Named("Ada Lovelace")}))
    return Court(ledger, "unusual", now=NOW, sync=Read(until=NOW))


def test_a_day_that_costs_far_more_is_found_with_who_is_behind_it(ledger: Ledger) -> None:
    found = court(ledger, usual(on(0, 60.0)))
    assert found.lines() == [
        ("2026-06-15", "So far $60.00, usual is $15.00. More than usual: Ada Lovelace +$50.00"),
    ]
    assert (found.state.words, found.state.now) == ("A day is unusual", "today is")


def test_a_day_that_costs_a_little_more_is_not(ledger: Ledger) -> None:
    found = court(ledger, usual(on(0, 22.0)))
    assert found.lines() == []
    assert found.state.now == "none today"


def test_a_day_that_has_ended_is_found_if_the_rule_was_judged_on_it(ledger: Ledger) -> None:
    found = court(ledger, usual(on(2, 60.0), on(1, None)))
    assert found.lines() == found.lines(NOW - DAY) == []
    assert found.lines(NOW - 2 * DAY) == [
        ("2026-06-13", "$75.00, usual is $15.00. More than usual: Ada Lovelace +$60.00"),
    ]


def test_unknown_costs_leave_the_least_that_a_day_cost(ledger: Ledger) -> None:
    ((_, line),) = court(ledger, usual(on(0, 60.0), on(0, None))).lines()
    assert line.startswith("So far at least $60.00, usual is $15.00.")


def test_before_enough_weeks_nothing_is_known(ledger: Ledger) -> None:
    filled(ledger, [usual(on(0, 60.0), days=12), document("eve", on(1))])
    judged = Court(ledger, "unusual", now=NOW, sync=Read(until=NOW)).judged()
    assert (judged.findings, judged.unknown, judged.states[0].now) == ((), {"unusual"}, "known after some weeks")


def test_growth_over_more_than_a_day_is_not_unusual(ledger: Ledger) -> None:
    for interval, expected in ((timedelta(hours=20), 1), (timedelta(hours=25), 0)):
        ledger.apply(batch(), within=EVERYTHING)
        ledger.apply(batch(counted_until(695.0)), EVERYTHING, read_time=NOW - interval)
        ledger.apply(batch(counted_until(795.0)), EVERYTHING, read_time=NOW, since=NOW - interval)
        assert len(Court(ledger, "unusual", now=NOW, sync=Read(until=NOW)).judged().findings) == expected


def counted_until(total_cost: float) -> Document:
    """The usual days of one user, whose counter says so much."""
    return document(
        "ada",
        *(on(number) for number in range(1, 70)),
        total_calls=690,
        total_input_tokens=690,
        total_output_tokens=345,
        total_tokens=69_000,
        total_cost=total_cost,
    )
