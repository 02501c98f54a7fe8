from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.offline
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plotly.io.json import to_json_plotly
from tests.unit import view_samples as samples

from usage_dash.page import marks
from usage_dash.page.document import assets_folder
from usage_dash.page.figures import axes, over_time
from usage_dash.page.figures.axes import Figure
from usage_dash.page.figures.bars import bars as bars_of
from usage_dash.page.figures.donut import model_distribution as donut
from usage_dash.page.figures.points import Points
from usage_dash.page.names import fenced
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import ModelUsage, TeamUsage, Timeline, TopUser
from usage_dash.wording import formats

FENCES = str.maketrans("", "", "\u2068\u2069")


def drawn(figure: Figure) -> list[dict[str, Any]]:
    """The traces, which plotly takes."""
    go.Figure(re_inked(figure))
    return list(figure["data"])


def re_inked(value: Any) -> Any:
    """What assets/charts.js makes of a figure, with one colour for all."""
    if isinstance(value, dict):
        return {key: re_inked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [re_inked(item) for item in value]
    return "#123456" if isinstance(value, str) and value.startswith("var(--") else value


def points(timeline: Timeline) -> Points:
    clicks = [{"from": f"{day}", "to": f"{day}"} for day in timeline.days]
    asides = [" so far" if timeline.cut_last and day == timeline.days[-1] else "" for day in timeline.days]
    return Points(timeline, clicks, asides, "7d")


def cost_over_time(timeline: Timeline, split: Sequence[ModelUsage]) -> Figure:
    costs = {series.slot: series.cost for series in timeline.models}
    stack = [
        (mark, [total(bucket) for bucket in zip(*(costs[slot] for slot in mark.slots), strict=True)])
        for mark in marks.marks(split)
    ]
    return over_time.cost_over_time(points(timeline), timeline.cost, stack)


def calls_over_time(timeline: Timeline) -> Figure:
    return over_time.counts_over_time(points(timeline), "API calls", timeline.calls, formats.number)


def cost_by_model(split: Sequence[ModelUsage]) -> Figure:
    return bars_of(marks.marks(split))


def model_distribution(split: Sequence[ModelUsage]) -> Figure:
    return donut(marks.marks(split))


def clicks(figure: Figure) -> list[Any]:
    return list(figure["layout"]["meta"]["clicks"])


def seen(labels: Iterable[str]) -> list[str]:
    """The labels as a reader sees them."""
    return [label.rstrip("\u200b").removeprefix("\u2068").removesuffix("\u2069") for label in labels]


def test_cost_over_time_stacks_the_models_under_a_total() -> None:
    traces = drawn(cost_over_time(samples.timeline(3), samples.split(3)))
    stacked = [trace for trace in traces if trace.get("stackgroup")]
    assert seen(trace["name"] for trace in stacked) == ["m0", "m1", "m2"]
    assert [trace["line"]["color"] for trace in stacked] == [
        "var(--ud-model-1)",
        "var(--ud-model-2)",
        "var(--ud-model-3)",
    ]
    total = traces[-1]
    assert total["name"] == "Total"
    assert total["customdata"][0] == "$26.19"
    assert total["customdata"][-1] == "$26.19 so far"


def test_today_is_drawn_as_unfinished() -> None:
    dashes = [trace["line"]["dash"] for trace in drawn(calls_over_time(samples.timeline(1)))[1:3]]
    assert dashes == ["2px,3px", "solid"]


def test_a_day_of_unknown_cost_is_a_gap_and_hovering_says_so() -> None:
    unknown = Sum(0, lacking=3)
    cost = (Sum(1.0), unknown, Sum(2.0), unknown, Sum(3.0, lacking=1), Sum(), Sum())
    timeline = replace(samples.timeline(1), cost=cost)
    *_, dotted, solid, unseen = drawn(cost_over_time(timeline, samples.split(1)))
    assert list(solid["y"]) == [1.0, None, 2.0, None, 3.0, 0.0]
    assert list(solid["marker"]["size"]) == [6, 0, 6, 0, 0, 0]  # what stands alone is no line
    assert list(dotted["y"]) == [0.0, 0.0]
    assert list(unseen["customdata"])[1:5] == [
        "–, 3 entries unknown", "$2.00", "–, 3 entries unknown", "at least $3.00, 1 entry unknown",
    ]  # fmt: skip


def test_a_model_of_unknown_cost_has_no_bar_of_nothing() -> None:
    split = [
        ModelUsage("gpt-5", 0, Sum(3.75, lacking=2), Sum(1), Sum()),
        ModelUsage("llama-3-local", 1, Sum(0, lacking=1), Sum(1), Sum()),
    ]
    [bars] = drawn(cost_by_model(split))
    assert list(bars["text"]) == ["≥ $3.75", "–"]
    assert [text.translate(FENCES) for text in bars["customdata"]] == [
        "gpt-5: <b>at least $3.75, 2 entries unknown</b>",
        "llama-3-local: <b>–, 1 entry unknown</b>",
    ]


@pytest.mark.parametrize("days", [0, 1])
def test_ranges_of_a_day_or_none_are_drawn(days: int) -> None:
    timeline = samples.timeline(1)
    short = replace(
        timeline,
        days=timeline.days[:days],
        cost=timeline.cost[:days],
        calls=timeline.calls[:days],
        models=tuple(replace(series, cost=series.cost[:days]) for series in timeline.models),
    )
    assert drawn(cost_over_time(short, samples.split(1)))
    modes = {trace.get("mode") for trace in drawn(calls_over_time(short))}
    assert ("lines+markers" in modes) == (days == 1)


def test_many_models_fold_into_one() -> None:
    split = samples.split(30)
    bars = drawn(cost_by_model(split))[0]
    assert seen(bars["y"]) == ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "23 other models"]
    assert sum(bars["x"]) == pytest.approx(sum(usage.cost.known for usage in split))
    assert bars["marker"]["color"][-1] == "var(--ud-model-other)"
    pie = drawn(model_distribution(split))[0]
    assert sum(pie["values"]) == sum(usage.calls.known for usage in split)
    stacked = [t for t in drawn(cost_over_time(samples.timeline(30), split)) if t.get("stackgroup")]
    assert sum(sum(trace["y"]) for trace in stacked) == pytest.approx(total(samples.timeline(30).cost).known)


