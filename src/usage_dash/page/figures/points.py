"""The points of a chart over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from usage_dash.page.marks import Click
from usage_dash.reporting.view_models import Timeline


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a chart over time: the timeline, what a click on each means, and what is said behind its figures.

    An aside tells what is not whole, as today “so far”. `zoom` names the view whose zoom to keep.
    """

    timeline: Timeline
    clicks: Sequence[Click | None]
    asides: Sequence[str]
    zoom: str
