"""The users table: a DataTable that sorts, pages and opens rows on the server.

All that is particular to DataTable is here and in assets/users_table.{js,css}: the table gets each row as cells of
text, or of HTML that we wrote. What people or documents named (users, models) reaches HTML only through `cells.escape`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape as quoted
from urllib.parse import quote as url_quoted

from dash import html
from dash.dash_table.DataTable import DataTable
from dash.development.base_component import Component

from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.page import ids
from usage_dash.page.components import cells
from usage_dash.page.components.elements import Children, attributes, foreign, icon
from usage_dash.page.components.opened_row import Row, opened_row
from usage_dash.page.components.sparkline import sparkline
from usage_dash.page.components.times import Clock
from usage_dash.page.names import fenced
from usage_dash.reporting.filters import RangeName, UserSort
from usage_dash.reporting.ranges import OFFERS
from usage_dash.reporting.user_models import UserDetail, UserRow, UsersPage
from usage_dash.wording import formats
from usage_dash.wording.amounts import lacking, narrow_amount

_SHARE = "share"
_FEW = 2  # models, which a heading has room to name


def layout() -> html.Section:
    """The table with its heading and its pager, before anything is known."""
    return html.Section(
        [
            html.Div(
                [html.H2("Users", id="users-title"), html.Span(id=ids.USERS_COUNT, className="sub num")], className="hd"
            ),
            html.Div(_table(), id=ids.USERS_PLACE, className="scroll"),
            html.Div(pager(UsersPage((), 0, 0, 10), ""), id=ids.PAGER, className="pager num"),
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


def columns(range_column: str, *, teams: bool = True) -> list[dict[str, str]]:
    """The columns; one of them is called after the range, and that of the teams is there where somebody is in one."""
    return [
        {
            "id": str(column.id),
            "name": column.title or range_column,
            **({"presentation": "markdown"} if column.markup else {}),
        }
        for column in _COLUMNS
        if teams or column.id != UserSort.TEAM
    ]


def rows(
    page: UsersPage, details: Mapping[str, UserDetail], clock: Clock, user_page: Callable[[str], str]
) -> list[Row]:
    """The rows of a page, each opened one followed by its summary, with a link to the `user_page`, and entries."""
    found: list[Row] = []
    for user in page.rows:
        detail = details.get(user.user_id)
        seen = _Seen(user, page, clock, opened=detail is not None)
        found.append({str(column.id): column.cell(seen) for column in _COLUMNS})
        if detail:
            opened = opened_row(detail, user, page, clock, user_page(user.user_id))
            found.extend(_BLANK | row for row in opened)
    return found


def place(page: UsersPage) -> dict[str, int]:
    """How high the rows will be, as properties of CSS: those with a name have two lines."""
    return {"--rows": len(page.rows), "--named": sum(bool(user.name) for user in page.rows)}


def counted(total: int, models: Sequence[str]) -> str | Children:
    """Return how many users there are and, where models are chosen, of which ones all figures are."""
    if not models:
        return f"{total:,}"
    if len(models) > _FEW:
        return f"{total:,}, itemised usage of {len(models)} models"
    named = [part for model in models for part in (" and ", foreign(model))][1:]
    return [f"{total:,}, itemised usage of ", *named]


def nothing(choice: Choice) -> list[Component]:
    """What stands in the place of the pager where the filters meet nobody."""
    if choice == ALL_CHOSEN:
        return []
    said: Children = ["No usage"]
    if len(choice.models) == 1:
        said += [" of ", foreign(choice.models[0])]
    elif choice.models:
        said.append(f" of these {len(choice.models)} models")
    said += _of_whom(choice)
    clear = html.Button("Clear all", className="link", type="button", **attributes(data_clear=""))
    return [html.Span([*said, "."]), clear]


def _of_whom(choice: Choice) -> Children:
    team: Children = [foreign(choice.team)] if choice.team else ["no team"]
    if choice.users:
        users = "this user" if len(choice.users) == 1 else f"these {len(choice.users)} users"
        return [f" by {users}", *([] if choice.team is None else [" in ", *team])]
    if choice.team is None:
        return []
    return [" by ", *team] if choice.team else [" by anybody in no team"]


def pager(page: UsersPage, label: str) -> list[Component]:
    """Which users are shown, what those who are gone left behind, and the way to the others; `label` is the range's."""
    last = max(0, (page.total - 1) // page.page_size)
    return [
        html.Span(cells.part_of(page.page, page.page_size, len(page.rows), page.total)),
        *gone(page, label),
        html.Span(className="grow"),
        _turn("chevron-left", "Previous users", page.page - 1, possible=page.page > 0),
        _turn("chevron-right", "Next users", page.page + 1, possible=page.page < last),
    ]


def gone(page: UsersPage, label: str) -> list[Component]:
    """What users who are gone left behind, where they left something: with the users it adds up to the cards."""
    if page.gone is None:
        return []
    cost, in_range = (narrow_amount(found, formats.money) for found in (page.gone.cost, page.gone.range_cost))
    return [html.Span(["Users who are gone: ", html.B(cost), f" all time, {in_range} {label}"], className="gone")]


def _user(user: UserRow) -> str:
    """A user's name, and the id beneath; where there is none, the id alone."""
    return (
        cells.named(user.name, f"<small>{cells.foreign(user.user_id)}</small>")
        if user.name
        else cells.named(user.user_id)
    )


def _team(user: UserRow) -> str:
    return cells.named(user.team) if user.team else ""


def _turn(name: str, label: str, page: int, *, possible: bool) -> html.Button:
    # aria-disabled, for a button that turned `disabled` would lose the keyboard's focus.
    state = {"data_users_page": str(page)} if possible else {"aria_disabled": "true"}
    return html.Button(
        icon(name), className="b square", type="button", title=label, **attributes(aria_label=label, **state)
    )


def _toggle(user: UserRow, *, opened: bool) -> str:
    return (
        f'<button type="button" class="toggle icon-chevron-right" aria-expanded="{str(opened).lower()}"'
        f' aria-label="Entries of {cells.escape(fenced(user.name or user.user_id))}"'
        f' data-user="{url_quoted(user.user_id)}"></button>'
    )


def _share(user: UserRow, page: UsersPage) -> str:
    width = 100 * user.share / page.top_share if user.share and page.top_share else 0
    return f'<div>{cells.share(user, page)}<i class="share"><i style="width:{width:.0f}%"></i></i></div>'


def _range_cost(user: UserRow) -> str:
    title = f' title="{lacking(user.range_cost, "entry", "entries")}"' if user.range_cost.lacking else ""
    spark = f'<i class="spark" style="--spark:{quoted(sparkline(user.spark))}"></i>'
    return f"<div{title}>{narrow_amount(user.range_cost, formats.money)}{spark}</div>"


def _since(at: datetime | None, clock: Clock) -> str:
    ticking = f' data-since="{at.isoformat()}"' if at and formats.is_recent(at, clock.now) else ""
    title = f' title="{formats.moment(at, clock.now, clock.zone)}"' if at else ""
    return f"<div{ticking}{title}>{formats.ago(at, clock.now, clock.zone)}</div>"


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
    _Column(cells.TOGGLE, "Details", lambda seen: _toggle(seen.user, opened=seen.opened), markup=True),
    _Column(UserSort.USER, "User", lambda seen: _user(seen.user), markup=True),
    _Column(UserSort.TEAM, "Team", lambda seen: _team(seen.user), markup=True),
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
_BLANK = {str(column.id): "" for column in _COLUMNS}
