"""The check that names whom alerts did not reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from usage_dash.alerts.standing import Standing, Waiting
from usage_dash.alerts.undelivered import missed, undelivered
from usage_dash.checks.check import Check, State

NOW = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
LATE = Waiting(
    "budget",
    "mailto ops@acme.example",
    NOW - timedelta(hours=5),
    3,
    "The mail server refused the login.",
    NOW + timedelta(minutes=12),
)
GIVEN_UP = replace(LATE, address="slack #costs", tries=28, problem="No answer within 20 s.", due=None)


def standing(*waiting: Waiting, given_up: tuple[Waiting, ...] = ()) -> Standing:
    return Standing(("slack #costs", "mailto ops@acme.example"), 300.0, NOW, (), waiting, given_up)


def says(found: Standing) -> Check:
    check = undelivered(found, NOW, ZONE)
    assert check is not None
    return check


def test_what_was_delivered_or_is_on_its_way_needs_nobody() -> None:
    assert undelivered(standing(), NOW, ZONE) is None
    assert undelivered(standing(replace(LATE, tries=0, problem=None, due=NOW)), NOW, ZONE) is None


def test_an_alert_that_was_tried_in_vain_is_named_with_its_cause() -> None:
    check = says(standing(LATE))
    assert (check.state, check.title) == (State.ACT, "The alert to mailto ops@acme.example was not delivered")
    assert check.detail == "Tried 3 times since 25 Nov, 09:02; next try 25 Nov, 14:14"
    assert (check.figure, check.unit) == ("1", "waiting")
    assert check.why == "The mail server refused the login."
    assert check.todo.startswith("If it does not come right by itself, correct the address")
    assert "usage-dash alerts test" in check.todo
    assert check.table is None


def test_several_are_listed_each_cause_told_once() -> None:
    check = says(standing(LATE, replace(LATE, written=NOW, tries=1), given_up=(GIVEN_UP,)))
    assert check.title == "3 alerts to 2 addresses were not delivered"
    assert (
        check.why == "mailto ops@acme.example: The mail server refused the login. slack #costs: No answer within 20 s."
    )
    assert check.table is not None
    assert [row[0] for row in check.table.rows] == [LATE.address, LATE.address, GIVEN_UP.address]
    assert [row[2] for row in check.table.rows] == ["25 Nov, 14:14", "25 Nov, 14:14", "given up"]


def test_what_was_given_up_is_told_for_a_week() -> None:
    check = says(standing(given_up=(GIVEN_UP,)))
    assert check.detail == "Tried 28 times since 25 Nov, 09:02; not tried again"
    assert check.unit == "given up"
    assert check.todo.startswith("Correct the address")
    old = replace(GIVEN_UP, written=NOW - timedelta(days=7))
    assert undelivered(standing(given_up=(old,)), NOW, ZONE) is None
    assert missed(standing(LATE, given_up=(old,)), NOW) == (LATE,)
