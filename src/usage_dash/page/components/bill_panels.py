"""What is recorded beside what OpenAI billed: a chart of the days, and what explains the gap."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from dash import html
from dash.development.base_component import Component

from usage_dash.page import ids
from usage_dash.page.components.chart import TRUST_ROW, Chart, Table
from usage_dash.page.components.chart_panels import head, key
from usage_dash.page.components.elements import panel
from usage_dash.page.components.times import Clock
from usage_dash.page.figures.axes import SURFACE, Figure, Trace, faint, figure, over_time, ticks, upwards
from usage_dash.page.figures.words import in_words
from usage_dash.reporting.billed import Billed, BilledDay
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import beyond
from usage_dash.reporting.view_models import Timeline
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount

_RECORDED, _MISSING = "var(--ud-accent)", "var(--ud-warn)"
_BLOCK = 6 * 3_600_000  # milliseconds of a day that a lone bar takes
_PALE = 0.45  # of days that OpenAI still adds to
_REST, _LESS = "Billed, not recorded", "Billed, less what is recorded"


def recorded_and_billed(found: Billed, clock: Clock) -> Chart:
    """Return what was recorded on each UTC day, and on it what was billed beyond that."""
    sum_of_days = f" {narrow_amount(found.recorded, formats.money)}" if found.is_compared else ""
    told = [("swatch recorded", f"Recorded{sum_of_days}")]
    told += (
        [("swatch missing", f"{_REST} {formats.money(beyond(found.billed, found.recorded.known))}")]
        if _is_short(found)
        else []
    )
    return Chart(
        _figure(found.days),
        Table(("UTC day", "Recorded", "Billed"), list(map(_row, found.days))),
        f"Bar chart: recorded and billed per UTC day{_summary(found)}.",
        head(ids.RECORDED_AND_BILLED, TRUST_ROW[ids.RECORDED_AND_BILLED], "per UTC day", _asked(found, clock)),
        name="recorded-and-billed",
        key=key([*told, ("swatch provisional", "Provisional")]),
    )


def gap(found: Billed) -> list[Component]:
    """What the gap between bill and record is made of, down to what nobody can explain."""
    if not found.parts:
        return []
    dollars = [part.dollars for part in found.parts]
    *amounts, gap = formats.added_up([*dollars, fsum(dollars)])
    rows = [
        html.Tr([html.Th([part.what, html.Span(part.detail, className="sub")], scope="row"), html.Td(dollars)])
        for part, dollars in zip(found.parts, amounts, strict=True)
    ]
    foot = html.Tfoot(html.Tr([html.Th(_REST if _is_short(found) else _LESS, scope="row"), html.Td(gap)]))
    return [panel("What explains the gap", "", [html.Table([html.Tbody(rows), foot], className="data num")])]


def _is_short(found: Billed) -> bool:
    return beyond(found.billed, found.recorded.known) > 0


def _summary(found: Billed) -> str:
    """Return the sums of the whole days that are compared; of none, nothing."""
    said = f"; {in_words(found.recorded, formats.money)} recorded and {formats.money(found.billed)} billed"
    return said if found.is_compared else ""


def _asked(found: Billed, clock: Clock) -> list[Component]:
    if found.asked is None:
        return []
    return [html.Span(["OpenAI asked ", clock.since(found.asked), ", once an hour"], className="sub")]


def _row(day: BilledDay) -> list[str]:
    name = f"{formats.day(day.day)}{', provisional' if day.provisional else ''}"
    return [name, in_words(day.recorded, formats.money), formats.money(day.billed)]


def _figure(days: Sequence[BilledDay]) -> Figure:
    rest = [beyond(day.billed or 0.0, day.recorded.known) for day in days]
    recorded = _bars(days, "Recorded", [day.recorded.known for day in days])
    recorded["marker"] = {"color": _each(days, _RECORDED)}
    recorded["customdata"] = [in_words(day.recorded, formats.money) for day in days]
    missing = _bars(days, _REST, rest)
    missing["customdata"] = [
        formats.money(each) if day.billed is not None else "not told yet" for day, each in zip(days, rest, strict=True)
    ]
    edges = _each(days, _MISSING)
    missing["marker"] = {
        "color": SURFACE,
        "line": {"width": [float(amount > 0) for amount in rest], "color": edges},
        "pattern": {
            "shape": "/",
            "fillmode": "replace",
            "fgcolor": edges,
            "bgcolor": SURFACE,
            "size": 4,
            "solidity": 0.32,
        },
    }
    steps = ticks(max((each + day.recorded.known for day, each in zip(days, rest, strict=True)), default=0.0))
    timeline = Timeline(tuple(day.day for day in days), By.DAY, (), (), ())
    return figure(
        [recorded, missing],
        [None] * len(days),
        **over_time(timeline, "billed"),
        barmode="stack",
        bargap=0.32,
        yaxis=upwards(steps, formats.money_ticks(steps)),
    )


def _bars(days: Sequence[BilledDay], name: str, dollars: Sequence[float]) -> Trace:
    return {
        "type": "bar",
        "x": [day.day for day in days],
        "y": list(dollars),
        "width": _BLOCK if len(days) == 1 else None,
        "name": name,
        "hovertemplate": "%{customdata}",
    }


def _each(days: Sequence[BilledDay], colour: str) -> list[str]:
    return [faint(colour, _PALE) if day.provisional else colour for day in days]
