"""Lines over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from usage_dash.page.figures.axes import Trace
from usage_dash.page.figures.points import Points

_MANY_POINTS = 120
_TOLD = "<b>%{customdata}</b>"


@dataclass(frozen=True, slots=True)
class Line:
    """A line over time, with a gap where a value is unknown, and its values in words."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]
    colour: str
    width: float


def strokes(points: Points, line: Line) -> Iterator[Trace]:
    """Draw the line, dotted where a bucket is cut."""
    timeline, count = points.timeline, len(points.timeline.days)
    if timeline.cut_first:
        yield _stroke(points, line, slice(2), dash="2px,3px")
    if timeline.cut_last:
        yield _stroke(points, line, slice(-2, None), dash="2px,3px")
    yield _stroke(points, line, slice(int(timeline.cut_first), count - timeline.cut_last))


def unseen(points: Points, line: Line) -> Trace:
    """Return the line as hovering finds it, which tells the exact figures: over all of it, and over all else."""
    return {
        "type": "scatter",
        "x": points.timeline.days,
        "y": [points.within(value or 0.0) for value in line.values],
        "name": line.name,
        "mode": "lines",
        "line": {"width": 0, "color": line.colour},
        "customdata": line.texts,
        "hovertemplate": _template(points),
    }


def weight(points: Points) -> float:
    """How strong lines are: finer where many points leave them no room."""
    return 0.6 if len(points.timeline.days) > _MANY_POINTS else 1.0


def _template(points: Points) -> str | list[str]:
    """Return how hovering tells a point: where some are unusual, each in a way of its own."""
    if not points.unusual:
        return _TOLD
    said = {number: "<br>".join([_TOLD, *words]) for number, words in points.unusual.items()}
    return [said.get(number, _TOLD) for number in range(len(points.timeline.days))]


def _stroke(points: Points, line: Line, part: slice, dash: str = "solid") -> Trace:
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
