"""The points of charts over time: what a click on each means, and what is said of them in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from dash import html

from usage_dash.money.unusual_words import shortly
from usage_dash.page.components import chart_keys as keys
from usage_dash.page.components.chart import Shown
from usage_dash.page.components.chart_panels import toggle
from usage_dash.page.figures.clipping import Clip, clip
from usage_dash.page.figures.points import Points
from usage_dash.reporting.filters import By
from usage_dash.reporting.ranges import end_of, length_of
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import Range, Timeline
from usage_dash.wording.amounts import Form, amount

OFTEN: Final = {By.DAY: "daily", By.WEEK: "weekly", By.MONTH: "monthly"}


def spikes_of(values: Sequence[Sum]) -> Clip | None:
    """Return where an axis of these values is clipped, where few of them dwarf the rest."""
    return clip([float(value.known) for value in values])


def points_of(shown: Shown, spikes: Clip | None) -> Points:
    """Return the points of what is shown, whose axis ends below spikes unless all of the height is asked for."""
    timeline, days = shown.timeline, shown.overview.range
    spans = [_span(bucket, timeline.bucket, days) for bucket in timeline.days]
    clicks = [{"from": span.first.isoformat(), "to": span.last.isoformat()} for span in spans]
    end = None if shown.looks.full_height else spikes
    return Points(timeline, clicks, _asides(timeline, spans), shown.zoom, end, _unusual(shown))


def growing(timeline: Timeline) -> list[str]:
    """Return what is said behind the figures of each bucket, of which the last may go on."""
    last = len(timeline.days) - 1
    return [" so far" if timeline.cut_last and number == last else "" for number in range(last + 1)]


def rows(points: Points, columns: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the rows of a table, each beginning with its bucket."""
    names = [keys.name_of(points.timeline.bucket, day) for day in points.timeline.days]
    return [list(row) for row in zip(names, *columns, strict=True)]


def peak(timeline: Timeline, values: Sequence[Sum], form: Form) -> str:
    """Return when a figure was highest, in words."""
    if not any(value.known for value in values):
        return "none in this time." if total(values).exact == 0 else "when it was highest is unknown."
    highest = max(range(len(values)), key=lambda number: values[number].known)
    when = keys.when(timeline.bucket, timeline.days[highest])
    known = "highest known" if total(values).lacking else "highest"
    return f"{known} {amount(values[highest], form)} {when}."


def height(shown: Shown, spikes: Clip | None) -> list[html.Div]:
    """Return the button that shows all of the height, where some of it would not be shown."""
    if spikes is None:
        return []
    full = shown.looks.full_height
    return [toggle("Full height", {"height": None if full else "full"}, pressed=full)]


def unusual_column(points: Points) -> dict[str, list[str]]:
    """Return the column of a table that tells what is unusual about its points, if anything is."""
    said = [", ".join(points.unusual.get(number, ())) for number in range(len(points.timeline.days))]
    return {"Unusual": said} if points.unusual else {}


def _unusual(shown: Shown) -> dict[int, list[str]]:
    """Return what is unusual about points, which are days."""
    days = {each.day: each for each in shown.unusual} if shown.timeline.bucket == By.DAY else {}
    return {number: shortly(days[day]) for number, day in enumerate(shown.timeline.days) if day in days}


def _span(bucket: date, by: By, days: Range) -> Range:
    """Return a bucket's days within the range."""
    return Range(max(bucket, days.first), min(end_of(bucket, by), days.last), "")


def _asides(timeline: Timeline, spans: Sequence[Range]) -> list[str]:
    """Return what is said behind the figures of each bucket: what of it the range holds, where that is not all."""
    if timeline.bucket == By.DAY:
        return growing(timeline)
    wholes = [length_of(day, end_of(day, timeline.bucket)) for day in timeline.days]
    held = [length_of(span.first, span.last) for span in spans]
    return [f", {part} of {whole} days" if part < whole else "" for part, whole in zip(held, wholes, strict=True)]
