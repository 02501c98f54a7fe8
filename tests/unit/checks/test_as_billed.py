"""The check of recorded against billed: when to act, why, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from usage_dash.checks.billed import as_billed
from usage_dash.checks.check import Check, State
from usage_dash.reporting import gap
from usage_dash.reporting.billed import Billed, BilledDay
from usage_dash.reporting.gap import Part
from usage_dash.reporting.sums import Sum

NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
FOUND = Billed(
    days=(BilledDay(date(2026, 11, 22), 100.0, Sum(93.0), provisional=False),),
    first=date(2026, 10, 24),
    last=date(2026, 11, 22),
    recorded=Sum(93.0),
    billed=100.0,
    share=0.93,
    parts=(Part(gap.LOST, "9 calls more than recorded, most of gpt-5", 9.0), Part(gap.CACHED, "full price", -2.0)),
    asked=NOW - timedelta(minutes=24),
    problem=None,
)


def share(recorded: float, **changed: object) -> Billed:
    left = 100.0 - recorded
    parts = (Part(gap.UNEXPLAINED, "other prices", left),) if left else ()
    return replace(FOUND, recorded=Sum(recorded), share=recorded / 100, parts=parts, **changed)  # type: ignore[arg-type]


def checked(found: Billed | None) -> Check:
    check = as_billed(found, NOW)
    assert check is not None
    return check


@pytest.mark.parametrize(
    ("recorded", "state"),
    [
        (0.0, State.ACT),
        (89.9, State.ACT),
        (90.0, State.LOOK),
        (96.9, State.LOOK),
        (97.0, State.GOOD),
        (100.0, State.GOOD),
        (103.0, State.GOOD),
        (103.1, State.ACT),
    ],
)
def test_how_much_is_recorded_decides(recorded: float, state: State) -> None:
    assert checked(share(recorded)).state is state


def test_it_says_how_much_of_what_and_when_and_what_to_do_about_the_largest_part() -> None:
    found = checked(FOUND)
    assert found.title == "Recorded is less than OpenAI billed"
    assert found.detail == "$93.00 recorded, $100.00 billed, 24 Oct – 22 Nov 2026 in UTC days"
    assert (found.figure, found.unit, found.dollars) == ("93%", "of what was billed", 7.0)
    assert found.why == "The largest part: Calls never recorded, $9.00 – 9 calls more than recorded, most of gpt-5."
    assert "as the corrected writer does" in found.todo, "which runs in browsers"
    assert found.facts == (("Calls never recorded", "$9.00"), ("Cached input", "−$2.00"))


def test_more_than_billed_is_explained_by_what_is_too_much() -> None:
    parts = (Part(gap.LOST, "x", 3.0), Part(gap.EXCESS, "of another key: gpt-5", -23.0))
    found = checked(replace(share(120.0), parts=parts))
    assert found.title == "Recorded is more than OpenAI billed"
    assert "Recorded, not billed here, −$23.00" in found.why
    assert "OPENAI_PROJECT_IDS" in found.todo


def test_other_callers_are_not_held_against_the_writer() -> None:
    found = checked(share(80.0, others=19.0))
    assert (found.state, found.figure, found.unit) == (State.GOOD, "99%", "of what the chatbot was billed")
    assert checked(share(0.0, others=100.0)).state is State.GOOD


def test_more_than_the_chatbot_itself_was_billed_is_too_much_whatever_others_were_billed() -> None:
    parts = (Part(gap.CALLERS, "1 API key", 40.0), Part(gap.EXCESS, "of another key: gpt-5", -10.0))
    found = checked(replace(share(70.0, others=40.0), parts=parts))
    assert (found.state, found.title) == (State.ACT, "Recorded is more than OpenAI billed the chatbot")
    assert (found.figure, found.unit, found.dollars) == ("117%", "of what the chatbot was billed", 10.0)
    assert "Recorded, not billed here, −$10.00" in found.why


@pytest.mark.parametrize("differing", [{"others": 100.0}, {"billed": 0.0, "share": None}, {"billed": -5.0}])
def test_a_bill_on_which_the_chatbot_is_not_agrees_with_nothing(differing: dict[str, Any]) -> None:
    found = checked(replace(share(80.0), **differing))
    assert (found.state, found.title) == (State.ACT, "OpenAI billed the chatbot nothing of what is recorded")
    assert (found.figure, found.unit, found.dollars) == ("$80.00", "recorded, not billed", 80.0)
    assert "on another bill" in found.why
    assert "OPENAI_PROJECT_IDS" in found.todo


def test_what_may_be_recorded_without_a_day_is_no_reason_to_act() -> None:
    found = checked(share(50.0, undated=45.0))
    assert found.state is State.LOOK
    assert "Up to $45.00 may have been used on these days" in found.why


def test_costs_that_are_not_known_are_said_and_no_reason_to_act() -> None:
    found = checked(replace(share(50.0), recorded=Sum(50.0, lacking=3)))
    assert (found.state, found.figure) == (State.LOOK, "≥ 50%")
    assert found.detail.startswith("at least $50.00 recorded")


def test_the_least_of_a_small_share_is_told_with_decimals() -> None:
    assert checked(replace(share(0.3), recorded=Sum(0.3, lacking=3))).figure == "≥ 0.30%"


def test_costs_of_which_none_is_known_are_not_nothing() -> None:
    found = checked(replace(share(0.0), recorded=Sum(0.0, lacking=3)))
    assert (found.state, found.figure) == (State.LOOK, "–")
    assert found.title == "What is recorded says no cost to compare with what OpenAI billed"


def test_the_whole_organisation_is_said_to_be_that() -> None:
    assert "The bill is the whole organisation’s" in checked(replace(FOUND, whole=True)).why


def test_days_that_are_not_known_are_said() -> None:
    days = (*FOUND.days, BilledDay(date(2026, 11, 21), None, Sum(5.0), provisional=False))
    assert checked(replace(FOUND, days=days)).detail.endswith("in UTC days, 1 day not known")


def test_never_asked_is_not_told_and_no_whole_day_is_not_known_yet() -> None:
    assert as_billed(None, NOW) is None
    assert checked(replace(FOUND, share=None, parts=())).state is State.UNKNOWN


def test_a_failure_is_told_once_it_lasts_a_day_or_nothing_came_before() -> None:
    failing = replace(FOUND, problem="OpenAI has failed (500).")
    assert checked(failing).title == "Recorded is less than OpenAI billed"
    assert checked(replace(failing, asked=NOW - timedelta(days=1))).title == "Recorded is less than OpenAI billed"
    stale = checked(replace(failing, asked=NOW - timedelta(days=1, seconds=1)))
    assert (stale.state, stale.title, stale.why) == (State.LOOK, "OpenAI’s bill can’t be read", failing.problem)
    assert stale.figure == "93%"
    never = checked(replace(failing, asked=None, share=None, parts=()))
    assert (never.state, never.figure) == (State.LOOK, "–")


def test_a_gap_too_small_to_be_written_is_no_trouble() -> None:
    tiny = replace(FOUND, billed=0.00001, recorded=Sum(0.0), share=0.0, parts=())
    assert "less than is written" in checked(tiny).why
