"""Rings around unusual days, of which the line that they are on tells more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from usage_dash.page.figures.axes import SURFACE, Trace
from usage_dash.page.figures.points import Points
from usage_dash.reporting.sums import Sum

_RING: Final = {"color": SURFACE, "size": 9, "line": {"color": "var(--ud-bad)", "width": 2}}
_BELOW: Final = 0.92  # of an axis that is clipped, where a ring leaves room for the triangle


def rings(points: Points, values: Sequence[Sum]) -> Iterator[Trace]:
    """Draw a ring at each unusual day."""
    if not points.unusual:
        return
    yield {
        "type": "scatter",
        "x": [points.timeline.days[number] for number in points.unusual],
        "y": [_height(points, float(values[number].known)) for number in points.unusual],
        "name": "Unusual",
        "mode": "markers",
        "marker": _RING,
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _height(points: Points, height: float) -> float:
    seen = points.within(height)
    return seen if seen == height else _BELOW * seen
