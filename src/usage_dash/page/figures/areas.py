"""What stands beneath a line over time, or in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from usage_dash.page.figures.axes import SURFACE, Trace, faint
from usage_dash.page.figures.hatches import EDGE, HATCH, hatches
from usage_dash.page.figures.points import Points
from usage_dash.page.figures.strokes import weight
from usage_dash.page.figures.words import in_words
from usage_dash.page.marks import Mark, lines
from usage_dash.reporting.sums import Sum
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form

_INK_3 = "var(--ud-ink-3)"
_BLOCK = 6 * 3_600_000  # milliseconds of a day that a single point takes


def area(points: Points, mark: Mark, values: Sequence[Sum]) -> Trace:
    """A model's area on those below it."""
    return {
        "type": "scatter",
        "x": points.timeline.days,
        "y": [value.known for value in values],
        "name": lines(mark.name),
        "stackgroup": "models",
        "mode": "lines",
        "line": {"width": (EDGE if mark.hatched else 1.2) * weight(points), "color": mark.colour},
        **_fill(mark),
        "customdata": [in_words(value, formats.money) for value in values],
        "hovertemplate": "%{customdata}",
    }


def block(points: Points, mark: Mark, values: Sequence[Sum]) -> Trace:
    """A single point is no line, and has nothing under it."""
    return {
        "type": "bar",
        "x": points.timeline.days,
        "y": [value.known for value in values],
        "width": _BLOCK,
        "name": lines(mark.name),
        "marker": hatches([mark]) | {"color": mark.colour if mark.hatched else faint(mark.colour, 0.6)},
        "customdata": [in_words(value, formats.money) for value in values],
        "hovertemplate": "%{customdata}",
    }


def filled(
    points: Points, values: Sequence[Sum], not_itemised: Sequence[Sum], form: Form, colour: str
) -> Iterator[Trace]:
    """The area beneath a line, and within it, up to the line, what is not itemised."""
    heights = [float(value.known) for value in values]
    below = (
        [height - float(rest.known) for height, rest in zip(heights, not_itemised, strict=True)]
        if not_itemised
        else heights
    )
    ground = {"type": "scatter", "x": points.timeline.days, "mode": "lines", "line": {"width": 0}}
    edge = {"width": EDGE if not_itemised else 0, "color": _INK_3}
    yield ground | {"y": below, "line": edge, "fill": "tozeroy", "fillcolor": faint(colour, 0.12), "hoverinfo": "skip"}
    if not_itemised:
        yield ground | {
            "y": heights,
            "name": "Not itemised",
            "fill": "tonexty",
            "fillpattern": HATCH | {"fgcolor": _INK_3, "bgcolor": SURFACE},
            "line": {"width": 0, "color": _INK_3},
            "customdata": [in_words(rest, form) for rest in not_itemised],
            "hovertemplate": "%{customdata}",
        }


def bars_over_time(points: Points, name: str, values: Sequence[int], colour: str) -> Trace:
    """Bars, faint where a bucket is not whole."""
    return {
        "type": "bar",
        "x": points.timeline.days,
        "y": values,
        "width": _BLOCK if len(values) == 1 else None,
        "name": name,
        "marker": {"color": [faint(colour, 0.45) if aside else colour for aside in points.asides]},
        "hovertemplate": "%{y:,}",
    }


def _fill(mark: Mark) -> Trace:
    if mark.hatched:
        return {"fillpattern": HATCH | {"fgcolor": mark.colour, "bgcolor": SURFACE}}
    return {"fillcolor": faint(mark.colour, 0.22)}
