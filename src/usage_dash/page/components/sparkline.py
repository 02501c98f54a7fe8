"""A line as small as a word, as an image that serves as a mask: the style sheet gives it its colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from urllib.parse import quote

_PLAIN = " =:/,.'-"  # what needs no escape inside double quotes
_WIDTH, _HEIGHT, _TOP, _BOTTOM = 300.0, 46.0, 6.0, 42.0


def sparkline(values: Sequence[float | None]) -> str:
    """A CSS value `url("data:…")` with the line and, fainter, the area under it; flat for zeros, a gap for None."""
    drawn = "".join(map(_stretch, _stretches(values if len(values) > 1 else (*values, *values) or (0.0, 0.0))))
    image = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH:g} {_HEIGHT:g}' preserveAspectRatio='none'>"
        f"{drawn}</svg>"
    )
    return f'url("data:image/svg+xml,{quote(image, safe=_PLAIN)}")'


def _stretches(values: Sequence[float | None]) -> Iterator[list[tuple[float, float]]]:
    """Give the points of each stretch of known values; one that stands alone is a short stroke."""
    step = _WIDTH / (len(values) - 1)
    scale = (_BOTTOM - _TOP) / (max((value for value in values if value), default=0.0) or 1.0)
    for known, found in groupby(enumerate(values), lambda each: each[1] is not None):
        if known:
            points = [(position * step, _BOTTOM - max(value or 0.0, 0.0) * scale) for position, value in found]
            (left, top), alone = points[0], len(points) == 1
            yield [(left - step / 4, top), (left + step / 4, top)] if alone else points


def _stretch(points: list[tuple[float, float]]) -> str:
    line = " ".join(f"{left:.1f},{top:.1f}" for left, top in points)
    area = f"{points[0][0]:.1f},{_HEIGHT:g} {line} {points[-1][0]:.1f},{_HEIGHT:g}"
    return (
        f"<polygon points='{area}' opacity='.1'/>"
        f"<polyline points='{line}' fill='none' stroke='#000' stroke-width='1.6' vector-effect='non-scaling-stroke'/>"
    )
