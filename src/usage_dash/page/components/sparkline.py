"""A line as small as a word, as an image that serves as a mask: the style sheet gives it its colour."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

_PLAIN = " =:/,.'-"  # what needs no escape inside double quotes
_WIDTH, _HEIGHT, _TOP, _BOTTOM = 300.0, 46.0, 6.0, 42.0


def sparkline(values: Sequence[float]) -> str:
    """A CSS value `url("data:…")` with the line and, fainter, the area under it; flat at the bottom for zeros."""
    points = " ".join(_points(values if len(values) > 1 else (*values, *values) or (0.0, 0.0)))
    area = f"0,{_HEIGHT:g} {points} {_WIDTH:g},{_HEIGHT:g}"
    image = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH:g} {_HEIGHT:g}' preserveAspectRatio='none'>"
        f"<polygon points='{area}' opacity='.1'/>"
        f"<polyline points='{points}' fill='none' stroke='#000' stroke-width='1.6' vector-effect='non-scaling-stroke'/>"
        "</svg>"
    )
    return f'url("data:image/svg+xml,{quote(image, safe=_PLAIN)}")'


def _points(values: Sequence[float]) -> list[str]:
    top = max(*values, 0.0) or 1.0
    step = _WIDTH / (len(values) - 1)
    scale = (_BOTTOM - _TOP) / top
    return [f"{position * step:.1f},{_BOTTOM - max(value, 0.0) * scale:.1f}" for position, value in enumerate(values)]
