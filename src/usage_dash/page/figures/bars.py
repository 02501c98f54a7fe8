"""What each model, user or team cost, as bars."""

from __future__ import annotations

from collections.abc import Sequence

from usage_dash.page.figures.axes import INK, Figure, figure
from usage_dash.page.figures.hatches import hatches, solid
from usage_dash.page.figures.words import hover, in_words
from usage_dash.page.marks import Mark
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount

_BAR, _FULL = 0.68, 5  # of its place; with fewer bars than so many they stay as thick as they would be


def bars(drawn: Sequence[Mark]) -> Figure:
    """What each model, user or team cost in the range, from the top down; what a filter leaves out is faint."""
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [mark.cost.known for mark in drawn],
        "y": [mark.label for mark in drawn],
        "width": _BAR * min(1, len(drawn) / _FULL),
        "marker": {
            "color": [solid(mark) for mark in drawn],
            "cornerradius": 4,
            **hatches(drawn),
        },
        "text": [narrow_amount(mark.cost, formats.whole_money) for mark in drawn],
        "textposition": "outside",
        "textfont": {"color": INK, "size": 12.5},
        "cliponaxis": False,
        "customdata": [hover(mark, in_words(mark.cost, formats.money)) for mark in drawn],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return figure(
        [trace],
        [mark.click for mark in drawn],
        margin={"l": 8, "r": 64, "t": 8, "b": 8},
        hovermode="closest",
        clickanywhere=True,  # a bar of next to nothing is hard to hit
        xaxis={"visible": False, "fixedrange": True, "rangemode": "tozero"},
        yaxis={
            "type": "category",
            "autorange": "reversed",
            "tickmode": "linear",  # or plotly leaves names out to have fewer
            "dtick": 1,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
            "ticklabelstandoff": 6,
            "tickfont": {"color": INK, "size": 12.5},
        },
    )
