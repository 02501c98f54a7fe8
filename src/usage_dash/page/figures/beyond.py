"""What goes beyond a clipped axis: a triangle at its end, and above it the value in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from usage_dash.page.figures.axes import INK, Trace
from usage_dash.page.figures.points import Points
from usage_dash.reporting.sums import Sum
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form, narrow_amount

NAME: Final = "Higher than shown"
ROOM: Final = 26  # pixels above the axis

_APART: Final = 0.2  # of the width, which the words on a phone need
_EDGE: Final = 0.12  # of the width, at either end, where words stand inwards


def beyond(points: Points, values: Sequence[Sum], form: Form) -> Iterator[Trace]:
    """Draw what goes beyond the axis, where it is clipped."""
    if points.clip is None:
        return
    numbers = points.clip.beyond
    told = _told(numbers, values)
    short = formats.whole_money if form is formats.money else formats.compact
    yield {
        "type": "scatter",
        "x": [points.timeline.days[number] for number in numbers],
        "y": [points.clip.top] * len(numbers),
        "name": NAME,
        "mode": "markers+text",
        "marker": {"symbol": "triangle-up", "size": 9, "color": INK},
        "text": [narrow_amount(values[number], short) if number in told else "" for number in numbers],
        "textposition": [_position(number, len(values)) for number in numbers],
        "textfont": {"color": INK, "size": 12},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _told(numbers: Sequence[int], values: Sequence[Sum]) -> list[int]:
    """Return which points have room for words, the highest first."""
    told: list[int] = []
    for number in sorted(numbers, key=lambda number: values[number].known, reverse=True):
        if all(abs(number - other) >= _APART * len(values) for other in told):
            told.append(number)
    return told


def _position(number: int, count: int) -> str:
    at = number / (count - 1)
    side = "right" if at < _EDGE else "left" if at > 1 - _EDGE else "center"
    return f"top {side}"
