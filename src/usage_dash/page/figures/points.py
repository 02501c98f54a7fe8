"""The points of a chart over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from usage_dash.page.figures.clipping import Clip
from usage_dash.page.marks import Click
from usage_dash.reporting.view_models import Timeline


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a chart over time: the timeline, what a click on each means, and what is said behind its figures.

    An aside tells what is not whole, as today “so far”. `zoom` names the view whose zoom to keep. With a `clip`
    the axis upwards ends there. `unusual` tells of a point's number what is unusual about it, in a few words each.
    """

    timeline: Timeline
    clicks: Sequence[Click | None]
    asides: Sequence[str]
    zoom: str
    clip: Clip | None = None
    unusual: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def within(self, height: float) -> float:
        """Return the height as far as the axis goes."""
        return height if self.clip is None else min(height, self.clip.top)
