"""A user's entries, newest first, a page at a time."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import Children, attributes, foreign, icon, swatch
from usage_dash.page.components.popover import sets
from usage_dash.page.components.times import Clock
from usage_dash.page.links import Links
from usage_dash.reporting.person import EntriesPage, Person
from usage_dash.reporting.user_models import EntryRow
from usage_dash.wording import formats

_TITLES: Final = (
    "Time",
    "Model",
    "Calls",
    "Input tokens",
    "Output tokens",
    "Total tokens",
    "Cost",
    "Cost / call",
)


def entries_table(person: Person, chosen: tuple[str, ...], clock: Clock, links: Links) -> list[Component]:
    """The entries of the `chosen` models, or of all; times are told anew by the browser's clock."""
    page = person.entries
    return [
        html.Section(
            [
                html.Div(_head(person, chosen, clock, links), className="hd"),
                html.Div(_table(page, clock), className="scroll", tabIndex=0, role="group", **_LABEL),
                html.Div(_pager(page), className="pager num"),
            ],
            className="card entries",
            **_LABEL,
        )
    ]


_LABEL = attributes(aria_labelledby="entries-title")


def _head(person: Person, chosen: tuple[str, ...], clock: Clock, links: Links) -> Children:
    whose = [("user", person.user_id), *(("model", model) for model in chosen), ("range", "all")]
    told: Children = [html.Span(formats.number(person.entries.total)), *_of(chosen)]
    zone = html.Span(f"times are {clock.zone.key}", **attributes(data_zone=""))
    return [
        html.H2("Entries", id="entries-title"),
        html.Span([*told, html.Span([" · ", zone], className="zone")], className="sub num"),
        html.Span(className="grow"),
        html.A(
            [icon("download"), "CSV"],
            href=links.export("entries.csv", urlencode(whose)),
            className="b",
            title="All of these entries as a file",
            **attributes(data_export="entries.csv"),
        ),
    ]


def _of(chosen: tuple[str, ...]) -> Children:
    """Which models' entries these are, where not all."""
    if not chosen:
        return []
    return [" of ", foreign(chosen[0]) if len(chosen) == 1 else f"{len(chosen)} models"]


def _table(page: EntriesPage, clock: Clock) -> Component:
    if not page.total:
        return html.P("No entries.", className="sub none")
    titles = [html.Th(title, scope="col") for title in _TITLES]
    titles[0] = html.Th("Time ↓", scope="col", **attributes(aria_sort="descending"))
    return html.Table(
        [html.Thead(html.Tr(titles)), html.Tbody([_entry(entry, clock) for entry in page.rows])],
        className="data full num",
    )


def _entry(entry: EntryRow, clock: Clock) -> html.Tr:
    per_call = entry.cost / entry.calls if entry.cost is not None and entry.calls else None
    figures = (
        formats.number(entry.calls),
        formats.number(entry.input_tokens),
        formats.number(entry.output_tokens),
        formats.number(entry.total_tokens),
        formats.money(entry.cost),
        formats.money(per_call),
    )
    model = html.Span([swatch(entry.slot), foreign(entry.model)], title=entry.model)
    return html.Tr([html.Td(_time(entry, clock)), html.Td(model), *map(html.Td, figures)])


def _time(entry: EntryRow, clock: Clock) -> Component | str:
    told = formats.moment(entry.at, clock.now, clock.zone)
    return html.Time(told, dateTime=entry.at.isoformat(), **attributes(data_local="")) if entry.at else told


def _pager(page: EntriesPage) -> list[Component]:
    first, last = page.page * page.page_size + 1, (page.total - 1) // page.page_size
    shown = f"{first:,}–{first + len(page.rows) - 1:,} of {page.total:,}" if page.rows else ""
    return [
        html.Span(shown, role="status"),
        html.Span(className="grow"),
        _turn([icon("chevron-left"), "Newer"], page.page - 1, possible=page.page > 0),
        _turn(["Older", icon("chevron-right")], page.page + 1, possible=page.page < last),
    ]


def _turn(label: Children, page: int, *, possible: bool) -> html.Button:
    # aria-disabled, for a button that turned `disabled` would lose the keyboard's focus.
    to = sets({"page": str(page + 1) if page else None})  # the first goes without saying
    state = to if possible else attributes(aria_disabled="true")
    return html.Button(label, className="b", type="button", **state)
