"""What the range is compared with: the span before it, the same days a month before, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.popover import choice, menu, pick
from usage_dash.page.components.seen import Seen
from usage_dash.reporting.filters import Compare, RangeName
from usage_dash.reporting.ranges import earlier, length_of
from usage_dash.wording.formats import days_beside

_BY_MONTHS = {RangeName.MONTH_TO_DATE, RangeName.LAST_MONTH}
_NOON = time(12)


def compare_menu(seen: Seen, popover: str, *, aside: str = "") -> list[Component]:
    """Return the button and its menu; a page has it at two places, so `popover` tells them apart."""
    nothing_before = seen.filters.range is RangeName.ALL
    return [
        html.H3("Compare with"),
        pick(
            popover,
            "menu",
            [html.Span("vs"), " ", html.B(_called(seen, _chosen(seen)))],
            disabled=nothing_before,
            why="Nothing came before all of it" if nothing_before else "",
        ),
        menu(popover, "Compare with", _items(seen), [], aside=aside),
    ]


def _chosen(seen: Seen) -> Compare:
    if seen.filters.range is RangeName.ALL:
        return Compare.NONE
    same = seen.filters.range in _BY_MONTHS and seen.filters.compare is Compare.MONTH
    return Compare.PREVIOUS if same else seen.filters.compare


def _items(seen: Seen) -> list[Component]:
    offered = [each for each in Compare if each is not Compare.MONTH or seen.filters.range not in _BY_MONTHS]
    return [_item(seen, each) for each in offered]


def _item(seen: Seen, compare: Compare) -> html.Button:
    said = _called(seen, compare)
    change = {"compare": None if compare is Compare.PREVIOUS else compare.value}
    return choice([said[0].upper() + said[1:]], _days(seen, compare), change, chosen=compare is _chosen(seen))


def _called(seen: Seen, compare: Compare) -> str:
    if compare is Compare.NONE:
        return "nothing"
    if compare is Compare.MONTH:
        return "same days a month before"
    if seen.filters.range in _BY_MONTHS:
        return "the month before"
    length = length_of(seen.shown.first, seen.shown.last)
    return f"previous {length} days" if length > 1 else "previous day"


def _days(seen: Seen, compare: Compare) -> str:
    """Return the days, which do not depend on the time of day."""
    noon = datetime.combine(seen.today, _NOON, seen.zone)
    span = earlier(replace(seen.filters, compare=compare), noon, seen.zone)
    return days_beside(span.first, span.last, seen.today) if span else ""
