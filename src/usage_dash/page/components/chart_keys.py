"""What the strokes, bands and marks of a chart over time mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, TypeAlias

from dash import html

from usage_dash.money.unusual_words import times
from usage_dash.page.components.chart import Shown
from usage_dash.page.components.elements import attributes
from usage_dash.page.figures.beyond import NAME
from usage_dash.page.figures.budget import Budget
from usage_dash.page.figures.points import Points
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum, total
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form, amount, narrow_amount

Entry: TypeAlias = tuple[str, str | html.Span]  # the class that draws it, and its words

NOT_ITEMISED: Final = "Not itemised"
OF: Final = {By.DAY: "Day", By.WEEK: "Week", By.MONTH: "Month"}

_WHEN: Final = {By.DAY: "on {}", By.WEEK: "in the week from {}", By.MONTH: "in {}"}


def cut(points: Points) -> list[Entry]:
    """Return the key of what is dotted, where something is."""
    by, timeline = points.timeline.bucket, points.timeline
    if not timeline.cut_first and not timeline.cut_last:
        return []
    return [("stroke dotted", "Today so far" if by == By.DAY else f"Part of a {OF[by].lower()}")]


def not_itemised(rest: Sequence[Sum], form: Form, trust: str) -> list[Entry]:
    """Return the key of what is hatched, where something is."""
    if not any(value.known for value in rest):
        return []
    why = html.A("What is this?", href=trust, className="unframed", **attributes(data_go=""))
    return [("swatch hatch", html.Span([NOT_ITEMISED, html.B(narrow_amount(total(rest), form)), why]))]


def beyond(points: Points, values: Sequence[Sum], form: Form) -> list[Entry]:
    """Return the key of what goes beyond the axis, where something does."""
    if points.clip is None:
        return []
    numbers = points.clip.beyond
    highest = max(numbers, key=lambda number: values[number].known)
    most, by = amount(values[highest], form), points.timeline.bucket
    if len(numbers) == 1:
        return [("beyond", f"{NAME}: {most} {when(by, points.timeline.days[highest])}")]
    return [("beyond", f"{NAME}: {len(numbers)} {OF[by].lower()}s, up to {most}")]


def unusual(shown: Shown, points: Points) -> list[Entry]:
    """Return the key of rings, where there are some."""
    days = [each for each in shown.unusual if each.day in points.timeline.days] if points.unusual else []
    if not days:
        return []
    worst = max(days, key=lambda each: each.more)
    day = formats.short_day(worst.day)
    one = f"Unusual: {day} cost {narrow_amount(Sum(worst.cost, worst.at_least), formats.whole_money)}, {times(worst)}"
    said = one if len(days) == 1 else f"{len(days)} unusual days, {day} most of all"
    why = [html.A("Why?", href=shown.why, className="unframed", **attributes(data_go=""))] if shown.why else []
    return [("ring", html.Span([said, *why]))]


def budgeted(found: Budget | None) -> list[Entry]:
    """Return the key of a month's budget and of its forecast, where there are such."""
    if found is None:
        return []
    above = "" if found.shown else ", above all that is shown"
    limit = ("stroke limit", f"{found.called}{above}")
    if not found.expected:
        return [limit]
    day, month = found.expected[-1]
    return [limit, ("stroke forecast", f"Forecast {amount(month, formats.whole_money)} by {formats.short_day(day)}")]


def name_of(by: By, bucket: date) -> str:
    """Return what a bucket is called: 24 Nov 2026, Nov 2026."""
    return formats.month(bucket) if by == By.MONTH else formats.day(bucket)


def when(by: By, bucket: date) -> str:
    """Return when a bucket was, within a sentence: on 24 Nov 2026."""
    return _WHEN[by].format(name_of(by, bucket))
