"""View models as figures; one function a chart.

Colours stand as `var(--name)` or `var(--name, opacity)`, tokens of assets/tokens.css: the browser puts in the colours
of its theme, so that one figure suits both. Everything drawn is bars, lines and pies, all that the basic bundle knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from usage_dash.page.axes import INK, SURFACE, Figure, Trace, faint, figure, over_time, ticks, upwards
from usage_dash.page.marks import Click, Mark, lines
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_models import Timeline
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form, full_amount, narrow_amount

_MANY_POINTS = 120
_CALLS, _NEW, _INK_3 = "var(--ud-model-2)", "var(--ud-accent)", "var(--ud-ink-3)"
_LEFT_OUT = 0.32  # the opacity of what a filter leaves out
_HATCH = {"shape": "/", "size": 5, "solidity": 0.28}
_EDGE = 0.8  # of what is hatched: bare hatches have none
_BETWEEN_SLICES = 2
_BLOCK = 6 * 3_600_000  # milliseconds of a day that a single point takes
_BAR, _FULL = 0.68, 5  # of its place; with fewer bars than so many they stay as thick as they would be


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a chart over time: the timeline, what a click on each means, and what is said behind its figures.

    An aside tells what is not whole, as today “so far”. `zoom` names the view whose zoom to keep.
    """

    timeline: Timeline
    clicks: Sequence[Click | None]
    asides: Sequence[str]
    zoom: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A line over time, with a gap where a value is unknown, and its values in words."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]
    colour: str
    width: float


