"""Charts over time: one function a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from usage_dash.page.figures.areas import area, bars_over_time, block, filled
from usage_dash.page.figures.axes import INK, Figure, Trace, figure, over_time, ticks, upwards
from usage_dash.page.figures.beyond import ROOM, beyond
from usage_dash.page.figures.budget import Budget, forecast, limit
from usage_dash.page.figures.points import Points
from usage_dash.page.figures.rings import rings
from usage_dash.page.figures.strokes import Line, strokes, unseen, weight
from usage_dash.page.figures.words import told
from usage_dash.page.marks import Mark
from usage_dash.reporting.sums import Sum
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form

_ROOM = 1.055  # above the highest point
_CALLS, _NEW = "var(--ud-model-2)", "var(--ud-accent)"


def cost_over_time(
    points: Points, cost: Sequence[Sum], stack: Sequence[tuple[Mark, Sequence[Sum]]], budget: Budget | None = None
) -> Figure:
    """Cost at each point: the models stacked, the total as a line above them, and the budget of all of it."""
    shape = area if len(cost) > 1 else block
    areas = [shape(points, mark, values) for mark, values in stack]
    line = Line("Total", [value.least for value in cost], told(points, cost, formats.money), INK, 1.8 * weight(points))
    return figure(
        [
            *areas,
            *(forecast(budget, points.timeline) if budget else ()),
            *strokes(points, line),
            *_marked(points, cost, formats.money),
            unseen(points, line),
        ],
        points.clicks,
        **_ground(points, budget.ahead if budget else ()),
        **(limit(budget) if budget else {}),
        barmode="stack",
        yaxis=_axis(points, cost, formats.money, budget.top if budget else 0.0),
    )


def counts_over_time(
    points: Points, name: str, values: Sequence[Sum], form: Form, not_itemised: Sequence[Sum] = ()
) -> Figure:
    """Calls or tokens a bucket, of all models, and at the top what of them is not itemised.

    Whole numbers may have more bits than JSON is written with, so none is.
    """
    heights = [None if value.least is None else float(value.least) for value in values]
    line = Line(name, heights, told(points, values, form), _CALLS, 2 * weight(points))
    return figure(
        [
            *filled(points, values, not_itemised, form, _CALLS),
            *strokes(points, line),
            *_marked(points, values, form),
            unseen(points, line),
        ],
        points.clicks,
        **_ground(points),
        yaxis=_axis(points, values, form),
    )


def users_over_time(points: Points) -> Figure:
    """Active users a bucket: who came back, and on them who is new."""
    timeline = points.timeline
    returning = [active - new for active, new in zip(timeline.active, timeline.new, strict=True)]
    counts = [Sum(count) for count in timeline.active]
    active = Line("Active", timeline.active, told(points, counts, formats.number), INK, 0)
    return figure(
        [
            bars_over_time(points, "Returning", returning, _CALLS),
            bars_over_time(points, "New", timeline.new, _NEW),
            *_marked(points, counts, formats.number),
            unseen(points, active),
        ],
        points.clicks,
        **_ground(points),
        barmode="stack",
        bargap=0.28,
        yaxis=_axis(points, counts, formats.number),
    )


def _marked(points: Points, values: Sequence[Sum], form: Form) -> list[Trace]:
    """Draw what is marked on the points: unusual days, and what goes beyond the axis."""
    return [*rings(points, values), *beyond(points, values, form)]


def _ground(points: Points, ahead: Sequence[date] = ()) -> dict[str, Any]:
    """Return the layout, with room for what goes beyond the axis upwards, and for days ahead."""
    timeline = replace(points.timeline, days=(*points.timeline.days, *ahead))
    ground = over_time(timeline, points.zoom)
    return ground if points.clip is None else ground | {"margin": ground["margin"] | {"t": ROOM}}


def _axis(points: Points, values: Sequence[Sum], form: Form, least: float = 0.0) -> dict[str, Any]:
    """An axis of money, or of whole numbers, which goes at `least` so far."""
    highest = points.within(max([least, *(float(value.known) for value in values)]))
    steps = ticks(highest, least_step=0 if form is formats.money else 1)
    words = formats.money_ticks(steps) if form is formats.money else [form(step) for step in steps]
    end = _ROOM * highest if points.clip is None else points.clip.top
    return upwards(steps, words) | {"range": [0, end or 1]}
