"""The month's budget beside its cost added up: which budget, its line, and the forecast to the month's end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import pytest
from tests.unit import view_samples as samples

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.money.budgets import Kind, Standing
from usage_dash.money.forecast import Forecast
from usage_dash.page.components.chart import Chart, Shown
from usage_dash.page.components.cost_chart import cost_over_time
from usage_dash.page.held_against import held_against
from usage_dash.page.request import Asked, Looks
from usage_dash.reporting.filters import By, Filters
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_models import Range, Timeline

FIRST, TODAY, LAST = date(2026, 11, 1), date(2026, 11, 24), date(2026, 11, 30)
DAYS = tuple(FIRST + timedelta(days=number) for number in range(24))
MONTH = Range(FIRST, TODAY, "this month")
WHO = Admitted(Viewer.admin(), EVERYBODY)
TEAM = Standing(Kind.TEAM, "Support", 400.0, Sum(300.0), TODAY)
ALL = Standing(Kind.MONTH, "", 300.0, Sum(240.0), TODAY)
ADA = Standing(Kind.USER, "ada", 20.0, Sum(3.0), TODAY)


def forecast(lacking: int = 0) -> Forecast:
    """Ten dollars a day before today, then eleven."""
    running = tuple(accumulate([10.0] * 23 + [11.0] * 7))
    return Forecast(FIRST, Sum(307.0, lacking), 290.0, 320.0, None, 8, running)


def timeline(days: tuple[date, ...] = DAYS, bucket: By = By.DAY) -> Timeline:
    costs = (Sum(10.0),) * len(days)
    series = (replace(samples.timeline(1).models[0], cost=costs),)
    return replace(samples.timeline(1), days=days, bucket=bucket, cost=costs, models=series)


def drawn(standing: Standing | None, *, shown: Timeline | None = None, cumulative: bool = True) -> Chart:
    overview = replace(samples.overview(), range=MONTH)
    looks = Looks(cumulative=cumulative)
    found = Shown(overview, shown or timeline(), samples.split(1), "mtd", looks=looks, budget=standing)
    return cost_over_time(found)


def of_name(chart: Chart, name: str) -> list[dict[str, Any]]:
    return [trace for trace in chart.figure["data"] if trace["name"] == name]


def words(chart: Chart) -> list[str]:
    return [str(span.children[1]) for span in chart.key]  # type: ignore[union-attr]


def asked(choice: Choice = ALL_CHOSEN, person: str | None = None) -> Asked:
    return Asked(WHO, Filters(choice=choice), person=person)


@pytest.mark.parametrize(
    ("choice", "person", "expected"),
    [
        (Choice(), None, ALL),
        (Choice(team="Support"), None, TEAM),
        (Choice(team="Sales"), None, None),  # it has none
        (Choice(team=""), None, None),
        (Choice(models=("gpt-4o",)), None, None),
        (Choice(models=("gpt-4o",), team="Support"), None, None),
        (Choice(users=("ada",)), None, None),
        (Choice(users=("ada",), team="Support"), None, None),
        (Choice(), "ada", ADA),
        (Choice(models=("gpt-4o",)), "ada", None),
    ],
)
def test_a_budget_stands_beside_just_what_it_is_of(
    choice: Choice, person: str | None, expected: Standing | None
) -> None:
    standings = (ADA,) if person else (ALL, TEAM)
    assert held_against(standings, asked(choice, person), MONTH) == expected


def test_who_may_see_no_more_has_chosen_it_already() -> None:
    lead = Admitted(Viewer.lead(["Support"]), EVERYBODY)
    of_two = Admitted(Viewer.lead(["Support", "Sales"]), EVERYBODY)
    ada = Admitted(Viewer.only(["ada"]), EVERYBODY)
    for who, standings, expected in (
        (lead, (TEAM,), TEAM),
        (of_two, (TEAM,), None),
        (ada, (ADA,), ADA),
        (WHO, (ADA,), None),
    ):
        assert held_against(standings, replace(asked(), who=who), MONTH) == expected
        one_model = replace(asked(Choice(models=("gpt-4o",))), who=who)
        assert held_against(standings, one_model, MONTH) is None


def test_what_a_user_may_spend_is_called_an_allowance() -> None:
    assert words(drawn(replace(ADA, limit=300.0)))[1] == "Allowance $300, above all that is shown"
    assert words(drawn(replace(ADA, limit=12.0)))[1] == "Allowance $12.00"


@pytest.mark.parametrize(
    ("first", "last"), [(FIRST, TODAY - timedelta(days=1)), (DAYS[1], TODAY), (date(2026, 10, 1), date(2026, 10, 31))]
)
def test_other_days_than_the_month_to_date_have_no_budget(first: date, last: date) -> None:
    assert held_against((ALL, TEAM), asked(), Range(first, last, "")) is None
    assert held_against((), asked(), MONTH) is None


def test_the_budget_is_a_line_that_says_so_and_the_forecast_goes_on_to_the_end_of_the_month() -> None:
    chart = drawn(replace(ALL, forecast=forecast()))
    [line] = chart.figure["layout"]["shapes"]
    assert (line["y0"], line["y1"], line["label"]["text"]) == (300.0, 300.0, "Budget $300")
    stroke, unseen = of_name(chart, "Forecast")
    assert stroke["x"][-1] == unseen["x"][-1] == LAST
    assert [value for value in stroke["y"] if value is not None][:2] == [230.0, 241.0]  # from the last whole day on
    assert stroke["y"][-1] == 307.0
    assert unseen["y"][22:24] == [None, 241.0]  # what is known is told by the total alone
    assert unseen["customdata"][-1] == "$307.00"
    assert words(chart) == ["Total", "Budget $300", "Forecast $307 by 30 Nov", "Today so far"]
    assert chart.summary.endswith("this month; Budget $300; Forecast $307 by 30 Nov.")
    assert chart.figure["layout"]["yaxis"]["range"][1] == pytest.approx(307 * 1.055)


def test_a_click_on_a_day_ahead_means_no_day() -> None:
    """Clicks count the points of a trace; those of the forecast begin where all others do."""
    chart = drawn(replace(ALL, forecast=forecast()))
    for trace in of_name(chart, "Forecast"):
        assert trace["x"][: len(DAYS)] == list(DAYS)
    assert len(chart.figure["layout"]["meta"]["clicks"]) == len(DAYS) == len(chart.table.rows)


def test_without_a_forecast_there_is_the_line_alone() -> None:
    chart = drawn(ALL)
    assert of_name(chart, "Forecast") == []
    assert words(chart) == ["Total", "Budget $300", "Today so far"]
    assert chart.figure["layout"]["yaxis"]["range"][1] == pytest.approx(300 * 1.055)


def test_what_is_unknown_is_said_of_the_forecast() -> None:
    chart = drawn(replace(ALL, forecast=forecast(lacking=2)))
    assert "Forecast at least $307 by 30 Nov" in words(chart)
    assert of_name(chart, "Forecast")[1]["customdata"][-1] == "at least $307.00"


def test_a_budget_far_above_all_else_does_not_flatten_it() -> None:
    chart = drawn(replace(ALL, limit=5_000.0, forecast=forecast()))
    assert "shapes" not in chart.figure["layout"]
    assert "Budget $5,000, above all that is shown" in words(chart)
    assert chart.figure["layout"]["yaxis"]["range"][1] < 400


def test_weeks_have_the_line_and_no_forecast_by_days() -> None:
    weeks = (date(2026, 10, 26), *DAYS[1::7])
    chart = drawn(replace(ALL, forecast=forecast()), shown=timeline(weeks, By.WEEK))
    assert [shape["y0"] for shape in chart.figure["layout"]["shapes"]] == [300.0]
    assert of_name(chart, "Forecast") == []


def test_what_each_day_cost_has_no_budget() -> None:
    chart = drawn(replace(ALL, forecast=forecast()), cumulative=False)
    assert "shapes" not in chart.figure["layout"]
    assert words(chart) == ["Total", "Today so far"]


def test_the_first_day_of_a_month_has_all_of_it_ahead() -> None:
    today = replace(forecast(), running=tuple(accumulate([10.0] * 30)))
    chart = drawn(replace(ALL, today=FIRST, spent=Sum(4.0), forecast=today), shown=timeline(DAYS[:1]))
    stroke = of_name(chart, "Forecast")[0]
    assert (stroke["x"][0], stroke["y"][0], stroke["x"][-1], stroke["y"][-1]) == (FIRST, 10.0, LAST, 300.0)
    assert "range" not in chart.figure["layout"]["xaxis"]
