"""Whether budgets and allowances hold: to act on what is used up, and to look at what the forecast passes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from usage_dash.checks.budgets import allowances_hold, budgets_hold
from usage_dash.checks.check import Check, State
from usage_dash.money.budgets import Kind, Standing, standing
from usage_dash.reporting.allowances import Near, UserSpent
from usage_dash.reporting.sums import Sum

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def stands(limit: float, name: str = "", *, kind: Kind | None = None, days: int = 70, lacking: int = 0) -> Standing:
    """How a budget stands after so many days of a hundred dollars each."""
    history = {TODAY - number * DAY: Sum(100.0) for number in range(days)} | {TODAY: Sum(100.0, lacking)}
    return standing(kind or (Kind.TEAM if name else Kind.MONTH), name, limit, history, TODAY)


def says(*standings: Standing) -> Check:
    found = budgets_hold(standings)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("found", "state", "title", "figure"),
    [
        (stands(1_950), State.ACT, "November budget: used up today, $50.00 over", "103% spent"),
        (stands(1_500, "Support"), State.ACT, "Support, November budget: used up on 15 Nov, $500 over", "133% spent"),
        (stands(2_500), State.LOOK, "November budget: used up about 25 Nov", "120% forecast"),
        (stands(5_000), State.GOOD, "November budget: lasts the month", "60% forecast"),
        (stands(5_000, days=13), State.UNKNOWN, "November budget: no forecast yet", "26% spent"),
        (stands(5_000, lacking=1), State.UNKNOWN, "November budget: not known whether it lasts", "60% forecast"),
    ],
)
def test_a_budget_is_to_act_on_once_used_up_and_to_look_at_once_the_forecast_passes_it(
    found: Standing, state: State, title: str, figure: str
) -> None:
    said = says(found)
    assert (said.state, said.title, f"{said.figure} {said.unit}") == (state, title, figure)
    assert bool(said.why and said.todo) == (state is not State.UNKNOWN)


def test_of_several_budgets_the_worst_is_told_and_all_are_listed() -> None:
    said = says(stands(5_000), stands(2_500, "Sales"), stands(2_600, "A`b"))
    assert (said.state, said.title) == (State.LOOK, "2 budgets will be used up this month")
    assert said.detail.startswith("Sales: $2,000 of $2,500 spent; $3,000 by 30 Nov")
    assert said.dollars == pytest.approx(900.0)
    assert said.facts == (
        ("Sales", "$2,000 of $2,500 spent; used up about 25 Nov"),
        ("A’b", "$2,000 of $2,600 spent; used up about 26 Nov"),
        ("Everybody", "$2,000 of $5,000 spent; lasts the month"),
    )
    assert says(stands(5_000), stands(100, "Sales")).title.startswith("Sales, November budget: used up on 1 Nov")


def test_without_budgets_nothing_is_checked() -> None:
    assert budgets_hold([]) is None
    assert budgets_hold([stands(5, "ada", kind=Kind.USER)]) is None
    assert allowances_hold(None) is None


def spent(user: str, known: float, lacking: int = 0) -> UserSpent:
    return UserSpent(user, Sum(known, lacking), 25.0)


def test_users_over_their_allowance_are_worth_a_look() -> None:
    said = allowances_hold(Near((spent("ada", 60.0), spent("bob", 25.0, 1), spent("cy", 24.0)), 3, 2))
    assert said is not None
    assert (said.state, said.title) == (State.LOOK, "2 users have used up their allowance")
    assert said.detail == "1 other user spent 80% of theirs or more"
    assert [(each.user_id, each.how) for each in said.users] == [
        ("ada", "$60.00 of $25.00"),
        ("bob", "at least $25.00 of $25.00"),
    ]
    assert (said.figure, said.dollars, said.others) == ("2", 35.0, 0)


def test_of_many_users_over_their_allowance_some_are_named() -> None:
    said = allowances_hold(Near(tuple(spent(f"u{number}", 60.0) for number in range(100)), 130, 120))
    assert said is not None
    assert (len(said.users), said.others, said.concerned) == (5, 115, 120)


def test_all_is_well_where_nobody_is_over() -> None:
    for found, detail in (
        (Near(), "Nobody is known to have spent 80% of theirs"),
        (Near((spent("ada", 21.0),), 1), "1 user spent 80% of theirs or more"),
    ):
        said = allowances_hold(found)
        assert said is not None
        assert (said.state, said.title, said.detail, said.users) == (
            State.GOOD,
            "Everybody is within their allowance",
            detail,
            (),
        )


def test_whoever_lacks_costs_may_be_over() -> None:
    said = allowances_hold(Near((spent("ada", 21.0, 2),), 1, lacking=1))
    assert said is not None
    assert (said.state, said.title) == (State.UNKNOWN, "It is not known whether everybody is within their allowance")
    assert said.detail == "1 user spent 80% of theirs or more; costs of 1 user are unknown"
    over = allowances_hold(Near((spent("ada", 30.0),), 1, 1, lacking=2))
    assert over is not None
    assert (over.state, over.detail) == (
        State.LOOK,
        "Nobody else is known to have spent 80% of theirs; costs of 2 users are unknown",
    )
