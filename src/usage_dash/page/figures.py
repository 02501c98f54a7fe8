"""View models as figures; one function a chart.

Colours stand as `var(--name)` or `var(--name, opacity)`, tokens of assets/tokens.css: the browser puts in the colours
of its theme, so that one figure suits both. Everything drawn is bars, lines and pies, all that the basic bundle knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from usage_dash.page import formats
from usage_dash.page.amounts import full_amount, narrow_amount
from usage_dash.page.marks import Mark, marks
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import ModelUsage, Timeline

_MOST_STEPS = 5  # along the axis of a chart over time
_MANY_POINTS = 120
_WIDE_DAYS = 200  # from so many days on the axis tells months

_INK, _INK_3 = "var(--ud-ink)", "var(--ud-ink-3)"
_LINE, _SURFACE, _CALLS = "var(--ud-line)", "var(--ud-surface)", "var(--ud-model-2)"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line over time, with a gap where a value is unknown, and its values in words."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]
    colour: str
    width: float


def cost_over_time(timeline: Timeline, split: Sequence[ModelUsage], *, zoom: str) -> go.Figure:
    """Cost a bucket: the models stacked, the total as a line above them. `zoom` names the view whose zoom to keep."""
    figure = _figure(**_time_layout(timeline, zoom))
    weight = _weight(timeline)
    costs = {series.model: series.cost for series in timeline.models}
    for mark in marks(split):
        values = [total(bucket) for bucket in zip(*(costs[model] for model in mark.models), strict=True)]
        figure.add_scatter(
            x=timeline.days,
            y=[value.known for value in values],
            name=mark.name,
            stackgroup="models",
            mode="lines",
            line={"width": 1.2 * weight, "color": mark.colour},
            fillcolor=_faint(mark.colour, 0.22),
            customdata=[_cost(value) for value in values],
            hovertemplate="%{customdata}",
        )
    texts = [_cost(value) for value in timeline.cost]
    _add_line(figure, timeline, _Line("Total", [value.least for value in timeline.cost], texts, _INK, 1.8 * weight))
    ticks = _ticks(max((value.known for value in timeline.cost), default=0.0))
    figure.update_yaxes(tickvals=ticks, ticktext=formats.money_ticks(ticks))
    return figure


def calls_over_time(timeline: Timeline, *, zoom: str) -> go.Figure:
    """API calls a bucket, of all models."""
    figure = _figure(**_time_layout(timeline, zoom))
    figure.add_scatter(
        x=timeline.days,
        y=timeline.calls,
        mode="lines",
        line={"width": 0},
        fill="tozeroy",
        fillcolor=_faint(_CALLS, 0.12),
        hoverinfo="skip",
    )
    texts = [formats.number(count) for count in timeline.calls]
    _add_line(figure, timeline, _Line("Calls", timeline.calls, texts, _CALLS, 2 * _weight(timeline)))
    ticks = _ticks(max(timeline.calls, default=0), least_step=1)
    figure.update_yaxes(tickvals=ticks, ticktext=[formats.number(tick) for tick in ticks])
    return figure


def cost_by_model(split: Sequence[ModelUsage]) -> go.Figure:
    """What each model cost in the range, dearest on top."""
    drawn = marks(split)[::-1]
    figure = _figure(margin={"l": 8, "r": 64, "t": 8, "b": 8}, hovermode="closest", bargap=0.32)
    figure.add_bar(
        orientation="h",
        x=[mark.cost.known for mark in drawn],
        y=[mark.label for mark in drawn],
        marker={"color": [mark.colour for mark in drawn], "cornerradius": 4},
        text=[narrow_amount(mark.cost, formats.whole_money) for mark in drawn],
        textposition="outside",
        textfont={"color": _INK, "size": 12.5},
        cliponaxis=False,
        customdata=[_hover(mark, _cost(mark.cost)) for mark in drawn],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_xaxes(visible=False, fixedrange=True, rangemode="tozero")
    figure.update_yaxes(
        type="category",
        tickmode="linear",  # or plotly leaves names out to have fewer
        dtick=1,
        showgrid=False,
        ticklabelstandoff=6,
        tickfont={"color": _INK, "size": 12.5},
    )
    return figure


def model_distribution(split: Sequence[ModelUsage]) -> go.Figure:
    """Each model's share of the calls in the range, and all calls in the middle."""
    drawn = [mark for mark in marks(split) if mark.calls > 0]
    calls = sum(mark.calls for mark in drawn)
    figure = _figure(margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=True)
    figure.add_pie(
        labels=[mark.label for mark in drawn],
        values=[mark.calls for mark in drawn],
        marker={"colors": [mark.colour for mark in drawn], "line": {"color": _SURFACE, "width": 2}},
        hole=0.66,
        sort=False,
        direction="clockwise",
        textinfo="none",
        domain={"x": [0, 0.54]},
        customdata=[
            _hover(mark, f"{formats.counted(mark.calls, 'call')}, {formats.share(mark.calls / calls)}")
            for mark in drawn
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    legend_font = {"size": 12.5, "color": _INK}
    figure.update_layout(
        legend={
            "x": 0.6,
            "y": 0.5,
            "yanchor": "middle",
            "font": legend_font,
            "itemclick": False,
            "itemdoubleclick": False,
        }
    )
    word = formats.agree(calls, "call", "calls")
    figure.add_annotation(
        text=f"<b>{formats.compact(calls)}</b><br><span style='font-size:11px'>{word}</span>",
        font={"size": 16, "color": _INK},
        showarrow=False,
        x=0.27,
        y=0.5,
        xanchor="center",
    )
    return figure


def _cost(found: Sum) -> str:
    return full_amount(found, formats.money, "entry", "entries")


def _hover(mark: Mark, said: str) -> str:
    return f"{mark.name}: <b>{said}</b>"


def _faint(colour: str, opacity: float) -> str:
    return f"{colour[:-1]}, {opacity})"


def _add_line(figure: go.Figure, timeline: Timeline, line: _Line) -> None:
    """Draw the line, to its unfinished last bucket dotted; an unseen line over both tells the exact figures."""
    _add_stroke(figure, timeline, line, slice(-2, None), dash="1px,3px")
    _add_stroke(figure, timeline, line, slice(-1))
    figure.add_scatter(
        x=timeline.days,
        y=[value or 0.0 for value in line.values],
        name=line.name,
        mode="lines",
        line={"width": 0, "color": line.colour},
        customdata=[*line.texts[:-1], *(f"{text} so far" for text in line.texts[-1:])],
        hovertemplate="<b>%{customdata}</b>",
    )


def _add_stroke(figure: go.Figure, timeline: Timeline, line: _Line, part: slice, dash: str = "solid") -> None:
    values = line.values[part]
    alone = [_is_alone(values, number) for number in range(len(values))]
    figure.add_scatter(
        x=timeline.days[part],
        y=values,
        mode="lines+markers" if any(alone) else "lines",
        line={"color": line.colour, "width": line.width, "dash": dash},
        marker={"color": line.colour, "size": [6 * point for point in alone] if any(alone) else 6},
        hoverinfo="skip",
    )


def _is_alone(values: Sequence[float | None], number: int) -> bool:
    """Whether a value has no neighbour: a line needs two points to be seen."""
    beside = [*values[max(0, number - 1) : number], *values[number + 1 : number + 2]]
    return values[number] is not None and all(value is None for value in beside)


def _figure(**layout: Any) -> go.Figure:
    figure = go.Figure(
        layout={
            "template": "none",
            "paper_bgcolor": _SURFACE,
            "plot_bgcolor": _SURFACE,
            "font": {"family": "Inter Variable, system-ui, sans-serif", "size": 12, "color": _INK_3},
            "hoverlabel": {
                "bgcolor": _SURFACE,
                "bordercolor": _LINE,
                "font": {"color": _INK, "size": 12.5},
                "namelength": -1,
            },
            "showlegend": False,
            **layout,
        }
    )
    figure.update_yaxes(
        gridcolor=_LINE,
        zeroline=False,
        rangemode="tozero",
        fixedrange=True,
        automargin=True,
    )
    return figure


def _weight(timeline: Timeline) -> float:
    """How strong lines are: finer where many points leave them no room."""
    return 0.6 if len(timeline.days) > _MANY_POINTS else 1.0


def _ticks(highest: float, least_step: int = 0) -> list[float]:
    """From 0 on, at most five steps of 1, 2 or 5 times a power of ten; plotly's own ticks come in units like “$5µ”."""
    if not highest:
        return [0.0]
    top = Decimal(str(highest))
    rough = max(top / _MOST_STEPS, Decimal(least_step))
    power = Decimal(10) ** rough.adjusted()
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= rough)
    return [float(number * step) for number in range(int(top / step) + 1)]


def _time_layout(timeline: Timeline, zoom: str) -> dict[str, Any]:
    months = timeline.bucket == "month"
    wide = months or len(timeline.days) > _WIDE_DAYS
    return {
        "margin": {"l": 40, "r": 12, "t": 8, "b": 30},
        "hovermode": "x unified",
        "uirevision": zoom,
        "xaxis": {
            "type": "date",
            "tickformat": "%b %Y" if wide else "%-d %b",
            "hoverformat": "%B %Y" if months else "%a %-d %b %Y",
            "nticks": 7,
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": _LINE,
            "spikecolor": "var(--ud-line-strong)",
            "spikethickness": 1,
            "spikedash": "solid",
        },
    }
