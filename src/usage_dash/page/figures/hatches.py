"""What is not itemised is hatched, and what a filter leaves out is faint."""

from __future__ import annotations

from collections.abc import Sequence

from usage_dash.page.figures.axes import SURFACE, faint
from usage_dash.page.marks import Mark

HATCH = {"shape": "/", "size": 5, "solidity": 0.28}
EDGE = 0.8  # of what is hatched: bare hatches have none

_LEFT_OUT = 0.32  # the opacity of what a filter leaves out


def solid(mark: Mark) -> str:
    """Return the colour of a mark that is filled; faint where a filter leaves it out."""
    return mark.colour if mark.chosen else faint(mark.colour, _LEFT_OUT)


def hatches(drawn: Sequence[Mark], between: float = 0) -> dict[str, object]:
    """Return what a marker needs where one is hatched: that has an edge, and others so much `between` them."""
    if not any(mark.hatched for mark in drawn):
        return {}
    edges = {
        "color": [solid(mark) if mark.hatched else SURFACE for mark in drawn],
        "width": [EDGE if mark.hatched else between for mark in drawn],
    }
    return {"pattern": _pattern(drawn), "line": edges}


def _pattern(drawn: Sequence[Mark]) -> dict[str, object]:
    """Return the pattern of each mark: of what is not itemised hatches, of others none."""
    colours = [solid(mark) for mark in drawn]
    shapes = [HATCH["shape"] if mark.hatched else "" for mark in drawn]
    return {**HATCH, "shape": shapes, "fgcolor": colours, "bgcolor": SURFACE}