def test_a_model_keeps_its_colour_whatever_its_rank() -> None:
    late = ModelUsage("m9", slot=9, cost=Sum(500.0), calls=Sum(1), tokens=Sum(1))
    bars = drawn(cost_by_model([late, *samples.split(2)]))[0]
    colours = dict(zip(seen(bars["y"]), bars["marker"]["color"], strict=True))
    assert colours == {"m9": "var(--ud-model-10)", "m0": "var(--ud-model-1)", "m1": "var(--ud-model-2)"}


def test_what_is_not_itemised_is_hatched_and_after_all_models() -> None:
    split = [*samples.split(9), samples.not_itemised()]
    band = drawn(cost_over_time(samples.partly_itemised(9), split))[8]
    assert (band["name"], band["stackgroup"], band["fillpattern"]["shape"]) == (fenced("Not itemised"), "models", "/")
    (bar,) = drawn(bars_of(marks.marks(split)))
    assert (bar["y"][-1], bar["x"][-1]) == (fenced("Not itemised"), 3.5)
    assert bar["marker"]["pattern"]["shape"] == [*[""] * 8, "/"]
    (pie,) = drawn(model_distribution(split))
    assert (pie["labels"][-1], pie["values"][-1]) == (fenced("Not itemised"), 7)
    assert pie["marker"]["pattern"]["shape"] == [*[""] * 8, "/"]
    assert list(pie["marker"]["line"]["color"]) == [*["var(--ud-surface)"] * 8, "var(--ud-ink-3)"]
    assert bars_of(marks.marks(split))["layout"]["meta"]["clicks"][-1] is None


def test_a_model_that_is_called_so_is_another() -> None:
    """No filter by it may hit what is not itemised, nor does one colour stand for both."""
    called_so = ModelUsage("Not itemised", 0, Sum(1.0), Sum(1), Sum(1))
    found = marks.marks([called_so, samples.not_itemised()])
    assert [mark.hatched for mark in found] == [False, True]
    assert found[0].click == {"toggle": "model", "value": "Not itemised"}
    assert found[0].label != found[1].label


