"""Who costs too much is found, once it is so, also of days that have ended since the rule was judged first."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.unit.alerts.judging import Court, Read
from tests.unit.builders import NOON, document, item
from tests.unit.known import Named
from tests.unit.worlds import filled

from usage_dash.alerts.findings import Key
from usage_dash.ledger.ledger import Ledger

DAY = timedelta(days=1)
MINUTES = 24 * 60


def test_who_costs_more_than_the_limit_today_is_found_by_name(ledger: Ledger) -> None:
    filled(
        ledger,
        [document("ada", item(cost=61.2)), document("bot", item(cost=55.1)), document("eve", item(cost=50.0))],
        {"ada": Named("Ada Lovelace", "", "")},
    )
    court = Court(ledger, "user-day=50")
    assert court.lines() == [("2026-06-15", "Ada Lovelace – $61.20"), ("2026-06-15", "bot – $55.10")]
    assert [finding.key for finding in court.judged().findings] == [
        Key("user-day", "2026-06-15", "ada"),
        Key("user-day", "2026-06-15", "bot"),
    ]
    assert (court.state.words, court.state.now) == ("A user costs more than $50 a day", "highest $61.20")


def test_who_costs_as_much_as_the_limit_is_not_found(ledger: Ledger) -> None:
    filled(ledger, [document("eve", item(cost=50.0))])
    assert Court(ledger, "user-day=50").lines() == []
    assert Court(ledger, "user-day=49.99").lines() == [("2026-06-15", "eve – $50.00")]


def test_nobody_who_uses_anything_yet_is_no_unknown(ledger: Ledger) -> None:
    court = Court(ledger, "user-day=50, user-month=200")
    assert [state.now for state in court.judged().states] == ["none yet today", "none yet this month"]
    assert court.judged().unknown == frozenset()


def test_unknown_costs_leave_the_least(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(cost=61.2), item(-1, cost=None))])
    court = Court(ledger, "user-day=50")
    assert court.lines() == [("2026-06-15", "ada – at least $61.20")]
    assert court.state.now == "highest ≥ $61.20"


def test_those_who_are_called_alike_are_told_apart_by_their_ids(ledger: Ledger) -> None:
    people = {"u1": Named("Alex"), "u2": Named("Alex\u200b"), "u3": Named("Sam")}
    filled(ledger, [document(user, item(cost=60.0 + number)) for number, user in enumerate(people)], people)
    lines = [line for _, line in Court(ledger, "user-day=50").lines()]
    assert lines == ["Sam – $62.00", "Alex (u2) – $61.00", "Alex (u1) – $60.00"]


def test_the_first_time_only_what_stands_now_is_found(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *(item(-MINUTES * days, cost=60.0 + days) for days in range(10)))])
    assert Court(ledger, "user-day=50").lines() == [("2026-06-15", "ada – $60.00")]


def test_days_since_the_first_time_are_found_until_a_week_after(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *(item(-MINUTES * days, cost=60.0 + days) for days in range(10)))])
    court = Court(ledger, "user-day=50")
    assert [day for day, _ in court.lines(NOON - DAY)] == ["2026-06-15", "2026-06-14"]
    assert [day for day, _ in court.lines(NOON - 300 * DAY)] == [f"2026-06-{day:02}" for day in range(15, 7, -1)]


def test_who_crosses_just_before_midnight_is_found_after_it(ledger: Ledger) -> None:
    before, after = NOON + timedelta(hours=11, minutes=57), NOON + timedelta(hours=12, minutes=2)
    filled(ledger, [document("ada", item(cost=49.0))])
    court = Court(ledger, "user-day=50", now=before)
    assert court.lines(NOON) == []
    filled(ledger, [document("ada", item(cost=49.0), item(60 * 12 - 1, cost=2.0))])
    court.now = after
    assert court.lines(NOON) == [("2026-06-15", "ada – $51.00")]


@pytest.mark.parametrize(
    ("now", "periods"),
    [
        (datetime(2026, 6, 7, 23, tzinfo=UTC), ["2026-05"]),
        (datetime(2026, 6, 8, 0, tzinfo=UTC), []),
        (datetime(2026, 5, 31, 23, tzinfo=UTC), ["2026-05"]),
    ],
)
def test_a_month_is_found_until_a_week_after(ledger: Ledger, now: datetime, periods: list[str]) -> None:
    filled(ledger, [document("ada", item(at=datetime(2026, 5, 3, tzinfo=UTC), cost=201.0))])
    court = Court(ledger, "user-month=200", now=now)
    assert [period for period, _ in court.lines(now - 30 * DAY)] == periods


def test_a_month_that_had_ended_before_the_first_time_is_not_found(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(at=datetime(2026, 5, 3, tzinfo=UTC), cost=201.0))])
    court = Court(ledger, "user-month=200", now=datetime(2026, 6, 2, tzinfo=UTC))
    assert court.lines() == court.lines(datetime(2026, 6, 1, tzinfo=UTC)) == []
    assert court.lines(datetime(2026, 5, 31, 23, 59, tzinfo=UTC)) == [("2026-05", "ada – $201.00")]


def test_the_first_time_is_of_a_rule_as_it_is_written(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(-MINUTES, cost=60.0))])
    judge = Court(ledger, "user-day=50").judge
    assert judge.judge({"user-day=60": NOON - 9 * DAY}).findings == ()
    assert len(judge.judge({"user-day=50": NOON - 9 * DAY}).findings) == 1


def test_a_clock_that_was_ahead_hides_nothing_of_today(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(cost=60.0))])
    court = Court(ledger, "user-day=50")
    assert court.lines(NOON + 40 * DAY) == [("2026-06-15", "ada – $60.00")]
    court.now = NOON + 3 * DAY
    assert court.lines(NOON) == [("2026-06-15", "ada – $60.00")]
    court.now = NOON
    assert court.lines(NOON) == [("2026-06-15", "ada – $60.00")]


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "2026-10-25"),
        ("Europe/Berlin", datetime(2026, 10, 24, 22, 0, tzinfo=UTC), "2026-10-25"),
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "2026-03-29"),
        ("Pacific/Kiritimati", datetime(2026, 10, 25, 10, 0, tzinfo=UTC), "2026-10-26"),
    ],
)
def test_days_are_those_of_the_zone_also_when_clocks_change(zone: str, at: datetime, day: str) -> None:
    with closing(Ledger("memory:usage", ZoneInfo(zone))) as ledger:
        filled(ledger, [document("ada", item(at=at, cost=60.0))])
        court = Court(ledger, "user-day=50", now=at + timedelta(minutes=30))
        assert [period for period, _ in court.lines(at)] == [day]


def test_before_anything_was_read_nothing_is_judged(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(cost=60.0))])
    judged = Court(ledger, "user-day=50", sync=Read(until=None)).judged()
    assert (judged.findings, judged.unknown, judged.at) == ((), {"user-day"}, None)
    assert judged.states[0].now == "not known yet"


def test_what_a_day_has_cost_is_never_over(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(cost=60.0))])
    court = Court(ledger, "user-day=50")
    (finding,) = court.judged().findings
    filled(ledger, [document("ada", item(cost=1.0))])
    court.ledger = ledger
    assert not court.judged().is_over(finding.key)


def test_names_of_who_may_be_named_are_looked_up_ahead(ledger: Ledger) -> None:
    old = [document("old", item(-MINUTES, cost=60.0))]
    filled(ledger, [document("ada", item(cost=3.0)), document("bob", item(cost=4.0)), *old])
    court = Court(ledger, "user-day=50")
    court.judged()
    assert court.names.users == ["bob", "ada"]
