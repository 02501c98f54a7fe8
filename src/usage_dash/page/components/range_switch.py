"""The ranges: those that have a name as radio buttons, any others by the calendar. On a phone all of it is a menu."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.calendar import facts
from usage_dash.page.components.elements import attributes
from usage_dash.page.components.popover import opens, pick, sets
from usage_dash.page.components.seen import Seen
from usage_dash.page.ids import CALENDAR, RANGE, RANGES
from usage_dash.reporting.filters import Days, Filters, RangeName
from usage_dash.reporting.ranges import OFFERS
from usage_dash.wording.formats import days_beside

_SEGMENTS = tuple(name for name in RangeName if name is not RangeName.ALL)


def range_switch(seen: Seen) -> list[Component]:
    """Return the switch."""
    asked = seen.filters.range
    custom = _called(seen) if asked not in _SEGMENTS else "Custom"
    return [
        pick(RANGES, "dialog", [html.B(_called(seen))]),
        html.Div(
            [radios(asked), _custom(seen, custom)],
            id=RANGES,
            className="seg",
            **attributes(data_label="Range"),
        ),
    ]


def radios(asked: RangeName | Days) -> html.Div:
    """Return the ranges that have a segment; one stop for the Tab key, arrows between."""
    at = _SEGMENTS.index(asked) if asked in _SEGMENTS else 0
    buttons = [_radio(name, chosen=name is asked, stop=number == at) for number, name in enumerate(_SEGMENTS)]
    return html.Div(buttons, id=RANGE, role="radiogroup", **attributes(aria_label="Range"))


def _radio(name: RangeName, *, chosen: bool, stop: bool) -> html.Button:
    first = name is Filters().range  # the address says only what is not as at first
    return html.Button(
        OFFERS[name].switch,
        type="button",
        role="radio",
        tabIndex=0 if stop else -1,
        **attributes(aria_checked=str(chosen).lower(), data_closes_popover=""),
        **sets({"range": None if first else name.value, "from": None, "to": None}),
    )


def _custom(seen: Seen, said: str) -> html.Button:
    chosen = seen.filters.range not in _SEGMENTS
    label: dict[str, Any] = attributes(aria_label=f"Custom range: {said}") if chosen else {}
    return html.Button(
        said,
        type="button",
        className="num at" if chosen else "num",
        **opens(CALENDAR, "dialog"),
        **facts(seen),
        **label,
    )


def _called(seen: Seen) -> str:
    asked = seen.filters.range
    return (
        days_beside(seen.shown.first, seen.shown.last, seen.today) if isinstance(asked, Days) else OFFERS[asked].switch
    )
