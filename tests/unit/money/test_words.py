"""How budgets are told in words; what is unknown is never told as known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from usage_dash.money import words
from usage_dash.money.budgets import Kind, Standing, standing
from usage_dash.reporting.sums import Sum

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def stands(limit: float, today: Sum | None = None, *, kind: Kind = Kind.MONTH, days: int = 70) -> Standing:
    """How a budget stands after so many days of a hundred dollars each, but for today."""
    history = {TODAY - number * DAY: Sum(100.0) for number in range(days)}
    return standing(kind, "", limit, history | ({TODAY: today} if today else {}), TODAY)


@pytest.mark.parametrize(
    ("found", "outcome", "left"),
    [
        (stands(5_000), "Lasts the month", "$3,000 left"),
        (stands(2_500), "Used up about 25 Nov", "Used up about 25 Nov"),
        (stands(2_550), "Used up about 26 Nov", "$550 left"),
        (stands(1_850), "Used up on 19 Nov, $150 over", "Used up on 19 Nov, $150 over"),
        (stands(2_000), "Used up today", "Used up today"),
        (stands(1_999.5), "Used up today, $0.50 over", "Used up today, $0.50 over"),
        (stands(1_950), "Used up today, $50.00 over", "Used up today, $50.00 over"),
        (stands(2_000, Sum(99.0)), "Used up today, as it looks", "Used up today, as it looks"),
        (stands(3_010), "Likely lasts the month", "$1,010 left"),
        (stands(3_000, days=13), "No forecast yet", "$1,700 left"),
        (stands(1_500, days=13), "No forecast yet", "Nearly used up"),
        (stands(5_000, Sum(100.0, 1)), "Not known whether it lasts", "At most $3,000 left"),
        (stands(2_400, Sum(100.0, 1)), "Used up about 24 Nov", "Used up about 24 Nov"),
    ],
)
def test_how_a_budget_will_do(found: Standing, outcome: str, left: str) -> None:
    assert (words.outcome(found), words.left(found)) == (outcome, left)


def test_what_was_spent_and_what_is_expected() -> None:
    found = stands(2_500)
    assert words.spent_of_it(found) == "$2,000 of $2,500 spent"
    assert found.forecast is not None
    ranged = replace(found, forecast=replace(found.forecast, low=2_872.0, high=3_128.0))
    assert words.expected(ranged) == "$3,000 by 30 Nov, 80% range $2,872 – $3,128"
    assert words.pace(found) == "At this month’s pace $3,000"
    assert words.starts_anew(found) == "starts anew 1 Dec"


def test_what_was_spent_is_told_from_all_of_it_by_cents_where_need_be() -> None:
    assert words.spent_of_it(stands(2_000)) == "$2,000 of $2,000 spent"
    assert words.spent_of_it(stands(2_000, Sum(99.7))) == "$1,999.70 of $2,000.00 spent"
    assert words.spent_of_it(stands(2_000, Sum(100.3, 1))) == "At least $2,000.30 of $2,000.00 spent"


def test_what_is_unknown_makes_all_of_it_the_least() -> None:
    found = stands(2_500, Sum(100.0, 1))
    assert words.spent_of_it(found) == "At least $2,000 of $2,500 spent"
    assert words.expected(found) == "At least $3,000 by 30 Nov, as some costs are unknown"
    unknown = standing(Kind.MONTH, "", 2_500, {TODAY: Sum(0.0, 3)}, TODAY)
    assert words.spent_of_it(unknown) == "An unknown part of $2,500 spent"


def test_without_a_forecast_it_is_said_what_it_needs() -> None:
    found = stands(2_500, days=13)
    assert words.expected(found) == "A forecast needs two weeks of usage"
    assert words.pace(found) == ""


def test_a_budget_is_the_months_and_what_a_user_may_spend_an_allowance() -> None:
    called = [words.called(stands(5, kind=kind)) for kind in Kind]
    assert called == ["November budget", "November budget", "November allowance"]