def cost_over_time(points: Points, cost: Sequence[Sum], stack: Sequence[tuple[Mark, Sequence[Sum]]]) -> Figure:
    """Cost at each point: the models stacked, the total as a line above them."""
    weight = _weight(points)
    shape = _area if len(cost) > 1 else _block
    areas = [shape(points, mark, values) for mark, values in stack]
    line = _Line("Total", [value.least for value in cost], told(points, cost, formats.money), INK, 1.8 * weight)
    return figure(
        [*areas, *_drawn(points, line)],
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
    line = _Line(name, heights, told(points, values, form), _CALLS, 2 * _weight(points))
    return figure(
        [*_filled(points, values, not_itemised, form), *_drawn(points, line)],
        points.clicks,
        **over_time(points.timeline, points.zoom),
        yaxis=_axis(max((value.known for value in values), default=0.0), form),
    )


def users_over_time(points: Points) -> Figure:
    """Active users a bucket: who came back, and on them who is new."""
    timeline = points.timeline
    returning = [active - new for active, new in zip(timeline.active, timeline.new, strict=True)]
    active = _Line(
        "Active", timeline.active, told(points, [Sum(count) for count in timeline.active], formats.number), INK, 0
    )
    return figure(
        [
            _bars_over_time(points, "Returning", returning, _CALLS),
            _bars_over_time(points, "New", timeline.new, _NEW),
            _unseen(points, active),
        ],
        points.clicks,
        **over_time(timeline, points.zoom),
        barmode="stack",
        bargap=0.28,
        yaxis=_axis(max(timeline.active, default=0), formats.number),
    )


def bars(drawn: Sequence[Mark]) -> Figure:
    """What each model, user or team cost in the range, from the top down; what a filter leaves out is faint."""
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [mark.cost.known for mark in drawn],
        "y": [mark.label for mark in drawn],
        "width": _BAR * min(1, len(drawn) / _FULL),
        "marker": {
            "color": [_solid(mark) for mark in drawn],
            "cornerradius": 4,
            **_hatches(drawn),
        },
        "text": [narrow_amount(mark.cost, formats.whole_money) for mark in drawn],
        "textposition": "outside",
        "textfont": {"color": INK, "size": 12.5},
        "cliponaxis": False,
        "customdata": [_hover(mark, in_words(mark.cost, formats.money)) for mark in drawn],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return figure(
        [trace],
        [mark.click for mark in drawn],
        margin={"l": 8, "r": 64, "t": 8, "b": 8},
        hovermode="closest",
        clickanywhere=True,  # a bar of next to nothing is hard to hit
        xaxis={"visible": False, "fixedrange": True, "rangemode": "tozero"},
        yaxis={
            "type": "category",
            "autorange": "reversed",
            "tickmode": "linear",  # or plotly leaves names out to have fewer
            "dtick": 1,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
            "ticklabelstandoff": 6,
            "tickfont": {"color": INK, "size": 12.5},
        },
    )


def model_distribution(split: Sequence[Mark]) -> Figure:
    """Each model's share of the calls in the range, and all calls in the middle."""
    drawn = [mark for mark in split if mark.calls.known > 0]
    calls = sum(int(mark.calls.known) for mark in drawn)
    word = formats.agree(calls, "call", "calls")
    middle = {
        "text": f"<b>{formats.compact(calls)}</b><br><span style='font-size:11px'>{word}</span>",
        "font": {"size": 16, "color": INK},
        "showarrow": False,
        "x": 0.27,
        "y": 0.5,
        "xanchor": "center",
    }
    return figure(
        [_slices(drawn, calls)],
        [mark.click for mark in drawn],
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=True,
        legend={
            "x": 0.6,
            "y": 0.5,
            "yanchor": "middle",
            "font": {"size": 12.5, "color": INK},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        annotations=[middle],
    )


def _slices(drawn: Sequence[Mark], calls: int) -> dict[str, object]:
    return {
        "type": "pie",
        "labels": [mark.label for mark in drawn],
        "values": [float(mark.calls.known) for mark in drawn],  # as in `counts_over_time`
        "marker": {
            "colors": [mark.colour for mark in drawn],
            "line": {"color": SURFACE, "width": _BETWEEN_SLICES},
            **_hatches(drawn, _BETWEEN_SLICES),
        },
        "hole": 0.66,
        "sort": False,
        "direction": "clockwise",
        "textinfo": "none",
        "domain": {"x": [0, 0.54]},
        "customdata": [
            _hover(mark, f"{formats.counted(int(mark.calls.known), 'call')}, {formats.share(mark.calls.known / calls)}")
            for mark in drawn
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def in_words(found: Sum, form: Form) -> str:
    """Return a sum as hovering and tables tell it."""
    return full_amount(found, form, "entry", "entries")


def told(points: Points, values: Sequence[Sum], form: Form) -> list[str]:
    """Return what is said of the figure of each point."""
    return [f"{in_words(value, form)}{aside}" for value, aside in zip(values, points.asides, strict=True)]


def _hover(mark: Mark, said: str) -> str:
    return "<br>".join([f"{lines(mark.name)}: <b>{said}</b>", *map(lines, mark.more)])


def _solid(mark: Mark) -> str:
    return mark.colour if mark.chosen else faint(mark.colour, _LEFT_OUT)


def _pattern(drawn: Sequence[Mark]) -> dict[str, object]:
    """Return the pattern of each mark: of what is not itemised hatches, of others none."""
    colours = [_solid(mark) for mark in drawn]
    shapes = [_HATCH["shape"] if mark.hatched else "" for mark in drawn]
    return {**_HATCH, "shape": shapes, "fgcolor": colours, "bgcolor": SURFACE}


def _hatches(drawn: Sequence[Mark], between: float = 0) -> dict[str, object]:
    """Return what a marker needs where one is hatched: that has an edge, and others so much `between` them."""
    if not any(mark.hatched for mark in drawn):
        return {}
    edges = {
        "color": [_solid(mark) if mark.hatched else SURFACE for mark in drawn],
        "width": [_EDGE if mark.hatched else between for mark in drawn],
    }
    return {"pattern": _pattern(drawn), "line": edges}


def _filled(points: Points, values: Sequence[Sum], not_itemised: Sequence[Sum], form: Form) -> Iterator[Trace]:
    """The area beneath a line, and within it, up to the line, what is not itemised."""
    heights = [float(value.known) for value in values]
    below = (
        [height - float(rest.known) for height, rest in zip(heights, not_itemised, strict=True)]
        if not_itemised
        else heights
    )
    area = {"type": "scatter", "x": points.timeline.days, "mode": "lines", "line": {"width": 0}}
    edge = {"width": _EDGE if not_itemised else 0, "color": _INK_3}
    yield area | {"y": below, "line": edge, "fill": "tozeroy", "fillcolor": faint(_CALLS, 0.12), "hoverinfo": "skip"}
    if not_itemised:
        yield area | {
            "y": heights,
            "name": "Not itemised",
            "fill": "tonexty",
            "fillpattern": _HATCH | {"fgcolor": _INK_3, "bgcolor": SURFACE},
            "line": {"width": 0, "color": _INK_3},
            "customdata": [in_words(rest, form) for rest in not_itemised],
            "hovertemplate": "%{customdata}",
        }


def _block(points: Points, mark: Mark, values: Sequence[Sum]) -> Trace:
    """A single point is no line, and has nothing under it."""
    return {
        "type": "bar",
        "x": points.timeline.days,
        "y": [value.known for value in values],
        "width": _BLOCK,
        "name": lines(mark.name),
        "marker": _hatches([mark]) | {"color": mark.colour if mark.hatched else faint(mark.colour, 0.6)},
        "customdata": [in_words(value, formats.money) for value in values],
        "hovertemplate": "%{customdata}",
    }


def _area(points: Points, mark: Mark, values: Sequence[Sum]) -> Trace:
    return {
        "type": "scatter",
        "x": points.timeline.days,
        "y": [value.known for value in values],
        "name": lines(mark.name),
        "stackgroup": "models",
        "mode": "lines",
        "line": {"width": (_EDGE if mark.hatched else 1.2) * _weight(points), "color": mark.colour},
        **_fill(mark),
        "customdata": [in_words(value, formats.money) for value in values],
        "hovertemplate": "%{customdata}",
    }


def _fill(mark: Mark) -> Trace:
    if mark.hatched:
        return {"fillpattern": _HATCH | {"fgcolor": mark.colour, "bgcolor": SURFACE}}
    return {"fillcolor": faint(mark.colour, 0.22)}


def _bars_over_time(points: Points, name: str, values: Sequence[int], colour: str) -> Trace:
    return {
        "type": "bar",
        "x": points.timeline.days,
        "y": values,
        "width": _BLOCK if len(values) == 1 else None,
        "name": name,
        "marker": {"color": [faint(colour, 0.45) if aside else colour for aside in points.asides]},
        "hovertemplate": "%{y:,}",
    }


def _drawn(points: Points, line: _Line) -> Iterator[Trace]:
    """Draw the line, dotted where a bucket is cut; an unseen line over all of it tells the exact figures."""
    timeline, count = points.timeline, len(points.timeline.days)
    if timeline.cut_first:
        yield _stroke(points, line, slice(2), dash="2px,3px")
    if timeline.cut_last:
        yield _stroke(points, line, slice(-2, None), dash="2px,3px")
    yield _stroke(points, line, slice(int(timeline.cut_first), count - timeline.cut_last))
    yield _unseen(points, line)


def _unseen(points: Points, line: _Line) -> Trace:
    return {
        "type": "scatter",
        "x": points.timeline.days,
        "y": [value or 0.0 for value in line.values],
        "name": line.name,
        "mode": "lines",
        "line": {"width": 0, "color": line.colour},
        "customdata": line.texts,
        "hovertemplate": "<b>%{customdata}</b>",
    }


def _stroke(points: Points, line: _Line, part: slice, dash: str = "solid") -> Trace:
    values = line.values[part]
    alone = [_is_alone(values, number) for number in range(len(values))]
    return {
        "type": "scatter",
        "x": points.timeline.days[part],
        "y": values,
        "name": line.name,
        "mode": "lines+markers" if any(alone) else "lines",
        "line": {"color": line.colour, "width": line.width, "dash": dash},
        "marker": {"color": line.colour, "size": [6 * point for point in alone] if any(alone) else 6},
        "hoverinfo": "skip",
    }


def _is_alone(values: Sequence[float | None], number: int) -> bool:
    """Whether a value has no neighbour: a line needs two points to be seen."""
    beside = [*values[max(0, number - 1) : number], *values[number + 1 : number + 2]]
    return values[number] is not None and all(value is None for value in beside)


def _weight(points: Points) -> float:
    """How strong lines are: finer where many points leave them no room."""
    return 0.6 if len(points.timeline.days) > _MANY_POINTS else 1.0


def _axis(highest: float, form: Form) -> dict[str, object]:
    """An axis of money, or of whole numbers."""
    if form is formats.money:
        steps = ticks(highest)
        return upwards(steps, formats.money_ticks(steps))
    steps = ticks(highest, least_step=1)
    return upwards(steps, [form(step) for step in steps])
