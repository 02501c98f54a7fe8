"""What the charts' panels say around their figures, and how charts follow filters and looks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from dash import html
from dash.development.base_component import Component
from tests.unit import view_samples as samples

from usage_dash.page import ids
from usage_dash.page.components import charts
from usage_dash.page.components.chart import Chart, Shown
from usage_dash.page.names import fenced
from usage_dash.page.request import Looks, Measure, Top
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import (
    Figure,
    ModelSeries,
    ModelUsage,
    Overview,
    Range,
    TeamUsage,
    Timeline,
    TopUser,
)

FENCES = str.maketrans("", "", "\u2068\u2069")
BACKWARDS = "ada\u202e"
TEAMS = (TeamUsage("Support", Sum(9.0), Sum(3), Sum(), 2), TeamUsage("", Sum(1.0), Sum(1), Sum(), 1))
USERS = (TopUser("maria.oduya", "Maria Oduya", Sum(5.0)), TopUser("bot", "", Sum(4.0)))


def shown(models: int = 2, /, **changes: Any) -> Shown:
    return replace(
        Shown(samples.overview(), samples.timeline(models), samples.split(models), zoom="7d"),
        **changes,
    )


def told(models: int = 2, /, **changes: Any) -> dict[str, Chart]:
    return charts.charts(shown(models, **changes))


def text(component: Any) -> str:
    if isinstance(component, Component):
        return text(getattr(component, "children", None))
    if isinstance(component, (list, tuple)):
        return "|".join(found for part in component if (found := text(part)))
    return "" if component is None else str(component)


def switches(chart: Chart) -> list[tuple[str, bool, dict[str, Any]]]:
    """The buttons above a figure: what each says, whether it is pressed, and what it makes of the address."""
    groups = chart.head[-1].children  # type: ignore[union-attr] # the last is their place
    props = [button.to_plotly_json()["props"] for group in groups for button in group.children]
    return [(each["children"], each["aria-checked"] == "true", json.loads(each["data-set"])) for each in props]


def headed(chart: Chart) -> str:
    """The title, which can be the button of a menu, and the caption."""
    first = chart.head[0]
    title = first.children[0] if isinstance(first, html.Div) else first  # type: ignore[union-attr]
    return f"{text(title)}|{text(chart.head[1])}"


def menu(chart: Chart) -> list[tuple[str, bool, dict[str, Any]]]:
    """The items of the menu that the title opens, as in `switches`."""
    listed = chart.head[0].children[1].children[0]  # type: ignore[union-attr]
    props = [item.to_plotly_json()["props"] for item in listed.children]
    return [(text(each["children"]), each["aria-checked"] == "true", json.loads(each["data-set"])) for each in props]


def clicks(chart: Chart) -> list[Any]:
    return list(chart.figure["layout"]["meta"]["clicks"])


def test_what_is_not_itemised_is_told_in_the_key_and_in_the_tables() -> None:
    models = (*samples.split(2), samples.not_itemised())
    found = charts.charts(replace(shown(), timeline=samples.partly_itemised(2), models=models, trust="/x/trust"))
    cost, calls = found[ids.COST_OVER_TIME], found[ids.CALLS_OVER_TIME]
    assert text(cost.key) == "Total|Not itemised|$3.50|What is this?|Today so far"
    assert "/x/trust" in str(cost.key)
    assert cost.table.columns[-2:] == (fenced("Not itemised"), "Total")
    assert cost.table.rows[0][-2:] == ["$0.5000", "$21.93"]
    assert text(calls.key) == "Not itemised|7|What is this?"
    assert calls.table.columns == ("Day", "API calls", "Not itemised")
    assert [row[-1] for row in calls.table.rows] == ["1"] * 7
    assert found[ids.COST_BY_MODEL].table.rows[-1] == ["\u2068Not itemised\u2069", "$3.50"]


def test_where_entries_explain_all_no_key_speaks_of_it() -> None:
    assert "itemised" not in text([chart.key for chart in told().values()])


def by(bucket: By, days: Sequence[date], *, cut_first: bool, cut_last: bool) -> Timeline:
    series = tuple(replace(one, cost=(Sum(1.0),) * len(days)) for one in samples.timeline(2).models)
    return Timeline(
        days=tuple(days),
        bucket=bucket,
        cost=(Sum(2.0),) * len(days),
        calls=(Sum(5),) * len(days),
        models=series,
        cut_first=cut_first,
        cut_last=cut_last,
    )


def over(first: date, last: date, label: str) -> Overview:
    return replace(samples.overview(), range=Range(first, last, label))


def test_charts_are_told_in_words_too() -> None:
    found = told()
    cost = found[ids.COST_OVER_TIME]
    assert text(cost.head) == "Cost over time|$1,939.54 in 7 days|Day|Week|Month|Per day|Cumulative"
    assert cost.summary == "Line chart: daily cost, $1,939.54 in 7 days; highest $21.43 on 18 Nov 2026."
    assert headed(found[ids.CALLS_OVER_TIME]) == "API calls over time|210 · daily"
    assert found[ids.MODEL_DISTRIBUTION].summary == (
        "Donut chart: API calls by model in 7 days: \u2068m0\u2069 10 calls, \u2068m1\u2069 20 calls."
    )
    json.dumps(found[ids.COST_BY_MODEL].figure)


def test_charts_tell_in_words_what_they_lack() -> None:
    partly, unknown = Sum(20, lacking=2), Sum(0, lacking=3)
    seen = replace(samples.overview(), cost=Figure(Sum(), Sum(20, lacking=5), None, ()))
    split = [ModelUsage("gpt-5", 0, partly, Sum(3), Sum()), ModelUsage("llama-3-local", 1, unknown, Sum(3), Sum())]
    series = tuple(ModelSeries(usage.model, usage.slot, (usage.cost,) + (Sum(),) * 6) for usage in split)
    timeline = replace(samples.timeline(2), cost=(total((partly, unknown)), *(Sum(),) * 6), models=series)
    found = told(overview=seen, timeline=timeline, models=split)
    cost = found[ids.COST_OVER_TIME]
    assert text(cost.head[1]) == "at least $20.00 in 7 days, 5 entries unknown"
    assert cost.summary == (
        "Line chart: daily cost, at least $20.00 in 7 days, 5 entries unknown; "
        "highest known at least $20.00 on 18 Nov 2026."
    )
    assert cost.table.rows[0][1:] == [
        "at least $20.00, 2 entries unknown", "–, 3 entries unknown", "at least $20.00, 5 entries unknown",
    ]  # fmt: skip
    assert found[ids.COST_BY_MODEL].summary.translate(FENCES) == (
        "Bar chart: cost by model in 7 days: gpt-5 at least $20.00, 2 entries unknown, "
        "llama-3-local –, 3 entries unknown."
    )
    nothing_known = replace(timeline, cost=(unknown, *(Sum(),) * 6))
    assert "when it was highest is unknown." in told(overview=seen, timeline=nothing_known)[ids.COST_OVER_TIME].summary


def test_directions_in_names_end_with_them() -> None:
    split = [replace(usage, model=BACKWARDS) for usage in samples.split(1)]
    timeline = replace(samples.timeline(1), models=(ModelSeries(BACKWARDS, 0, (Sum(1.0),) * 7),))
    users = [TopUser(BACKWARDS, BACKWARDS, Sum(1.0))]
    found = told(timeline=timeline, models=split, users=users)
    for chart in (ids.COST_BY_MODEL, ids.MODEL_DISTRIBUTION, ids.TOP_USERS):
        assert "\u2068ada\u202e\u2069 " in found[chart].summary
        assert all("ada\u202e\u2069" in text for text in found[chart].figure["data"][0]["customdata"])
        assert found[chart].table.rows[0][0] == "\u2068ada\u202e\u2069"
    assert found[ids.COST_OVER_TIME].figure["data"][0]["name"] == "\u2068ada\u202e\u2069"
    assert found[ids.COST_OVER_TIME].table.columns[1] == "\u2068ada\u202e\u2069"


def test_a_table_says_what_its_figure_does_and_its_rows_filter_alike() -> None:
    found = told(users=USERS, teams=TEAMS, has_teams=True)
    for chart in found.values():
        assert len(clicks(chart)) == len(chart.table.rows)
        assert {len(row) for row in chart.table.rows} == {len(chart.table.columns)}
    cost = found[ids.COST_OVER_TIME].table
    assert [name.translate(FENCES) for name in cost.columns] == ["Day", "m0", "m1", "Total"]
    assert list(cost.rows[-1]) == ["24 Nov 2026", "$14.29", "$7.14", "$21.43 so far"]
    assert clicks(found[ids.COST_OVER_TIME])[-1] == {"from": "2026-11-24", "to": "2026-11-24"}
    assert clicks(found[ids.COST_BY_MODEL]) == [{"toggle": "model", "value": "m0"}, {"toggle": "model", "value": "m1"}]
    shares = found[ids.MODEL_DISTRIBUTION].table
    assert [list(row)[1:] for row in shares.rows] == [["10", "33.3%"], ["20", "66.7%"]]


def test_what_a_filter_leaves_out_stays_in_the_bars_alone() -> None:
    kept, left_out = samples.split(2)
    timeline = replace(samples.timeline(2), models=samples.timeline(2).models[:1])
    found = told(timeline=timeline, models=[kept, replace(left_out, chosen=False)])
    assert len(found[ids.COST_BY_MODEL].table.rows) == 2
    assert len(found[ids.MODEL_DISTRIBUTION].table.rows) == 1
    assert len(found[ids.COST_OVER_TIME].table.columns) == 3
    colours = found[ids.COST_BY_MODEL].figure["data"][0]["marker"]["color"]
    assert colours == ["var(--ud-model-1)", "var(--ud-model-2, 0.32)"]


def test_cost_is_told_by_week_with_what_the_range_cuts_off() -> None:
    days = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
    timeline = by(By.WEEK, days, cut_first=True, cut_last=True)
    found = told(overview=over(date(2026, 11, 5), date(2026, 11, 18), "in 14 days"), timeline=timeline)
    cost = found[ids.COST_OVER_TIME]
    assert [row[0] for row in cost.table.rows] == ["2 Nov 2026", "9 Nov 2026", "16 Nov 2026"]
    assert [row[-1] for row in cost.table.rows] == ["$2.00, 4 of 7 days", "$2.00", "$2.00, 3 of 7 days"]
    assert clicks(cost)[0] == {"from": "2026-11-05", "to": "2026-11-08"}
    assert clicks(cost)[-1] == {"from": "2026-11-16", "to": "2026-11-18"}
    assert text(cost.key) == "Total|Part of a week"
    assert ("Week", True, {"by": "week"}) in switches(cost)
    assert ("Per week", True, {"sum": None}) in switches(cost)
    assert cost.summary.startswith("Line chart: weekly cost, ")
    assert cost.summary.endswith("highest $2.00 in the week from 2 Nov 2026.")
    dotted = [list(trace["x"]) for trace in cost.figure["data"] if trace["line"].get("dash") == "2px,3px"]
    assert dotted == [days[:2], days[1:]]


def test_a_range_of_whole_months_has_nothing_dotted() -> None:
    timeline = by(By.MONTH, [date(2026, 9, 1), date(2026, 10, 1)], cut_first=False, cut_last=False)
    found = told(overview=over(date(2026, 9, 1), date(2026, 10, 31), "in 61 days"), timeline=timeline)
    cost = found[ids.COST_OVER_TIME]
    assert [row[0] for row in cost.table.rows] == ["Sep 2026", "Oct 2026"]
    assert text(cost.key) == "Total"
    assert clicks(cost)[1] == {"from": "2026-10-01", "to": "2026-10-31"}
    assert [trace for trace in cost.figure["data"] if trace["line"].get("dash") == "2px,3px"] == []


def test_cumulative_cost_adds_up() -> None:
    cost = told(looks=Looks(cumulative=True))[ids.COST_OVER_TIME]
    total_line = cost.figure["data"][-1]
    each = samples.timeline(2).cost[0].known
    assert total_line["y"] == pytest.approx([each * number for number in range(1, 8)])
    assert total_line["customdata"][-1] == "$150.00 so far"
    stacked = [trace for trace in cost.figure["data"] if trace.get("stackgroup")]
    assert [sum(values) for values in zip(*(trace["y"] for trace in stacked), strict=True)] == pytest.approx(
        total_line["y"]
    )
    assert cost.summary == "Line chart: cost added up, $1,939.54 in 7 days."
    assert ("Cumulative", True, {"sum": "cumulative"}) in switches(cost)


def test_what_is_unknown_stays_unknown_when_added_up() -> None:
    timeline = replace(samples.timeline(1), cost=(Sum(1.0), Sum(0, lacking=2), *(Sum(1.0),) * 5))
    cost = told(1, timeline=timeline, looks=Looks(cumulative=True))[ids.COST_OVER_TIME]
    assert cost.figure["data"][-1]["customdata"][:3] == [
        "$1.00", "at least $1.00, 2 entries unknown", "at least $2.00, 2 entries unknown",
    ]  # fmt: skip


def spiked(**changes: Any) -> Timeline:
    """Its second day is sixty times each other."""
    costs, calls = [2.0, 120.0, *[2.0] * 5], [30, 1_800, *[30] * 5]
    whole = samples.timeline(1)
    return replace(
        whole,
        cost=tuple(map(Sum, costs)),
        calls=tuple(map(Sum, calls)),
        active=(3, 180, *[3] * 5),
        models=(replace(whole.models[0], cost=tuple(map(Sum, costs))),),
        **changes,
    )


@pytest.mark.parametrize(
    ("chart", "looks", "told_beyond", "axis"),
    [
        (ids.COST_OVER_TIME, Looks(), "$120.00", [0, 2.3]),
        (ids.CALLS_OVER_TIME, Looks(), "1,800", [0, 34.5]),
        (ids.CALLS_OVER_TIME, Looks(measure=Measure.USERS), "180", [0, 3.45]),
    ],
)
def test_one_spike_does_not_flatten_a_chart(chart: str, looks: Looks, told_beyond: str, axis: list[float]) -> None:
    found = told(1, timeline=spiked(), looks=looks)[chart]
    assert found.figure["layout"]["yaxis"]["range"] == pytest.approx(axis)
    assert f"Higher than shown: {told_beyond} on 19 Nov 2026" in text(found.key)
    [marks] = [trace for trace in found.figure["data"] if trace.get("name") == "Higher than shown"]
    assert (marks["x"], marks["y"]) == ([samples.DAYS[1]], pytest.approx([axis[1]]))
    unseen = found.figure["data"][-1]
    assert max(unseen["y"]) == pytest.approx(axis[1])  # hovering finds it where it is drawn
    assert unseen["customdata"][1] == told_beyond
    assert found.table.rows[1][-1 if chart == ids.COST_OVER_TIME else 1] == told_beyond


@pytest.mark.parametrize("looks", [Looks(full_height=True), Looks(full_height=True, measure=Measure.USERS)])
def test_all_of_the_height_is_shown_on_demand(looks: Looks) -> None:
    found = told(1, timeline=spiked(), looks=looks)
    for chart, most in (
        (ids.COST_OVER_TIME, 120),
        (ids.CALLS_OVER_TIME, 180 if looks.measure is Measure.USERS else 1_800),
    ):
        low, high = found[chart].figure["layout"]["yaxis"]["range"]
        assert low == 0
        assert most < high < 1.1 * most
        assert "Higher" not in json.dumps(found[chart].figure["data"], default=str) + text(found[chart].key)


def pressed(chart: Chart) -> list[tuple[str, bool, dict[str, Any]]]:
    """The button of the height: what it says, whether it is pressed, and what it makes of the address."""
    props = [
        group.children.to_plotly_json()["props"] for group in chart.head[-1].children if "aria-label" not in str(group)
    ]  # type: ignore[union-attr]
    return [(each["children"], each["aria-pressed"] == "true", json.loads(each["data-set"])) for each in props]


def test_a_button_shows_all_of_the_height_where_some_of_it_is_not_shown() -> None:
    for chart in (ids.COST_OVER_TIME, ids.CALLS_OVER_TIME):
        assert pressed(told(1)[chart]) == []
        assert pressed(told(1, timeline=spiked())[chart]) == [("Full height", False, {"height": "full"})]
        full = told(1, timeline=spiked(), looks=Looks(full_height=True))[chart]
        assert pressed(full) == [("Full height", True, {"height": None})]


def test_what_is_added_up_has_no_spikes() -> None:
    cost = told(1, timeline=spiked(), looks=Looks(cumulative=True))[ids.COST_OVER_TIME]
    assert "Full height" not in text(cost.head)
    assert cost.figure["layout"]["yaxis"]["range"][1] > 130


def test_several_spikes_are_told_by_the_highest() -> None:
    days = tuple(date(2026, 9, 7) + timedelta(weeks=number) for number in range(20))
    costs = tuple(map(Sum, [1.0] * 18 + [50.0, 70.0]))
    timeline = replace(by(By.WEEK, days, cut_first=False, cut_last=False), cost=costs)
    cost = told(overview=over(days[0], days[-1] + timedelta(days=6), "in 140 days"), timeline=timeline)[
        ids.COST_OVER_TIME
    ]
    assert text(cost.key) == "Total|Higher than shown: 2 weeks, up to $70.00"


@pytest.mark.parametrize(
    ("measure", "head", "last"),
    [
        (Measure.CALLS, "API calls over time|210 · daily", "30 so far"),
        (Measure.TOKENS, "Tokens over time|7,000 · daily", "1,000 so far"),
        (Measure.INPUT, "Input tokens over time|5,600 · daily", "800 so far"),
        (Measure.OUTPUT, "Output tokens over time|1,400 · daily", "200 so far"),
        (Measure.COST, "Total cost over time|$150.00 · daily", "$21.43 so far"),
        (Measure.USERS, "Active users|362 · daily", "3 so far"),
    ],
)
def test_the_second_chart_over_time_shows_the_measure_that_was_chosen(measure: Measure, head: str, last: str) -> None:
    chart = told(looks=Looks(measure=measure))[ids.CALLS_OVER_TIME]
    assert headed(chart) == head
    chosen = [item for item in menu(chart) if item[1]]
    assert chosen == [(head.split("|", maxsplit=1)[0], True, {"measure": measure.value})]
    assert len(menu(chart)) == len(Measure)
    assert chart.table.rows[-1][1] == last
    assert chart.figure["data"][-1]["customdata"][-1] == last


def test_active_users_are_returning_and_new_ones() -> None:
    chart = told(looks=Looks(measure=Measure.USERS))[ids.CALLS_OVER_TIME]
    assert [(trace["name"], trace["y"][0]) for trace in chart.figure["data"]] == [
        ("Returning", 2),
        ("New", 1),
        ("Active", 3),
    ]
    assert list(chart.table.rows[0]) == ["18 Nov 2026", "3", "2", "1"]
    assert text(chart.key) == "Returning|New"


def test_the_dearest_are_users_or_teams() -> None:
    users = told(users=USERS, teams=TEAMS, has_teams=True)[ids.TOP_USERS]
    assert text(users.head) == "Top users|in 7 days|Users|Teams"
    assert [[cell.translate(FENCES) for cell in row] for row in users.table.rows] == [
        ["Maria Oduya", "maria.oduya", "$5.00"], ["bot", "bot", "$4.00"],
    ]  # fmt: skip
    assert clicks(users)[0] == {"toggle": "user", "value": "maria.oduya"}
    teams = told(users=USERS, teams=TEAMS, has_teams=True, looks=Looks(top=Top.TEAMS))[ids.TOP_USERS]
    assert text(teams.head[0]) == "Top teams"
    assert [list(row) for row in teams.table.rows] == [
        ["\u2068Support\u2069", "$9.00"],
        ["\u2068No team\u2069", "$1.00"],
    ]
    assert clicks(teams) == [{"team": "Support"}, {"team": ""}]
    assert [chosen for _label, chosen, _change in switches(teams)] == [False, True]


def test_without_teams_there_is_nothing_to_choose_between() -> None:
    chart = told(users=USERS, teams=TEAMS[1:], looks=Looks(top=Top.TEAMS))[ids.TOP_USERS]
    assert text(chart.head) == "Top users|in 7 days"


def test_who_sees_one_user_has_no_chart_of_the_dearest() -> None:
    assert ids.TOP_USERS not in told()


def test_a_picture_s_name_tells_the_chart_and_the_days() -> None:
    seen = shown(looks=Looks(measure=Measure.TOKENS))
    sent = charts.sent(charts.charts(seen), seen.overview.range.first, seen.overview.range.last)
    assert sent[ids.CALLS_OVER_TIME]["file"] == "tokens-over-time_2026-11-18_2026-11-24"


def test_a_single_day_is_a_block_of_its_models_on_an_axis_of_that_day() -> None:
    day = [date(2026, 11, 18)]
    timeline = by(By.DAY, day, cut_first=False, cut_last=False)
    cost = told(overview=over(day[0], day[0], "on that day"), timeline=timeline)[ids.COST_OVER_TIME]
    assert [trace["y"] for trace in cost.figure["data"] if trace["type"] == "bar"] == [[1.0], [1.0]]
    axis = cost.figure["layout"]["xaxis"]
    assert (list(axis["tickvals"]), axis["range"]) == (day, ["2026-11-17 12:00", "2026-11-18 12:00"])
