"""Unusual days on the charts over time: a ring, words in the key, and what hovering and tables tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from dash import html
from tests.unit import view_samples as samples

from usage_dash.money.decomposition import Factor, Part
from usage_dash.money.unusual import UnusualDay
from usage_dash.money.unusual_words import mostly, shortly
from usage_dash.page import ids
from usage_dash.page.components import charts
from usage_dash.page.components.chart import Chart, Shown
from usage_dash.page.request import Looks, Measure
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_models import Timeline

DAY = samples.DAYS[2]
PARTS = (Part(Factor.USERS, 60.0), Part(Factor.CALLS, 50.0), Part(Factor.PRICE, -10.0))
UNUSUAL = UnusualDay(DAY, cost=142.0, usual=42.0, compared=8, parts=PARTS)
WHY = "/trust#check-days-are-usual"


def told(
    *days: UnusualDay, timeline: Timeline | None = None, looks: Looks | None = None, why: str = WHY
) -> dict[str, Chart]:
    costs = tuple(Sum(142.0 if day == DAY else 42.0) for day in samples.DAYS)
    whole = samples.timeline(1)
    series = (replace(whole.models[0], cost=costs),)
    shown = Shown(
        samples.overview(),
        timeline or replace(whole, cost=costs, models=series),
        samples.split(1),
        zoom="7d",
        looks=looks or Looks(),
        unusual=days,
        why=why,
    )
    return charts.charts(shown)


def ring(chart: Chart) -> dict[str, Any] | None:
    return next((trace for trace in chart.figure["data"] if trace.get("name") == "Unusual"), None)


def keyed(chart: Chart) -> str:
    """The words of the ring's key, and where it leads."""
    [found] = [span.children[1] for span in chart.key if span.children[0].className == "ring"]  # type: ignore[union-attr]
    said, *links = found.children
    assert all(isinstance(link, html.A) for link in links)
    return " ".join([said, *(link.href for link in links)])


@pytest.mark.parametrize("measure", [Measure.CALLS, Measure.USERS, Measure.COST])
def test_an_unusual_day_has_a_ring_on_its_point_and_words_in_the_key(measure: Measure) -> None:
    found = told(UNUSUAL, looks=Looks(measure=measure))
    values = {Measure.CALLS: 10.0, Measure.USERS: 3.0, Measure.COST: 142.0}
    for chart, height in ((ids.COST_OVER_TIME, 142.0), (ids.CALLS_OVER_TIME, values[measure])):
        drawn = ring(found[chart])
        assert drawn is not None
        assert (drawn["x"], drawn["y"]) == ([DAY], [height])
        assert keyed(found[chart]) == f"Unusual: 20 Nov cost $142, 3.4 × usual {WHY}"


def test_hovering_and_the_table_tell_what_made_for_it() -> None:
    for found in (told(UNUSUAL), told(UNUSUAL, looks=Looks(measure=Measure.USERS))):
        for chart in (found[ids.COST_OVER_TIME], found[ids.CALLS_OVER_TIME]):
            templates = chart.figure["data"][-1]["hovertemplate"]
            assert templates[2] == "<b>%{customdata}</b><br>3.4 × usual<br>more users<br>more calls per user"
            assert set(templates[:2] + templates[3:]) == {"<b>%{customdata}</b>"}
            assert chart.table.columns[-1] == "Unusual"
            assert [row[-1] for row in chart.table.rows] == [
                "", "", "3.4 × usual, more users, more calls per user", "", "", "", "",
            ]  # fmt: skip


def test_days_as_usual_have_no_mark_at_all() -> None:
    for chart in told().values():
        assert ring(chart) is None
        assert "Unusual" not in str(chart.key)
        assert "Unusual" not in chart.table.columns


def test_several_are_counted_and_the_worst_is_named() -> None:
    other = replace(UNUSUAL, day=samples.DAYS[5], cost=90.0)
    found = told(other, UNUSUAL, why="")
    drawn = ring(found[ids.COST_OVER_TIME])
    assert drawn is not None
    assert drawn["x"] == [DAY, samples.DAYS[5]]
    assert keyed(found[ids.COST_OVER_TIME]) == "2 unusual days, 20 Nov most of all"


def test_weeks_and_what_is_added_up_have_no_rings() -> None:
    weeks = replace(samples.timeline(1), bucket=By.WEEK)
    for chart in (
        told(UNUSUAL, timeline=weeks)[ids.COST_OVER_TIME],
        told(UNUSUAL, looks=Looks(cumulative=True))[ids.COST_OVER_TIME],
    ):
        assert ring(chart) is None
        assert "Unusual" not in str(chart.key)
        assert "Unusual" not in chart.table.columns


def test_a_ring_leaves_room_for_what_goes_beyond_the_axis() -> None:
    costs = tuple(Sum(1_000.0 if day == DAY else 42.0) for day in samples.DAYS)
    found = told(UNUSUAL, timeline=replace(samples.timeline(1), cost=costs))[ids.COST_OVER_TIME]
    drawn = ring(found)
    assert drawn is not None
    top = found.figure["layout"]["yaxis"]["range"][1]
    assert 0.8 * top < drawn["y"][0] < top


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (UNUSUAL, ["3.4 × usual", "more users", "more calls per user"]),
        (replace(UNUSUAL, parts=(Part(Factor.PRICE, 95.0), Part(Factor.USERS, 5.0))), ["3.4 × usual", "dearer tokens"]),
        (replace(UNUSUAL, usual=0.0), ["usual is $0.00", "more users", "more calls per user"]),
        (replace(UNUSUAL, usual=1.5), ["usual is $1.50", "more users", "more calls per user"]),
        (UnusualDay(date(2026, 11, 1), 30.0, 10.0, 8), ["3.0 × usual"]),
    ],
)
def test_what_is_unusual_is_said_in_few_words(day: UnusualDay, expected: list[str]) -> None:
    assert shortly(day) == expected


def test_what_made_for_less_is_not_why() -> None:
    assert mostly(replace(UNUSUAL, parts=(Part(Factor.PRICE, -200.0), Part(Factor.USERS, 300.0)))) == [
        Part(Factor.USERS, 300.0)
    ]
