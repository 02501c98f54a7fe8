"""What hovering over a figure tells, and its table."""

from __future__ import annotations

from collections.abc import Sequence

from usage_dash.page.figures.points import Points
from usage_dash.page.marks import Mark, lines
from usage_dash.reporting.sums import Sum
from usage_dash.wording.amounts import Form, full_amount


def in_words(found: Sum, form: Form) -> str:
    """Return a sum as hovering and tables tell it."""
    return full_amount(found, form, "entry", "entries")


def told(points: Points, values: Sequence[Sum], form: Form) -> list[str]:
    """Return what is said of the figure of each point."""
    return [f"{in_words(value, form)}{aside}" for value, aside in zip(values, points.asides, strict=True)]


def hover(mark: Mark, said: str) -> str:
    """Return what hovering over a mark tells: its whole name, and this of it."""
    return "<br>".join([f"{lines(mark.name)}: <b>{said}</b>", *map(lines, mark.more)])