def test_where_entries_explain_all_nothing_is_hatched() -> None:
    split = samples.split(2)
    for each in (
        cost_over_time(samples.timeline(2), split),
        bars_of(marks.marks(split)),
        model_distribution(split),
    ):
        assert "attern" not in json.dumps(each, default=str)


def test_calls_over_time_are_filled_up_to_the_line_by_what_is_not_itemised() -> None:
    timeline = samples.timeline(1)
    rest = [*[Sum(2)] * 6, Sum(lacking=1)]
    chart = over_time.counts_over_time(points(timeline), "API calls", timeline.calls, formats.number, rest)
    itemised, hatched = drawn(chart)[:2]
    assert list(itemised["y"]) == [8.0] * 6 + [10.0]
    assert list(hatched["y"]) == [10.0] * 7
    assert itemised["line"]["width"] > 0  # bare hatches have no edge
    assert (hatched["fill"], hatched["fillpattern"]["shape"]) == ("tonexty", "/")
    assert list(hatched["customdata"]) == ["2"] * 6 + ["–, 1 entry unknown"]


def test_the_donut_tells_all_calls_in_its_middle() -> None:
    figure = model_distribution(samples.split(2))
    assert figure["layout"]["annotations"][0]["text"].startswith("<b>30</b>")
    told = [text.translate(FENCES) for text in figure["data"][0]["customdata"]]
    assert told == ["m0: <b>10 calls, 33.3%</b>", "m1: <b>20 calls, 66.7%</b>"]


def test_counts_of_any_length_can_be_sent() -> None:
    """A document may count up to 2^63 - 1, of which two are longer than the whole numbers of the JSON that is sent."""
    calls = (2**63, *range(6))
    chart = calls_over_time(replace(samples.timeline(1), calls=tuple(map(Sum, calls))))
    donut = model_distribution([replace(usage, calls=Sum(2**64)) for usage in samples.split(2)])
    assert json.loads(to_json_plotly(chart))["data"][0]["y"] == list(calls)
    assert json.loads(to_json_plotly(donut))["data"][0]["values"] == [2**64] * 2


def test_no_usage_is_drawn_as_nothing() -> None:
    assert list(drawn(model_distribution([]))[0]["values"]) == []
    assert list(drawn(cost_by_model([]))[0]["x"]) == []


def test_markup_in_a_model_name_is_text() -> None:
    hostile = ModelUsage("<a href='//evil'>x</a>", 0, Sum(1.0), Sum(1), Sum(1))
    assert seen(drawn(cost_by_model([hostile]))[0]["y"]) == ["&lt;a href='//evil'&gt;x&lt;/a&gt;"]
    long = ModelUsage("gpt-" + "x" * 500, 0, Sum(1.0), Sum(1), Sum(1))
    [bar] = drawn(cost_by_model([long]))
    assert len(bar["y"][0]) < 40
    assert bar["customdata"][0].translate(FENCES).replace("<br>", "") == f"{long.model}: <b>$1.00</b>"


def test_models_that_differ_in_the_middle_are_drawn_under_different_labels_and_hover_says_all() -> None:
    names = ["anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic.claude-3-5-haiku-20241022-v2:0"]
    split = [ModelUsage(name, slot, Sum(1.0), Sum(1), Sum(1)) for slot, name in enumerate(names)]
    [bars], [pie] = drawn(cost_by_model(split)), drawn(model_distribution(split))
    for trace, labels in ((bars, bars["y"]), (pie, pie["labels"])):
        assert ["sonnet" in labels[0], "haiku" in labels[1]] == [True, True]
        told = sorted(text.translate(FENCES).split(": <b>")[0] for text in trace["customdata"])
        assert told == sorted(names)
    timeline = replace(
        samples.timeline(2),
        models=tuple(replace(one, model=name) for one, name in zip(samples.timeline(2).models, names, strict=True)),
    )
    stacked = drawn(cost_over_time(timeline, split))[:2]
    assert [trace["name"].translate(FENCES) for trace in stacked] == names


def test_models_that_look_alike_or_name_what_javascript_knows_are_marks_of_their_own() -> None:
    names = ["__proto__", "constructor", "a" * 14 + "1" + "b" * 14, "a" * 14 + "2" + "b" * 14]
    split = [ModelUsage(name, slot, Sum(1.0), Sum(1), Sum(1)) for slot, name in enumerate(names)]
    for labels in (drawn(cost_by_model(split))[0]["y"], drawn(model_distribution(split))[0]["labels"]):
        assert len(set(labels)) == len(names)
        assert not {"__proto__", "constructor"} & set(labels)


