"""What all figures are drawn on: ground, letters, ticks, and the axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from usage_dash.page.marks import Click
from usage_dash.reporting.filters import By
from usage_dash.reporting.ranges import DAY, length_of
from usage_dash.reporting.view_models import Timeline

Figure: TypeAlias = dict[str, Any]  # as plotly.js takes it: plotly's own classes take 5 ms to say the same
Trace: TypeAlias = dict[str, Any]

INK = "var(--ud-ink)"
SURFACE = "var(--ud-surface)"

_INK_3, _LINE = "var(--ud-ink-3)", "var(--ud-line)"
_MOST_LABELS, _MOST_WIDE_LABELS = 7, 4  # along the axis of time; those that tell the year are wide
_MOST_STEPS = 5  # of an axis upwards
_WIDE_DAYS = 200  # beyond so many days the axis tells months
_TOLD = {By.DAY: "%a %-d %b %Y", By.WEEK: "Week of %-d %b %Y", By.MONTH: "%B %Y"}


def figure(traces: Sequence[Trace], clicks: Sequence[Click | None], **layout: Any) -> Figure:
    """Return a figure; `clicks` say what a click on each of its points, or bars, filters by."""
    ground = {
        "template": "none",
        "paper_bgcolor": SURFACE,
        "plot_bgcolor": SURFACE,
        "font": {"family": "Inter Variable, system-ui, sans-serif", "size": 12, "color": _INK_3},
        "hoverlabel": {
            "bgcolor": SURFACE,
            "bordercolor": _LINE,
            "font": {"color": INK, "size": 12.5},
            "namelength": -1,
        },
        "showlegend": False,
        "meta": {"clicks": list(clicks)},
    }
    return {"data": list(traces), "layout": ground | layout}


def faint(colour: str, opacity: float) -> str:
    """Return the colour with an opacity, as assets/charts.js reads it."""
    return f"{colour[:-1]}, {opacity})"


def over_time(timeline: Timeline, zoom: str) -> dict[str, Any]:
    """Return the layout of a chart over time. `zoom` names the view whose zoom to keep."""
    wide = _is_wide(timeline)
    labels = _labels(timeline, wide=wide)
    last_is_told = timeline.days[-1:] == labels.get("tickvals", ())[-1:]  # it stands at the edge, and needs room there
    room = (32 if wide else 24) if last_is_told else 12
    return {
        "margin": {"l": 40, "r": room, "t": 8, "b": 26},
        "hovermode": "x unified",
        "hoverdistance": -1,  # a lone point answers from anywhere
        "uirevision": zoom,
        "xaxis": {
            "type": "date",
            "tickformat": "%b %Y" if wide else "%-d %b",
            "hoverformat": _TOLD[timeline.bucket],
            **labels,
            "ticks": "outside",  # unseen, they keep the first day's label off the lowest figure
            "ticklen": 5,
            "tickcolor": SURFACE,
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": _LINE,
            "spikecolor": "var(--ud-line-strong)",
            "spikethickness": 1,
            "spikedash": "solid",
        },
    }


def _is_wide(timeline: Timeline) -> bool:
    days = timeline.days
    return timeline.bucket == By.MONTH or (bool(days) and length_of(days[0], days[-1]) > _WIDE_DAYS)


def _labels(timeline: Timeline, *, wide: bool) -> dict[str, Any]:
    """Return which points of an axis are labelled, where plotly would label hours, or Sundays."""
    days = timeline.days
    if len(days) == 1:
        return {"tickvals": days, "range": [f"{days[0] - DAY} 12:00", f"{days[0]} 12:00"]}
    if len(days) <= _MOST_LABELS or (timeline.bucket == By.WEEK and not wide):
        most = _MOST_WIDE_LABELS if wide else _MOST_LABELS
        return {"tickvals": days[:: -(-len(days) // most)] if days else days}
    return {} if wide else {"nticks": _MOST_LABELS}  # plotly knows how many months there is room for


def upwards(values: Sequence[float], words: Sequence[str]) -> dict[str, Any]:
    """Return an axis upwards from 0 with these ticks."""
    return {
        "gridcolor": _LINE,
        "zeroline": False,
        "rangemode": "tozero",
        "fixedrange": True,
        "automargin": True,
        "tickvals": list(values),
        "ticktext": list(words),
    }


def ticks(highest: float, least_step: int = 0) -> list[float]:
    """From 0 on, at most five steps of 1, 2 or 5 times a power of ten; plotly's own ticks come in units like “$5µ”."""
    if not highest:
        return [0.0]
    top = Decimal(str(highest))
    rough = max(top / _MOST_STEPS, Decimal(least_step))
    power = Decimal(10) ** rough.adjusted()
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= rough)
    return [float(number * step) for number in range(int(top / step) + 1)]
