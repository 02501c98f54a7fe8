"""The charts over time: what the models cost, and beside it calls, tokens or active users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate

from dash import html

from usage_dash.page import ids
from usage_dash.page.components import chart_keys as keys
from usage_dash.page.components.chart import Chart, Shown, Table
from usage_dash.page.components.chart_keys import NOT_ITEMISED, OF
from usage_dash.page.components.chart_panels import Option, head, head_of_many, key, switch, toggle
from usage_dash.page.components.elements import Children
from usage_dash.page.components.popover import choice
from usage_dash.page.figures import over_time
from usage_dash.page.figures.clipping import Clip, clip
from usage_dash.page.figures.points import Points
from usage_dash.page.figures.words import in_words, told
from usage_dash.page.marks import Mark, marks
from usage_dash.page.names import fenced
from usage_dash.page.request import Measure
from usage_dash.reporting.filters import By
from usage_dash.reporting.ranges import end_of, length_of
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import Range, Timeline
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form, amount, lacking

_ACTIVE = "Active users"
_OFTEN = {By.DAY: "daily", By.WEEK: "weekly", By.MONTH: "monthly"}


@dataclass(frozen=True, slots=True)
class _Measure:
    """A measure other than active users: its title, what one of its figures is called, and the name of its values."""

    title: str
    name: str
    form: Form
    values: str

    def of(self, timeline: Timeline) -> Sequence[Sum]:
        """Return its values."""
        found: Sequence[Sum] = getattr(timeline, self.values)
        return found

    def not_itemised(self, timeline: Timeline) -> Sequence[Sum]:
        """Return what of its values no entry explains; none where entries explain them all."""
        rest: list[Sum] = [getattr(spent, self.values) for spent in timeline.not_itemised]
        return rest if any(value.known for value in rest) else []


_MEASURES = {
    Measure.CALLS: _Measure("API calls over time", "API calls", formats.number, "calls"),
    Measure.TOKENS: _Measure("Tokens over time", "tokens", formats.number, "tokens"),
    Measure.INPUT: _Measure("Input tokens over time", "input tokens", formats.number, "input_tokens"),
    Measure.OUTPUT: _Measure("Output tokens over time", "output tokens", formats.number, "output_tokens"),
    Measure.COST: _Measure("Total cost over time", "cost", formats.money, "cost"),
}


def cost_over_time(shown: Shown) -> Chart:
    """Return what the models cost, at each point in its own days or all up to it."""
    timeline, cumulative = shown.timeline, shown.looks.cumulative
    cost: Sequence[Sum] = timeline.cost
    spikes = None if cumulative else _spikes(cost)
    points, stack = _points(shown, spikes), _stack(shown)
    words, often = _spent(shown), _OFTEN[timeline.bucket]
    told = f"{often} cost, {words}; {_peak(timeline, cost, formats.money)}"
    if cumulative:
        points = replace(points, timeline=replace(timeline, cut_first=False), asides=_growing(timeline))
        stack, cost = [(mark, _running(values)) for mark, values in stack], _running(cost)
        told = f"cost added up, {words}."
    return Chart(
        over_time.cost_over_time(points, cost, stack),
        _cost_table(points, cost, stack),
        f"Line chart: {told}",
        head(
            ids.COST_OVER_TIME,
            "Cost over time",
            words,
            [_by(timeline.bucket), _sum(timeline.bucket, cumulative=cumulative), *_height(shown, spikes)],
        ),
        key=key(
            [
                ("stroke", "Total"),
                *keys.not_itemised(_MEASURES[Measure.COST].not_itemised(timeline), formats.money, shown.trust),
                *keys.beyond(points, cost, formats.money),
                *keys.cut(points),
            ]
        ),
        name="cost-over-time",
    )


def counts_over_time(shown: Shown) -> Chart:
    """Return calls or tokens, of all models together, or active users."""
    measure = shown.looks.measure
    return _active_users(shown) if measure is Measure.USERS else _counts(shown, _MEASURES[measure])


def _counts(shown: Shown, measure: _Measure) -> Chart:
    timeline, often = shown.timeline, _OFTEN[shown.timeline.bucket]
    values, rest = measure.of(timeline), measure.not_itemised(timeline)
    spikes = _spikes(values)
    points = _points(shown, spikes)
    name = measure.name[0].upper() + measure.name[1:]
    words = in_words(total(values), measure.form)
    columns = {name: told(points, values, measure.form)}
    columns |= {NOT_ITEMISED: [in_words(value, measure.form) for value in rest]} if rest else {}
    return Chart(
        over_time.counts_over_time(points, name, values, measure.form, rest),
        Table((OF[timeline.bucket], *columns), _rows(points, list(columns.values()))),
        f"Line chart: {often} {measure.name}, {words} {shown.label}; {_peak(timeline, values, measure.form)}",
        _head(shown, measure.title, f"{words} · {often}", spikes),
        key=key([*keys.not_itemised(rest, measure.form, shown.trust), *keys.beyond(points, values, measure.form)]),
        name=measure.title.lower().replace(" ", "-"),
    )


def _active_users(shown: Shown) -> Chart:
    timeline, often = shown.timeline, _OFTEN[shown.timeline.bucket]
    active = tuple(map(Sum, timeline.active))
    spikes = _spikes(active)
    points = _points(shown, spikes)
    words = in_words(shown.overview.active_users.in_range, formats.number)
    back = [formats.number(all_ - new) for all_, new in zip(timeline.active, timeline.new, strict=True)]
    new = [formats.number(count) for count in timeline.new]
    return Chart(
        over_time.users_over_time(points),
        Table(
            (OF[timeline.bucket], "Active", "Returning", "New"),
            _rows(points, [told(points, active, formats.number), back, new]),
        ),
        f"Bar chart: {often} active users, {words} {shown.label}; {_peak(timeline, active, formats.number)}",
        _head(shown, _ACTIVE, f"{words} · {often}", spikes),
        key=key(
            [
                ("swatch returning", "Returning"),
                ("swatch new", "New"),
                *keys.beyond(points, active, formats.number),
            ]
        ),
        name="active-users",
    )


def _head(shown: Shown, title: str, caption: str, spikes: Clip | None) -> Children:
    titles = {measure: found.title for measure, found in _MEASURES.items()} | {Measure.USERS: _ACTIVE}
    choices = [
        choice([titles[measure]], "", {"measure": measure.value}, chosen=measure is shown.looks.measure)
        for measure in Measure
    ]
    return head_of_many(ids.CALLS_OVER_TIME, title, caption, choices, _height(shown, spikes))


def _spikes(values: Sequence[Sum]) -> Clip | None:
    """Return where an axis of these values is clipped, where few of them dwarf the rest."""
    return clip([float(value.known) for value in values])


def _points(shown: Shown, spikes: Clip | None) -> Points:
    timeline, days = shown.timeline, shown.overview.range
    spans = [_span(bucket, timeline.bucket, days) for bucket in timeline.days]
    clicks = [{"from": span.first.isoformat(), "to": span.last.isoformat()} for span in spans]
    end = None if shown.looks.full_height else spikes
    return Points(timeline, clicks, _asides(timeline, spans), shown.zoom, end)


def _span(bucket: date, by: By, days: Range) -> Range:
    """Return a bucket's days within the range."""
    return Range(max(bucket, days.first), min(end_of(bucket, by), days.last), "")


