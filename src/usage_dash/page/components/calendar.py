"""The calendar: ranges that have no segment of their own, and any two days (assets/calendar.js draws it)."""

from __future__ import annotations

import calendar as weeks
import json
from datetime import date
from typing import Any

from dash import html

from usage_dash.page.components.elements import attributes
from usage_dash.page.components.popover import Change
from usage_dash.page.components.seen import Seen
from usage_dash.page.ids import CALENDAR
from usage_dash.reporting.ranges import DAY, EARLIEST_DAY

_QUARTER = 3  # months
_WORDS = {
    "months": list(weeks.month_name)[1:],
    "weekdays": list(weeks.day_name),
    "days": ["1 day", "{} days"],
    "earlier": "Earlier",
    "later": "Later",
    "from": "From",
    "to": "To",
    "unread": "Write days as 3 Nov 2026",
}


def layout() -> html.Div:
    """The calendar, which is the same for all; what opens it says which days there are."""
    parts = [
        html.Div(className="choices pre", **attributes(data_presets="")),
        html.Div(className="months", **attributes(data_months="")),
        _foot(),
    ]
    told = attributes(data_label="Custom range", data_words=json.dumps(_WORDS))
    return html.Div(parts, id=CALENDAR, className="pop cal", **told)


def facts(seen: Seen) -> dict[str, Any]:
    """Return which days there are and are shown, and ranges by name, as attributes of what opens the calendar."""
    return attributes(
        data_today=seen.today.isoformat(),
        data_earliest=EARLIEST_DAY.isoformat(),
        data_from=seen.shown.first.isoformat(),
        data_to=seen.shown.last.isoformat(),
        data_zone=seen.zone.key,
        data_compare=seen.filters.compare.value,
        data_ranges=json.dumps(presets(seen.today)),
    )


def presets(today: date) -> list[tuple[str, Change]]:
    """Return the ranges by name, each as a change of the address."""
    quarter = today.replace(month=today.month - (today.month - 1) % _QUARTER, day=1)
    last_quarter = (quarter - DAY).replace(day=1)
    last_quarter = last_quarter.replace(month=last_quarter.month - _QUARTER + 1)
    return [
        ("Today", _days(today, today)),
        ("Yesterday", _days(today - DAY, today - DAY)),
        ("Last 14 days", _days(today - 13 * DAY, today)),
        ("This quarter", _days(quarter, today)),
        ("Last quarter", _days(last_quarter, quarter - DAY)),
        ("Year to date", _days(today.replace(month=1, day=1), today)),
        ("All", {"range": "all", "from": None, "to": None}),
    ]


def _days(first: date, last: date) -> Change:
    return {"range": None, "from": first.isoformat(), "to": last.isoformat()}


def _foot() -> html.Div:
    return html.Div(
        [
            html.Span(className="typed", **attributes(data_typed="")),
            html.Span(className="num two", role="status", **attributes(data_told="")),
            html.Span(className="grow"),
            html.Button("Cancel", className="b", type="button", **attributes(data_closes_popover="")),
            html.Button("Show", className="b primary", type="button", **attributes(data_show_days="")),
        ],
        className="bottom",
    )
