"""What can be taken along: files of what is looked at, and the link to it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from usage_dash.exports.as_xlsx import MOST_ROWS
from usage_dash.page.components.elements import Children, attributes, icon
from usage_dash.page.components.popover import menu, opens
from usage_dash.page.components.seen import Seen
from usage_dash.page.components.team_menu import named
from usage_dash.page.ids import EXPORT
from usage_dash.reporting.grammar import written
from usage_dash.reporting.ranges import bucket_of
from usage_dash.wording import formats

_MANY = 1_000_000  # rows, for which one waits
_ROWS_A_SECOND = 100_000  # on a slow line
_NOTHING = "Nothing to export: there is no usage in these days with these filters."
_TOO_MANY = f"Over {MOST_ROWS:,} rows: CSV has them all"
_SAID = attributes(data_export_said="", aria_live="polite")


def export_menu(seen: Seen) -> list[Component]:
    """Return the button and its menu."""
    is_empty = not seen.counts.users + seen.counts.gone
    said = [html.Span(_NOTHING if is_empty else _told(seen)), html.Span(**_SAID)]
    return [
        html.Button(
            [icon("download"), html.Span("Export", className="desk")],
            className="b",
            type="button",
            **attributes(aria_label="Export"),
            **opens(EXPORT, "menu"),
        ),
        menu(
            EXPORT,
            "Export",
            _items(seen, is_empty=is_empty),
            [html.Div(said, className="bottom")],
            aside="right export",
        ),
    ]


def _items(seen: Seen, *, is_empty: bool) -> list[Component]:
    return [
        _csv(seen, is_empty=is_empty),
        _line(),
        _excel(seen, is_empty=is_empty),
        _line(),
        _json(seen, is_empty=is_empty),
        _link(),
    ]


def _csv(seen: Seen, *, is_empty: bool) -> html.Div:
    """Return the files of rows, with how many they have."""
    files = [
        _file(seen, f"{kind}.csv", [icon(image), _called(seen, kind)], _rows(count), possible=not is_empty)
        for kind, image, count in _kinds(seen)
    ]
    accounts = [("chargeback", "Months per team", "To charge back")] if seen.has_teams else []
    accounts.append(("focus", "FOCUS columns", "For tools that know FOCUS 1.2"))
    files += [_file(seen, f"{kind}.csv", _two("table", *said), "", possible=not is_empty) for kind, *said in accounts]
    return _group("CSV", files)


def _kinds(seen: Seen) -> list[tuple[str, str, int]]:
    """Return what there are rows of, each with its icon and how many there are."""
    counts = seen.counts
    kinds = [
        ("users", "users", counts.users + counts.gone),
        ("days", "calendar", counts.days),
        ("models", "table", counts.models),
    ]
    kinds += [("teams", "users", counts.teams)] if seen.has_teams else []
    return [*kinds, ("entries", "list", counts.entries)]


def _excel(seen: Seen, *, is_empty: bool) -> html.A:
    is_long = sum(count for _, _, count in _kinds(seen)) > MOST_ROWS
    said = _two("file-spreadsheet", "Excel workbook", _TOO_MANY if is_long else "All as sheets, and what they show")
    return _file(seen, "workbook.xlsx", said, "", possible=not is_empty and not is_long)


def _json(seen: Seen, *, is_empty: bool) -> html.Div:
    files = [_file(seen, f"{kind}.json", [_called(seen, kind)], "", possible=not is_empty) for kind, *_ in _kinds(seen)]
    return _group("JSON", files, "inline")


def _group(name: str, files: Sequence[Component], style: str = "") -> html.Div:
    head = html.Div(name, className="head", **attributes(aria_hidden="true"))
    return html.Div([head, *files], role="group", className=style or None, **attributes(aria_label=name))


def _file(seen: Seen, name: str, said: Children, end: str, *, possible: bool) -> html.A:
    """Return an item that fetches a file; one that is not to be had stays in its place, and can be read."""
    parts: Children = [*said, *([html.Span(end, className="end num")] if end else [])]
    if not possible:
        return html.A(parts, role="menuitem", tabIndex=-1, **attributes(aria_disabled="true"))
    address = seen.links.export(name, urlencode(written(seen.filters)))
    return html.A(parts, href=address, role="menuitem", tabIndex=-1, **attributes(data_export=name))


def _link() -> html.Div:
    """Return the link to the page; in a frame, whose address says nothing to anybody, it is not shown."""
    said = _two("link", "Copy link", "Opens this view for anyone who may see it")
    answer = html.Span(className="copied", role="status", **attributes(data_copied=""))
    copy = html.Button([*said, answer], type="button", role="menuitem", tabIndex=-1, **attributes(data_copy_link=""))
    return html.Div([_line(), copy], role="group", className="unframed", **attributes(aria_label="Link"))


def _two(image: str, name: str, more: str) -> Children:
    return [icon(image), html.Span([name, html.Small(more)], className="two")]


def _line() -> html.Div:
    return html.Div(role="separator")


def _called(seen: Seen, kind: str) -> str:
    """Return what the rows of a file are; days are weeks or months where a point of a chart is one."""
    if kind == "days":
        return f"{bucket_of(seen.shown, seen.filters.by).capitalize()}s"
    return kind.capitalize()


def _rows(count: int) -> str:
    rows = formats.counted(count, "row")
    return f"{rows}, about {formats.span(count / _ROWS_A_SECOND)}" if count > _MANY else rows


def _told(seen: Seen) -> Children:
    """Repeat what is looked at: a file has it all, and nothing else."""
    choice = seen.filters.choice
    parts: list[Children] = [[seen.shown.label.removeprefix("in ").capitalize()], [seen.zone.key]]
    parts.append([formats.counted(len(choice.models), "model") if choice.models else "all models"])
    if choice.users:
        parts.append([formats.counted(len(choice.users), "user")])
    if choice.team is not None:
        parts.append(["team ", *named(choice.team)] if choice.team else ["no team"])
    return [piece for number, part in enumerate(parts) for piece in ([", "] if number else []) + part]
