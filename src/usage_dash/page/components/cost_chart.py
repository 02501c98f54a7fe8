"""What the models cost over time: at each point in its own days, or all up to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final, TypeAlias

from dash import html

from usage_dash.page import ids
from usage_dash.page.components import chart_keys as keys
from usage_dash.page.components.chart import FIRST_ROW, Chart, Shown, Table
from usage_dash.page.components.chart_keys import OF, Entry
from usage_dash.page.components.chart_panels import Option, head, key, switch
from usage_dash.page.components.chart_points import (
    OFTEN,
    growing,
    height,
    peak,
    points_of,
    rows,
    spikes_of,
    unusual_column,
)
from usage_dash.page.components.elements import Children
from usage_dash.page.figures import over_time
from usage_dash.page.figures.budget import Budget, budget
from usage_dash.page.figures.clipping import Clip
from usage_dash.page.figures.points import Points
from usage_dash.page.figures.words import in_words, told
from usage_dash.page.marks import Mark, marks
from usage_dash.page.names import fenced
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum, total
from usage_dash.wording import formats
from usage_dash.wording.amounts import amount, lacking

_NAME: Final = "cost-over-time"  # of a picture of it

_Stack: TypeAlias = Sequence[tuple[Mark, Sequence[Sum]]]  # the models with their cost at each point


def cost_over_time(shown: Shown) -> Chart:
    """Return what the models cost over time."""
    return _added_up(shown) if shown.looks.cumulative else _each(shown)


def _each(shown: Shown) -> Chart:
    timeline, cost, stack = shown.timeline, shown.timeline.cost, _stack(shown)
    spikes = spikes_of(cost)
    points = points_of(shown, spikes)
    return Chart(
        over_time.cost_over_time(points, cost, stack),
        _table(points, cost, stack),
        f"Line chart: {OFTEN[timeline.bucket]} cost, {_spent(shown)}; {peak(timeline, cost, formats.money)}",
        _head(shown, spikes),
        key=_key(shown, points, *keys.unusual(shown, points), *keys.beyond(points, cost, formats.money)),
        name=_NAME,
    )


def _added_up(shown: Shown) -> Chart:
    """Return all up to each point, which no bucket at the beginning cuts and no spike dwarfs."""
    timeline, cost = shown.timeline, _running(shown.timeline.cost)
    stack = [(mark, _running(values)) for mark, values in _stack(shown)]
    points = replace(
        points_of(shown, None), timeline=replace(timeline, cut_first=False), asides=growing(timeline), unusual={}
    )
    drawn = None if shown.budget is None else budget(shown.budget, timeline)
    return Chart(
        over_time.cost_over_time(points, cost, stack, drawn),
        _table(points, cost, stack),
        f"Line chart: cost added up, {_spent(shown)}{_beside(drawn)}.",
        _head(shown, None),
        key=_key(shown, points, *keys.budgeted(drawn)),
        name=_NAME,
    )


def _head(shown: Shown, spikes: Clip | None) -> Children:
    by, cumulative = shown.timeline.bucket, shown.looks.cumulative
    switches = [_by(by), _sum(by, cumulative=cumulative), *height(shown, spikes)]
    return head(ids.COST_OVER_TIME, FIRST_ROW[ids.COST_OVER_TIME], _spent(shown), switches)


def _key(shown: Shown, points: Points, *more: Entry) -> Children:
    rest = keys.not_itemised([spent.cost for spent in shown.timeline.not_itemised], formats.money, shown.trust)
    return key([("stroke", "Total"), *rest, *more, *keys.cut(points)])


def _beside(drawn: Budget | None) -> str:
    """Return what is said of the budget beside what was spent."""
    return "".join(f"; {words}" for _stroke, words in keys.budgeted(drawn))


def _stack(shown: Shown) -> _Stack:
    """Return the chosen models with their cost at each point."""
    costs = {series.slot: series.cost for series in shown.timeline.models}
    drawn = marks([usage for usage in shown.models if usage.chosen and usage.slot in costs])
    return [
        (mark, [total(bucket) for bucket in zip(*(costs[slot] for slot in mark.slots), strict=True)]) for mark in drawn
    ]


def _running(values: Iterable[Sum]) -> list[Sum]:
    return list(accumulate(values, lambda before, value: total((before, value))))


def _spent(shown: Shown) -> str:
    cost = shown.overview.cost.in_range
    aside = f", {lacking(cost, 'entry', 'entries')}" if cost.lacking else ""
    return f"{amount(cost, formats.money)} {shown.label}{aside}"


def _by(chosen: By) -> html.Div:
    return switch("Each point is a", [Option(OF[by], {"by": by.value}, by == chosen) for by in By])


def _sum(by: By, *, cumulative: bool) -> html.Div:
    return switch(
        "Figures",
        [
            Option(f"Per {OF[by].lower()}", {"sum": None}, not cumulative),
            Option("Cumulative", {"sum": "cumulative"}, cumulative),
        ],
    )


def _table(points: Points, cost: Sequence[Sum], stack: _Stack) -> Table:
    figures_of = [[in_words(value, formats.money) for value in values] for _mark, values in stack]
    more = unusual_column(points)
    columns = (OF[points.timeline.bucket], *(fenced(mark.name) for mark, _values in stack), "Total", *more)
    return Table(columns, rows(points, [*figures_of, told(points, cost, formats.money), *more.values()]))
