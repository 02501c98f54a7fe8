"""The users table: a DataTable that sorts, pages and opens rows on the server.

All that is particular to DataTable is here and in assets/users_table.{js,css}: the table gets each row as cells of
text, or of HTML that we wrote. What people or documents named (user ids, models) reaches HTML only through `escape`.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape as quoted
from urllib.parse import quote as url_quoted

import dash_bootstrap_components as dbc
from dash import html
from dash.dash_table.DataTable import DataTable

from usage_dash.page import formats, ids
from usage_dash.page.amounts import lacking, narrow_amount
from usage_dash.page.components.elements import attributes, icon
from usage_dash.page.components.sparkline import sparkline
from usage_dash.page.components.times import Clock
from usage_dash.page.marks import token
from usage_dash.page.names import contained, fenced
from usage_dash.reporting.filters import RangeName, UserSort
from usage_dash.reporting.ranges import OFFERS
from usage_dash.reporting.view_models import EntryRow, UserDetail, UserRow, UsersPage

_TOGGLE, _SHARE = "toggle", "share"
_UNWRITABLE = {"Cc", "Cs", "Cn"}  # categories of Unicode: controls, halves of a pair, not yet anything
_SEPARATOR = " &nbsp;·&nbsp; "

Row = dict[str, str]


def layout() -> html.Section:
    """The table with its heading and its pager, before anything is known."""
    return html.Section(
        [
            html.Div(
                [html.H2("Users", id="users-title"), html.Span(id=ids.USERS_COUNT, className="sub num")], className="hd"
            ),
            html.Div(_table(), id=ids.USERS_PLACE, className="scroll"),
            html.Div(pager(UsersPage((), 0, 0, 10)), id=ids.PAGER, className="pager num"),
        ],
        className="card tbl",
        **attributes(aria_labelledby="users-title"),
    )


def _table() -> DataTable:
    with warnings.catch_warnings():
        # Dash 5 will drop the table; this module is then the one to change.
        warnings.filterwarnings("ignore", r"\s*The dash_table.DataTable will be removed", DeprecationWarning)
        return DataTable(
            id=ids.USERS_TABLE,
            columns=columns(OFFERS[RangeName.MONTH].column),  # type: ignore[arg-type] # plain dicts serve
            data=[],
            sort_action="custom",
            sort_by=[{"column_id": UserSort.COST.value, "direction": "desc"}],
            page_action="none",
            cell_selectable=False,  # arrow keys would move a cursor that opens nothing; rows open by real buttons
            markdown_options={"html": True},
        )


def columns(range_column: str) -> list[dict[str, str]]:
    """The columns; one of them is called after the range."""
    return [
        {
            "id": str(column.id),
            "name": column.title or range_column,
            **({"presentation": "markdown"} if column.markup else {}),
        }
        for column in _COLUMNS
    ]


def rows(page: UsersPage, details: Mapping[str, UserDetail], clock: Clock) -> list[Row]:
    """The rows of a page, each opened one followed by its summary and entries."""
    cells = []
    for user in page.rows:
        detail = details.get(user.user_id)
        seen = _Seen(user, page, clock, opened=detail is not None)
        cells.append({column.id: column.cell(seen) for column in _COLUMNS})
        cells.extend(_detail_rows(detail, clock) if detail else [])
    return cells


def pager(page: UsersPage) -> list[html.Span | dbc.Button]:
    """Which users are shown, and the way to the others."""
    last = max(0, (page.total - 1) // page.page_size)
    return [
        html.Span(_of(page.page, page.page_size, len(page.rows), page.total)),
        html.Span(className="grow"),
        _turn("chevron-left", "Previous users", page.page - 1, possible=page.page > 0),
        _turn("chevron-right", "Next users", page.page + 1, possible=page.page < last),
    ]


def escape(text: str) -> str:
    """Any text as HTML that means just this text, within Markdown too; what HTML has no sign for is a space."""
    shown = "".join(letter if unicodedata.category(letter) not in _UNWRITABLE else " " for letter in text)
    return re.sub(r"[^A-Za-z0-9 ]", lambda found: f"&#{ord(found[0])};", shown)


def _named(name: str, aside: str = "") -> str:
    """A name with its whole self as the title, for there may be no room for it."""
    return f'<div title="{escape(fenced(name))}">{_foreign(name)}{aside}</div>'


def _foreign(name: str) -> str:
    return f"<bdi>{escape(contained(name))}</bdi>"


def _turn(name: str, label: str, page: int, *, possible: bool) -> html.Button:
    # aria-disabled, for a button that turned `disabled` would lose the keyboard's focus.
    state = {"data_users_page": str(page)} if possible else {"aria_disabled": "true"}
    return html.Button(
        icon(name), className="b square", type="button", title=label, **attributes(aria_label=label, **state)
    )


def _of(page: int, page_size: int, shown: int, total: int) -> str:
    first = page * page_size + 1
    return f"{first:,}–{first + shown - 1:,} of {total:,}" if shown else ""


def _toggle(user_id: str, *, opened: bool) -> str:
    return (
        f'<button type="button" class="toggle icon-chevron-right" aria-expanded="{str(opened).lower()}"'
        f' aria-label="Entries of {escape(fenced(user_id))}" data-user="{url_quoted(user_id)}"></button>'
    )


def _share(user: UserRow, page: UsersPage) -> str:
    width = 100 * user.share / page.top_share if user.share and page.top_share else 0
    share = f"{'≤ ' if user.share and page.shares_at_most else ''}{formats.share(user.share)}"
    return f'<div>{share}<i class="share"><i style="width:{width:.0f}%"></i></i></div>'


def _range_cost(user: UserRow) -> str:
    title = f' title="{lacking(user.range_cost, "entry", "entries")}"' if user.range_cost.lacking else ""
    spark = f'<i class="spark" style="--spark:{quoted(sparkline(user.spark))}"></i>'
    return f"<div{title}>{narrow_amount(user.range_cost, formats.money)}{spark}</div>"


def _since(at: datetime | None, clock: Clock) -> str:
    ticking = f' data-since="{at.isoformat()}"' if at and formats.is_recent(at, clock.now) else ""
    title = f' title="{formats.moment(at, clock.now, clock.zone)}"' if at else ""
    return f"<div{ticking}{title}>{formats.ago(at, clock.now, clock.zone)}</div>"


def _detail_rows(detail: UserDetail, clock: Clock) -> list[Row]:
    note = _cell_row(f'<div class="note-row"><span>{_summary(detail, clock)}</span></div>')
    entries = [_entry_row(entry, clock) for entry in detail.entries]
    more = [_cell_row(_entries_pager(detail))] if detail.entries_total > detail.page_size else []
    return [note, *entries, *more]


def _summary(detail: UserDetail, clock: Clock) -> str:
    parts = []
    if detail.first_seen:
        parts.append(f"First seen <b>{formats.day(detail.first_seen.astimezone(clock.zone))}</b>")
    if detail.top_model is not None:
        of_cost = (
            f" ({formats.rough_share(detail.top_model_share)} of cost)" if detail.top_model_share is not None else ""
        )
        parts.append(f"Top model <b>{_foreign(detail.top_model)}</b>{of_cost}")
    if detail.tokens_per_call is not None:
        tokens = formats.average(detail.tokens_per_call)
        parts.append(f"<b>{tokens}</b> {'token' if tokens == '1' else 'tokens'} per call")
    parts.append(_known(detail))
    return _SEPARATOR.join(parts)


def _known(detail: UserDetail) -> str:
    notes = ((detail.unplaced, "in no range"), (detail.uncosted, "of unknown cost"))
    aside = ", ".join(f"{formats.number(count)} {note}" for count, note in notes if count)
    known = formats.counted(detail.entries_total, "entry", "entries") + (f" ({aside})" if aside else "")
    if detail.coverage is None:
        return known
    explain = formats.agree(detail.entries_total, "explains", "explain")
    return f"{known} {explain} <b>{formats.rough_share(detail.coverage)}</b> of this user’s cost"


def _entry_row(entry: EntryRow, clock: Clock) -> Row:
    per_call = entry.cost / entry.calls if entry.cost is not None and entry.calls else None
    return _cell_row(f'<i class="swatch" style="background:var(--ud-model-{token(entry.slot)})"></i>') | {
        UserSort.USER: _named(entry.model, f"   {formats.moment(entry.at, clock.now, clock.zone)}"),
        UserSort.COST: formats.money(entry.cost),
        UserSort.CALLS: formats.number(entry.calls),
        UserSort.INPUT_TOKENS: formats.number(entry.input_tokens),
        UserSort.OUTPUT_TOKENS: formats.number(entry.output_tokens),
        UserSort.COST_PER_CALL: formats.money(per_call),
    }


def _entries_pager(detail: UserDetail) -> str:
    user = url_quoted(detail.user_id)
    last = (detail.entries_total - 1) // detail.page_size
    shown = _of(detail.page, detail.page_size, len(detail.entries), detail.entries_total)

    def turn(label: str, page: int, *, possible: bool) -> str:
        state = f'data-entries-page="{page}"' if possible else 'aria-disabled="true"'
        return f'<button type="button" class="b small" data-user="{user}" {state}>{label}</button>'

    newer = turn("Newer", detail.page - 1, possible=detail.page > 0)
    older = turn("Older", detail.page + 1, possible=detail.page < last)
    return f'<div class="more-row"><span>{shown} entries {newer} {older}</span></div>'


def _cell_row(first: str) -> Row:
    return {column.id: "" for column in _COLUMNS} | {_TOGGLE: first}


@dataclass(frozen=True, slots=True)
class _Seen:
    """A user's row as the cells see it."""

    user: UserRow
    page: UsersPage
    clock: Clock
    opened: bool


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its title, "" for the range's, and its cell of a user's row as text, or as HTML where `markup`."""

    id: str
    title: str
    cell: Callable[[_Seen], str]
    markup: bool = False


_COLUMNS = (
    _Column(_TOGGLE, "Details", lambda seen: _toggle(seen.user.user_id, opened=seen.opened), markup=True),
    _Column(UserSort.USER, "User", lambda seen: _named(seen.user.user_id), markup=True),
    _Column(UserSort.COST, "Cost", lambda seen: narrow_amount(seen.user.cost, formats.money)),
    _Column(_SHARE, "Share", lambda seen: _share(seen.user, seen.page), markup=True),
    _Column(UserSort.CALLS, "Calls", lambda seen: narrow_amount(seen.user.calls, formats.number)),
    _Column(UserSort.TOKENS, "Tokens", lambda seen: narrow_amount(seen.user.tokens, formats.compact)),
    _Column(UserSort.INPUT_TOKENS, "Input tokens", lambda seen: narrow_amount(seen.user.input_tokens, formats.compact)),
    _Column(
        UserSort.OUTPUT_TOKENS, "Output tokens", lambda seen: narrow_amount(seen.user.output_tokens, formats.compact)
    ),
    _Column(UserSort.COST_PER_CALL, "Cost / call", lambda seen: formats.money(seen.user.cost_per_call)),
    _Column(UserSort.RANGE_COST, "", lambda seen: _range_cost(seen.user), markup=True),
    _Column(UserSort.LAST_ACTIVE, "Last active", lambda seen: _since(seen.user.last_active, seen.clock), markup=True),
)
