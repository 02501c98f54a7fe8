"""The calendar: ranges that have no segment of their own, and any two days (assets/calendar.js draws the months)."""

from __future__ import annotations

import calendar as weeks
import json
from datetime import date

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import attributes
from usage_dash.page.components.popover import Change, sets
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


def calendar(seen: Seen) -> html.Div:
    """Return the calendar; the script reads in its attributes which days there are, and which are shown."""
    facts = attributes(
        data_today=seen.today.isoformat(),
        data_earliest=EARLIEST_DAY.isoformat(),
        data_from=seen.shown.first.isoformat(),
        data_to=seen.shown.last.isoformat(),
        data_zone=seen.zone.key,
        data_compare=seen.filters.compare.value,
        data_words=json.dumps(_WORDS),
        data_label="Custom range",
    )
    parts: list[Component] = [
        html.Div([_preset(*each) for each in presets(seen.today)], className="choices pre"),
        html.Div(className="months", **attributes(data_months="")),
        _foot(),
    ]
    return html.Div(parts, id=CALENDAR, className="pop cal", **facts)


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


def _preset(name: str, change: Change) -> html.Button:
    return html.Button(name, type="button", **attributes(data_closes_popover=""), **sets(change))


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