def _asides(timeline: Timeline, spans: Sequence[Range]) -> list[str]:
    """Return what is said behind the figures of each bucket: what of it the range holds, where that is not all."""
    if timeline.bucket == By.DAY:
        return _growing(timeline)
    wholes = [length_of(day, end_of(day, timeline.bucket)) for day in timeline.days]
    held = [length_of(span.first, span.last) for span in spans]
    return [f", {part} of {whole} days" if part < whole else "" for part, whole in zip(held, wholes, strict=True)]


def _growing(timeline: Timeline) -> list[str]:
    last = len(timeline.days) - 1
    return [" so far" if timeline.cut_last and number == last else "" for number in range(last + 1)]


def _stack(shown: Shown) -> list[tuple[Mark, Sequence[Sum]]]:
    """Return the chosen models with their cost at each point."""
    costs = {series.slot: series.cost for series in shown.timeline.models}
    drawn = marks([usage for usage in shown.models if usage.chosen and usage.slot in costs])
    return [
        (mark, [total(bucket) for bucket in zip(*(costs[slot] for slot in mark.slots), strict=True)]) for mark in drawn
    ]


def _running(values: Iterable[Sum]) -> list[Sum]:
    return list(accumulate(values, lambda before, value: total((before, value))))


def _spent(shown: Shown) -> str:
    cost = shown.overview.cost.in_range
    aside = f", {lacking(cost, 'entry', 'entries')}" if cost.lacking else ""
    return f"{amount(cost, formats.money)} {shown.label}{aside}"


def _by(chosen: By) -> html.Div:
    return switch("Each point is a", [Option(OF[by], {"by": by.value}, by == chosen) for by in By])


def _sum(by: By, *, cumulative: bool) -> html.Div:
    return switch(
        "Figures",
        [
            Option(f"Per {OF[by].lower()}", {"sum": None}, not cumulative),
            Option("Cumulative", {"sum": "cumulative"}, cumulative),
        ],
    )


def _height(shown: Shown, spikes: Clip | None) -> list[html.Div]:
    """Return the button that shows all of the height, where some of it would not be shown."""
    if spikes is None:
        return []
    full = shown.looks.full_height
    return [toggle("Full height", {"height": None if full else "full"}, pressed=full)]


def _cost_table(points: Points, cost: Sequence[Sum], stack: Sequence[tuple[Mark, Sequence[Sum]]]) -> Table:
    figures_of = [[in_words(value, formats.money) for value in values] for _mark, values in stack]
    columns = (OF[points.timeline.bucket], *(fenced(mark.name) for mark, _values in stack), "Total")
    return Table(columns, _rows(points, [*figures_of, told(points, cost, formats.money)]))


def _rows(points: Points, columns: Sequence[Sequence[str]]) -> list[list[str]]:
    names = [keys.name_of(points.timeline.bucket, day) for day in points.timeline.days]
    return [list(row) for row in zip(names, *columns, strict=True)]


def _peak(timeline: Timeline, values: Sequence[Sum], form: Form) -> str:
    if not any(value.known for value in values):
        return "none in this time." if total(values).exact == 0 else "when it was highest is unknown."
    highest = max(range(len(values)), key=lambda number: values[number].known)
    when = keys.when(timeline.bucket, timeline.days[highest])
    known = "highest known" if total(values).lacking else "highest"
    return f"{known} {amount(values[highest], form)} {when}."
