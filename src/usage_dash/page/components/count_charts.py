"""Calls, tokens or active users over time: the second chart, of which its title is the menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from usage_dash.page import ids
from usage_dash.page.components import chart_keys as keys
from usage_dash.page.components.chart import Chart, Shown, Table
from usage_dash.page.components.chart_keys import NOT_ITEMISED, OF
from usage_dash.page.components.chart_panels import head_of_many, key
from usage_dash.page.components.chart_points import OFTEN, height, peak, points_of, rows, spikes_of, unusual_column
from usage_dash.page.components.elements import Children
from usage_dash.page.components.popover import choice
from usage_dash.page.figures import over_time
from usage_dash.page.figures.clipping import Clip
from usage_dash.page.figures.words import in_words, told
from usage_dash.page.request import Measure
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import Timeline
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form

_ACTIVE: Final = "Active users"


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


_MEASURES: Final = {
    Measure.CALLS: _Measure("API calls over time", "API calls", formats.number, "calls"),
    Measure.TOKENS: _Measure("Tokens over time", "tokens", formats.number, "tokens"),
    Measure.INPUT: _Measure("Input tokens over time", "input tokens", formats.number, "input_tokens"),
    Measure.OUTPUT: _Measure("Output tokens over time", "output tokens", formats.number, "output_tokens"),
    Measure.COST: _Measure("Total cost over time", "cost", formats.money, "cost"),
}


def counts_over_time(shown: Shown) -> Chart:
    """Return calls or tokens, of all models together, or active users."""
    measure = shown.looks.measure
    return _active_users(shown) if measure is Measure.USERS else _counts(shown, _MEASURES[measure])


def _counts(shown: Shown, measure: _Measure) -> Chart:
    timeline, often = shown.timeline, OFTEN[shown.timeline.bucket]
    values, rest = measure.of(timeline), measure.not_itemised(timeline)
    spikes = spikes_of(values)
    points = points_of(shown, spikes)
    name = measure.name[0].upper() + measure.name[1:]
    words = in_words(total(values), measure.form)
    columns = {name: told(points, values, measure.form)}
    columns |= {NOT_ITEMISED: [in_words(value, measure.form) for value in rest]} if rest else {}
    columns |= unusual_column(points)
    return Chart(
        over_time.counts_over_time(points, name, values, measure.form, rest),
        Table((OF[timeline.bucket], *columns), rows(points, list(columns.values()))),
        f"Line chart: {often} {measure.name}, {words} {shown.label}; {peak(timeline, values, measure.form)}",
        _head(shown, measure.title, f"{words} · {often}", spikes),
        key=key(
            [
                *keys.not_itemised(rest, measure.form, shown.trust),
                *keys.unusual(shown, points),
                *keys.beyond(points, values, measure.form),
            ]
        ),
        name=measure.title.lower().replace(" ", "-"),
    )


def _active_users(shown: Shown) -> Chart:
    timeline, often = shown.timeline, OFTEN[shown.timeline.bucket]
    active = tuple(map(Sum, timeline.active))
    spikes = spikes_of(active)
    points = points_of(shown, spikes)
    words = in_words(shown.overview.active_users.in_range, formats.number)
    columns = {
        "Active": told(points, active, formats.number),
        "Returning": [formats.number(all_ - new) for all_, new in zip(timeline.active, timeline.new, strict=True)],
        "New": [formats.number(count) for count in timeline.new],
        **unusual_column(points),
    }
    return Chart(
        over_time.users_over_time(points),
        Table((OF[timeline.bucket], *columns), rows(points, list(columns.values()))),
        f"Bar chart: {often} active users, {words} {shown.label}; {peak(timeline, active, formats.number)}",
        _head(shown, _ACTIVE, f"{words} · {often}", spikes),
        key=key(
            [
                ("swatch returning", "Returning"),
                ("swatch new", "New"),
                *keys.unusual(shown, points),
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
    return head_of_many(ids.CALLS_OVER_TIME, title, caption, choices, height(shown, spikes))
