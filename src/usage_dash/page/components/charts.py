"""The four charts in their panels; assets/charts.js puts the colours of the theme into the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from usage_dash.page import figures, formats, ids
from usage_dash.page.amounts import Form, amount, full_amount, lacking
from usage_dash.page.components.elements import attributes
from usage_dash.page.names import fenced
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import ModelUsage, Overview, Timeline

TITLES = {
    ids.COST_OVER_TIME: "Cost over time",
    ids.COST_BY_MODEL: "Cost by model",
    ids.CALLS_OVER_TIME: "API calls over time",
    ids.MODEL_DISTRIBUTION: "Model distribution",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """What one panel shows: the figure, a word beside the title, and the figure in words."""

    figure: dict[str, Any]
    caption: str
    summary: str


def layout() -> html.Div:
    """The panels, before anything is known."""
    panels = [_panel(chart, title) for chart, title in TITLES.items()]
    return html.Div([*panels, html.Div(id=ids.PERSON_MODELS, className="person-models")], className="grid charts")


def caption_id(chart: str) -> str:
    """The element beside the title."""
    return f"{chart}-caption"


def summary_id(chart: str) -> str:
    """The element that names the chart, in words, for those who do not see it."""
    return f"{chart}-summary"


def charts(overview: Overview, timeline: Timeline, split: Sequence[ModelUsage], zoom: str) -> dict[str, Chart]:
    """All charts by id. `zoom` names the view: as long as it stays the same, so does what a viewer zoomed to."""
    label = overview.range.label
    per = "daily" if timeline.bucket == "day" else "monthly"
    timed_calls = [Sum(count) for count in timeline.calls]
    cost = full_amount(overview.cost.in_range, formats.money, "entry", "entries")
    spent = _in_range(overview.cost.in_range, label)
    calls = amount(overview.calls.in_range, formats.number)
    by_cost = _listing(split, [full_amount(usage.cost, formats.money, "entry", "entries") for usage in split])
    by_calls = _listing(split, [formats.counted(usage.calls, "call") for usage in split])
    return {
        ids.COST_OVER_TIME: Chart(
            _plain(figures.cost_over_time(timeline, split, zoom=zoom)),
            f"{cost} · {per}, by model",
            f"Line chart: {per} cost, {spent}; {_peak(timeline, timeline.cost, formats.money)}",
        ),
        ids.COST_BY_MODEL: Chart(
            _plain(figures.cost_by_model(split)), label, f"Bar chart: cost by model {label}: {by_cost}."
        ),
        ids.CALLS_OVER_TIME: Chart(
            _plain(figures.calls_over_time(timeline, zoom=zoom)),
            f"{calls} · {per}",
            f"Line chart: {per} API calls, {calls} {label}; {_peak(timeline, timed_calls, formats.number)}",
        ),
        ids.MODEL_DISTRIBUTION: Chart(
            _plain(figures.model_distribution(split)),
            "share of calls",
            f"Donut chart: API calls by model {label}: {by_calls}.",
        ),
    }


def _panel(chart: str, title: str) -> html.Section:
    graph = dcc.Graph(
        id=chart,
        figure={"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}}},
        config={"displayModeBar": False, "showTips": False},
        responsive=True,
        className="graph",
    )
    return html.Section(
        [
            html.Div(
                [html.H2(title, id=f"{chart}-title"), html.Span(id=caption_id(chart), className="sub num")],
                className="hd",
            ),
            html.Div(
                graph, id=summary_id(chart), className="plot", role="img", **attributes(aria_label=f"{title}: loading")
            ),
        ],
        className="card panel",
        **attributes(aria_labelledby=f"{chart}-title"),
    )


def _plain(figure: Any) -> dict[str, Any]:
    plain: dict[str, Any] = figure.to_dict()
    return plain


def _listing(split: Sequence[ModelUsage], amounts: Sequence[str]) -> str:
    return ", ".join(f"{fenced(usage.model)} {amount}" for usage, amount in zip(split, amounts, strict=True)) or "none"


def _in_range(cost: Sum, label: str) -> str:
    aside = f", {lacking(cost, 'entry', 'entries')}" if cost.lacking else ""
    return f"{amount(cost, formats.money)} {label}{aside}"


def _peak(timeline: Timeline, values: Sequence[Sum], form: Form) -> str:
    if not any(value.known for value in values):
        return "none in this time." if total(values).exact == 0 else "when it was highest is unknown."
    highest = max(range(len(values)), key=lambda number: values[number].known)
    day = timeline.days[highest]
    when = formats.day(day) if timeline.bucket == "day" else formats.month(day)
    known = "highest known" if total(values).lacking else "highest"
    return f"{known} {amount(values[highest], form)} {'on' if timeline.bucket == 'day' else 'in'} {when}."
