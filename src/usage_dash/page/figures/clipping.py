"""An axis upwards that ends below its highest points, so that one spike does not flatten all others.

Where the highest point is over four times as high as the rest, the axis ends at what the rest needs, and never beyond
twice as high as they are. The rest are all points but the highest tenth of those that are above zero, and but one where
these are fewer than twenty. With fewer than four of them there is no rest to speak of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_FEW: Final = 10  # the highest are one in so many, and at least one
DWARFS: Final = 4  # times as high as the rest
_MOST: Final = 2  # times as high as the rest: as far as the axis goes
_ROOM: Final = 1.15  # of it above the highest point that fits
_LEAST: Final = 4  # points


@dataclass(frozen=True, slots=True)
class Clip:
    """Where an axis ends, and the numbers of the points that go beyond it."""

    top: float
    beyond: tuple[int, ...]


def clip(heights: Sequence[float]) -> Clip | None:
    """Return where to clip the axis of points of these heights; None where all of them can be seen."""
    used = sorted((height for height in heights if height > 0), reverse=True)
    if len(used) < _LEAST:
        return None
    rest = used[max(1, len(used) // _FEW)]
    if used[0] <= DWARFS * rest:
        return None
    end = _MOST * rest
    fits = max(height for height in used if height <= end)
    return Clip(min(_ROOM * fits, end), tuple(number for number, height in enumerate(heights) if height > end))
