"""Charts over time: one function a chart."""

from __future__ import annotations

from collections.abc import Sequence

from usage_dash.page.figures.areas import area, bars_over_time, block, filled
from usage_dash.page.figures.axes import INK, Figure, figure, over_time, ticks, upwards
from usage_dash.page.figures.points import Points
from usage_dash.page.figures.strokes import Line, drawn, unseen, weight
from usage_dash.page.figures.words import told
from usage_dash.page.marks import Mark
from usage_dash.reporting.sums import Sum
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form

_CALLS, _NEW = "var(--ud-model-2)", "var(--ud-accent)"


def cost_over_time(points: Points, cost: Sequence[Sum], stack: Sequence[tuple[Mark, Sequence[Sum]]]) -> Figure:
    """Cost at each point: the models stacked, the total as a line above them."""
    shape = area if len(cost) > 1 else block
    areas = [shape(points, mark, values) for mark, values in stack]
    line = Line("Total", [value.least for value in cost], told(points, cost, formats.money), INK, 1.8 * weight(points))
    return figure(
        [*areas, *drawn(points, line)],
        points.clicks,
        **over_time(points.timeline, points.zoom),
        barmode="stack",
        yaxis=_axis(max((value.known for value in cost), default=0.0), formats.money),
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
        [*filled(points, values, not_itemised, form, _CALLS), *drawn(points, line)],
        points.clicks,
        **over_time(points.timeline, points.zoom),
        yaxis=_axis(max((value.known for value in values), default=0.0), form),
    )


def users_over_time(points: Points) -> Figure:
    """Active users a bucket: who came back, and on them who is new."""
    timeline = points.timeline
    returning = [active - new for active, new in zip(timeline.active, timeline.new, strict=True)]
    active = Line(
        "Active", timeline.active, told(points, [Sum(count) for count in timeline.active], formats.number), INK, 0
    )
    return figure(
        [
            bars_over_time(points, "Returning", returning, _CALLS),
            bars_over_time(points, "New", timeline.new, _NEW),
            unseen(points, active),
        ],
        points.clicks,
        **over_time(timeline, points.zoom),
        barmode="stack",
        bargap=0.28,
        yaxis=_axis(max(timeline.active, default=0), formats.number),
    )


def _axis(highest: float, form: Form) -> dict[str, object]:
    """An axis of money, or of whole numbers."""
    if form is formats.money:
        steps = ticks(highest)
        return upwards(steps, formats.money_ticks(steps))
    steps = ticks(highest, least_step=1)
    return upwards(steps, [form(step) for step in steps])