def test_a_chosen_model_is_drawn_by_itself_though_it_is_small() -> None:
    split = [replace(usage, chosen=usage.model == "m29") for usage in samples.split(30)]
    [bars] = drawn(cost_by_model(split))
    assert seen(bars["y"]) == ["m0", "m1", "m2", "m3", "m4", "m5", "m29", "23 other models"]
    assert [", 0.32" not in colour for colour in bars["marker"]["color"]] == [*[False] * 6, True, False]
    assert clicks(cost_by_model(split))[-2:] == [{"toggle": "model", "value": "m29"}, None]


def test_hovering_tells_how_a_family_was_written() -> None:
    many = tuple(f"gpt-4o-2024-{month:02}-01" for month in range(1, 9))
    family = ModelUsage("gpt-4o", 0, Sum(1.0), Sum(1), Sum(1), variants=many)
    [bars] = drawn(cost_by_model([family, replace(family, model="o3", variants=("o3",))]))
    told = [text.translate(FENCES) for text in bars["customdata"]]
    assert told == ["<br>".join(["gpt-4o: <b>$1.00</b>", *many[:5], "and 3 more"]), "o3: <b>$1.00</b>"]


def test_users_of_one_name_are_told_apart_and_hovering_tells_ids() -> None:
    users = [TopUser("a1", "Kim", Sum(2.0)), TopUser("b2", "Kim", Sum(1.0), chosen=False), TopUser("c3", "", Sum())]
    found = marks.user_marks(users)
    [bars] = drawn(bars_of(found))
    assert seen(bars["y"]) == ["Kim · a1", "Kim · b2", "c3"]
    assert [text.translate(FENCES) for text in bars["customdata"]] == [
        "Kim: <b>$2.00</b><br>a1", "Kim: <b>$1.00</b><br>b2", "c3: <b>$0.00</b>",
    ]  # fmt: skip
    assert bars["marker"]["color"] == ["var(--ud-accent)", "var(--ud-accent, 0.32)", "var(--ud-accent)"]
    assert clicks(bars_of(found))[0] == {"toggle": "user", "value": "a1"}


def test_the_dearest_teams_are_drawn_and_a_chosen_one_in_any_case() -> None:
    teams = [TeamUsage(f"t{n}", Sum(10.0 - n), Sum(1), Sum(), 1, chosen=n == 8) for n in range(9)]
    found = marks.team_marks(teams)
    assert seen(mark.label for mark in found) == ["t0", "t1", "t2", "t3", "t4", "t8"]
    assert found[-1].click == {"team": "t8"}


def test_few_bars_are_no_thicker_than_many() -> None:
    one, many = (drawn(cost_by_model(samples.split(models)))[0]["width"] for models in (1, 8))
    assert one / 1 < many / 4


def test_active_users_of_a_cut_day_are_faint() -> None:
    returning, new, active = drawn(over_time.users_over_time(points(samples.timeline(1))))
    assert [returning["y"][0] + new["y"][0], returning["y"][-1] + new["y"][-1]] == [3, 3]
    assert returning["marker"]["color"][-2:] == ["var(--ud-model-2)", "var(--ud-model-2, 0.45)"]
    assert active["customdata"][-1] == "3 so far"


def test_weeks_are_labelled_by_days_that_they_begin_with() -> None:
    days = tuple(date(2026, 6, 1) + timedelta(weeks=number) for number in range(24))
    timeline = replace(samples.timeline(1), days=days, bucket=By.WEEK)
    labelled = axes.over_time(timeline, "7d")["xaxis"]["tickvals"]
    assert set(labelled) <= set(days)
    assert 4 <= len(labelled) <= 7


def test_weeks_of_a_long_range_are_labelled_by_as_many_months_as_there_is_room_for() -> None:
    days = tuple(date(2025, 1, 6) + timedelta(weeks=number) for number in range(90))
    axis = axes.over_time(replace(samples.timeline(1), days=days, bucket=By.WEEK), "all")["xaxis"]
    assert (axis["tickformat"], {"tickvals", "nticks"} & axis.keys()) == ("%b %Y", set())


