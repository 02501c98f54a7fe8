"""Each model's share of the calls, as slices."""

from __future__ import annotations

from collections.abc import Sequence

from usage_dash.page.figures.axes import INK, SURFACE, Figure, figure
from usage_dash.page.figures.hatches import hatches
from usage_dash.page.figures.words import hover
from usage_dash.page.marks import Mark
from usage_dash.wording import formats

_BETWEEN_SLICES = 2


def model_distribution(split: Sequence[Mark]) -> Figure:
    """Each model's share of the calls in the range, and all calls in the middle."""
    drawn = [mark for mark in split if mark.calls.known > 0]
    calls = sum(int(mark.calls.known) for mark in drawn)
    word = formats.agree(calls, "call", "calls")
    middle = {
        "text": f"<b>{formats.compact(calls)}</b><br><span style='font-size:11px'>{word}</span>",
        "font": {"size": 16, "color": INK},
        "showarrow": False,
        "x": 0.27,
        "y": 0.5,
        "xanchor": "center",
    }
    return figure(
        [_slices(drawn, calls)],
        [mark.click for mark in drawn],
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=True,
        legend={
            "x": 0.6,
            "y": 0.5,
            "yanchor": "middle",
            "font": {"size": 12.5, "color": INK},
            "itemclick": False,
            "itemdoubleclick": False,
        },
        annotations=[middle],
    )


def _slices(drawn: Sequence[Mark], calls: int) -> dict[str, object]:
    return {
        "type": "pie",
        "labels": [mark.label for mark in drawn],
        "values": [float(mark.calls.known) for mark in drawn],  # as in `counts_over_time`
        "marker": {
            "colors": [mark.colour for mark in drawn],
            "line": {"color": SURFACE, "width": _BETWEEN_SLICES},
            **hatches(drawn, _BETWEEN_SLICES),
        },
        "hole": 0.66,
        "sort": False,
        "direction": "clockwise",
        "textinfo": "none",
        "domain": {"x": [0, 0.54]},
        "customdata": [
            hover(mark, f"{formats.counted(int(mark.calls.known), 'call')}, {formats.share(mark.calls.known / calls)}")
            for mark in drawn
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
