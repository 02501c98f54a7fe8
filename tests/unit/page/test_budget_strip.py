"""The strip of budgets: the first in full, the others in lines, and what is told of a bar to who does not see it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from plotly.io.json import to_json_plotly

from usage_dash.money.budgets import Kind, Standing, standing
from usage_dash.page.components.budget_strip import strip
from usage_dash.page.markup import markup
from usage_dash.reporting.sums import Sum

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def stands(limit: float, kind: Kind = Kind.MONTH, name: str = "", days: int = 70) -> Standing:
    """How a budget stands after so many days of a hundred dollars each."""
    return standing(kind, name, limit, {TODAY - number * DAY: Sum(100.0) for number in range(days)}, TODAY)


def drawn(*standings: Standing, filtered: bool = False) -> str:
    """The strip's HTML."""
    return markup(json.loads(to_json_plotly(strip(standings, filtered=filtered))))


def widths(standing: Standing) -> list[Any]:
    """Where what was spent ends, where what is expected begins and how wide it is, and where the limit is."""
    [section] = strip([standing], filtered=False)
    bar: Any = json.loads(to_json_plotly(section))["props"]["children"][0]["props"]["children"][1]
    return [part["props"]["style"] for part in bar["props"]["children"]]


def test_without_budgets_there_is_no_strip() -> None:
    assert strip([], filtered=True) == []


def test_a_budget_tells_what_was_spent_and_how_it_will_do() -> None:
    html = drawn(stands(2_500))
    for words in (
        'aria-label="November budget"',
        "$2,000 of $2,500 spent",
        'class="t warn"',
        "Used up about 25 Nov",
        "$3,000 by 30 Nov, 80% range $",
        "At this month’s pace $3,000",
        'aria-label="80% of it is spent, 120% forecast"',
        'data-label="$2,500"',
        "icon-triangle-alert",
    ):
        assert words in html
    assert "all models" not in html


def test_filters_leave_it_as_it_is_and_that_is_said() -> None:
    for kind, words in {
        Kind.MONTH: "all models and teams",
        Kind.TEAM: "all models and users",
        Kind.USER: "all models",
    }.items():
        assert f">{words}<" in drawn(stands(2_500, kind), filtered=True)


def test_the_bar_has_room_for_the_furthest_of_spent_forecast_and_limit() -> None:
    spent, expected, limit = widths(stands(3_000 / 1.06))  # forecast 3,000
    assert (spent, expected) == ({"width": "62.9%"}, {"left": "62.9%", "width": "31.4%"})
    assert limit == {"left": "89.0%"}
    assert widths(stands(6_000))[2] == {"left": "94.3%"}
    assert widths(stands(2_500, days=13))[1]["width"] == "0.0%"


def test_a_limit_near_the_start_has_its_label_to_the_right() -> None:
    assert 'class="early"' in drawn(stands(500))
    assert 'class="early"' not in drawn(stands(2_500))


def test_other_budgets_have_a_line_each_and_many_can_be_opened() -> None:
    teams = [stands(2_500 + number, Kind.TEAM, f"<Team {number}>") for number in range(5)]
    html = drawn(*teams)
    assert 'aria-label="Budgets"' in html
    assert "<bdi>&lt;Team 0&gt;</bdi>, November budget" in html
    assert html.count("<li>") == 4
    seen, _, rest = html.partition("<details")
    assert [f"Team {number}&gt;" in seen for number in range(5)] == [True] * 4 + [False]
    assert "1 more budget" in rest
    assert "<details" not in drawn(*teams[:4])