def test_months_are_labelled_as_a_phone_has_room() -> None:
    days = tuple(date(2026, number, 1) for number in range(1, 8))
    axis = axes.over_time(replace(samples.timeline(1), days=days, bucket=By.MONTH), "all")["xaxis"]
    assert axis["tickvals"] == days[::2]


@pytest.mark.parametrize(("days", "room"), [(7, 24), (30, 12)])
def test_a_label_at_the_edge_has_room(days: int, room: int) -> None:
    span = tuple(date(2026, 6, 1) + timedelta(days=number) for number in range(days))
    assert axes.over_time(replace(samples.timeline(1), days=span), "7d")["margin"]["r"] == room


def test_the_bars_name_every_model() -> None:
    axis = cost_by_model(samples.split(8))["layout"]["yaxis"]
    assert (axis["tickmode"], axis["dtick"]) == ("linear", 1)


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (121.0, ["$0", "$50", "$100"]),
        (1.5, ["$0.00", "$0.50", "$1.00", "$1.50"]),
        (0.000011, ["$0.000000", "$0.000005", "$0.000010"]),
        (0, ["$0"]),
    ],
)
def test_the_cost_axis_speaks_as_the_page_does(highest: float, ticks: list[str]) -> None:
    timeline = replace(samples.timeline(1), cost=(Sum(highest),) * 7)
    axis = cost_over_time(timeline, samples.split(1))["layout"]["yaxis"]
    assert list(axis["ticktext"]) == ticks


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [(1, ["0", "1"]), (7, ["0", "2", "4", "6"]), (2_400_000, ["0", "500,000", "1,000,000", "1,500,000", "2,000,000"])],
)
def test_the_axis_of_calls_counts_whole_calls(highest: int, ticks: list[str]) -> None:
    timeline = replace(samples.timeline(1), calls=(Sum(highest),) * 7)
    axis = calls_over_time(timeline)["layout"]["yaxis"]
    assert list(axis["ticktext"]) == ticks


@settings(deadline=None)
@given(st.floats(1e-12, 1e12))
def test_an_axis_has_few_ticks_that_all_differ(highest: float) -> None:
    timeline = replace(samples.timeline(1), cost=(Sum(highest),) * 7)
    axis = cost_over_time(timeline, samples.split(1))["layout"]["yaxis"]
    assert 2 <= len(axis["tickvals"]) == len(set(axis["ticktext"])) <= 6
    assert highest / 2 < axis["tickvals"][-1] <= highest


def test_every_colour_is_a_token_of_both_themes() -> None:
    css = (assets_folder() / "tokens.css").read_text()
    light, dark = css.split('[data-bs-theme="dark"]')
    split = [*samples.split(6), ModelUsage("late", 50, Sum(1.0), Sum(1), Sum(1))]
    text = "".join(
        str(figure)
        for figure in (
            cost_over_time(samples.timeline(6), samples.split(6)),
            calls_over_time(samples.timeline(2)),
            cost_over_time(samples.partly_itemised(2), [*samples.split(2), samples.not_itemised()]),
            cost_by_model(split),
            model_distribution(split),
            over_time.users_over_time(points(samples.timeline(1))),
            bars_of(marks.user_marks([TopUser("a", "", Sum(1.0))])),
        )
    )
    used = set(re.findall(r"var\((--[\w-]+)", text)) | {f"--ud-model-{n + 1}" for n in range(marks.COLOURS)}
    assert used
    for theme in (light, dark):
        assert {name for name in used if not re.search(rf"{name}: #[0-9a-f]{{6}};", theme)} == set()


def test_the_bundle_in_the_browser_is_the_package_s() -> None:
    version = plotly.offline.get_plotlyjs_version()
    [bundle] = Path(assets_folder()).glob("vendor/plotly.js-basic-dist-min-*/plotly-basic.min.js")
    assert bundle.parent.name.endswith(f"-{version}")
    assert f"plotly.js (basic - minified) v{version}" in bundle.read_text()[:300]


def test_browsers_parse_the_bundle_once_for_it_stands_in_parentheses() -> None:
    [bundle] = Path(assets_folder()).glob("vendor/plotly.js-basic-dist-min-*/plotly-basic.min.js")
    text = bundle.read_text()
    assert " this, (() => {" in text
    assert text.endswith("return Plotly;\n})));")
