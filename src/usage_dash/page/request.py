"""What a viewer asks for, read from an address: anything at all, so whatever cannot be is left out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlencode

from usage_dash.access.current import Admitted
from usage_dash.documents.values import well_formed
from usage_dash.ledger.choice import Choice
from usage_dash.reporting import grammar
from usage_dash.reporting.filters import Filters, OpenedRow, UserQuery, UserSort
from usage_dash.reporting.grammar import Query

USERS, TRUST = "users", "trust"  # the paths of pages; a user's id follows theirs
FEWER_ROWS: Final = 5  # of a page of the table in a frame
_MOST_OPENED = 50  # rows; a page holds fewer
_MOST_FIELDS = 500  # of an address
_LAST_PAGE = 1_000_000
_LONGEST_KEY = 64


class Measure(StrEnum):
    """What the second chart over time shows."""

    CALLS = "calls"
    TOKENS = "tokens"
    INPUT = "input"
    OUTPUT = "output"
    USERS = "users"
    COST = "cost"


class _Sum(StrEnum):
    CUMULATIVE = "cumulative"


class _Height(StrEnum):
    FULL = "full"


class Top(StrEnum):
    """Whose bars the chart of the dearest shows."""

    USERS = "users"
    TEAMS = "teams"


@dataclass(frozen=True, slots=True)
class Looks:
    """How the charts show what they show.

    `cumulative`: each point of the cost is all up to it; `full_height`: no axis ends below its highest point.
    """

    measure: Measure = Measure.CALLS
    cumulative: bool = False
    top: Top = Top.USERS
    full_height: bool = False


# What an address says as well by leaving it out; so that equal pages have one address, scripts leave it out too.
USUAL: Final = {
    "range": str(Filters().range),
    "compare": Filters().compare.value,
    "measure": Looks().measure.value,
    "top": Looks().top.value,
    "sort": f"-{UserQuery().sort.value}",
    "page": "1",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and the choices that they made, at a place: the overview, `person`’s page, or that of `trust`.

    `said` is the query string as it came, `left_out` tells in words what of it cannot be.
    """

    who: Admitted
    filters: Filters = field(default_factory=Filters)
    users: UserQuery = field(default_factory=UserQuery)
    looks: Looks = field(default_factory=Looks)
    person: str | None = None
    trust: bool = False
    said: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def shown(self) -> Filters:
        """The filters that act: on a user's page no others than that user are chosen, and no team."""
        if self.person is None:
            return self.filters
        return replace(self.filters, choice=Choice(models=self.filters.choice.models, users=(self.person,)))

    @property
    def at(self) -> str:
        """The path of what is shown, below the dashboard's own."""
        if self.trust:
            return TRUST
        return "" if self.person is None else f"{USERS}/{self.person}"

    @property
    def query(self) -> str:
        """The query string that asks for just this."""
        return urlencode([*self._chosen, *_written_table(self.users)])

    @property
    def along(self) -> str:
        """The part of the query string that goes along to a user's page and back."""
        shown = replace(self.filters, choice=Choice(models=self.filters.choice.models))
        return urlencode([*grammar.written(shown), *_written(self.looks)])

    @property
    def kept(self) -> str:
        """The part of the query string that the other pages of the header are asked with: what is chosen here."""
        return self.along if self.person is not None else urlencode(self._chosen)

    @property
    def _chosen(self) -> list[tuple[str, str]]:
        return [*grammar.written(self.filters), *_written(self.looks)]


def parse(who: Admitted, asked: object, today: date) -> Asked:
    """Read what the page asks: `{query, at, rows}`, of which `at` is its path below the dashboard's own."""
    told = asked if isinstance(asked, dict) else {}
    query, at = told.get("query"), told.get("at")
    text = well_formed(query) if isinstance(query, str) else ""
    found = of_query(who, text, today, at if isinstance(at, str) else "")
    return replace(found, users=replace(found.users, page_size=_rows(told.get("rows"))))


def of_query(who: Admitted, text: str, today: date, at: str = "") -> Asked:
    """Read a query string, at a path below the dashboard's own."""
    return replace(_of_query(who, text, today), person=person_of(at), trust=at.strip("/") == TRUST)


def _of_query(who: Admitted, text: str, today: date) -> Asked:
    try:
        query: Query = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        return Asked(who, said=text, left_out=("what cannot be read",))
    read = grammar.filters_of(query, today)
    left_out = [*read.left_out]
    looks, users = _looks(query, left_out), _users(query, left_out)
    return Asked(who, read.filters, users, looks, said=text, left_out=tuple(left_out))


def person_of(path: str) -> str | None:
    """Return whose page is at a path below the dashboard's own; None where that is nobody's."""
    start, _, user = path.lstrip("/").partition("/")
    return user if start == USERS and grammar.is_name(user) else None


def parse_held(held: object) -> dict[str, str]:
    """Read which state of each part of the page the browser holds."""
    parts = held if isinstance(held, dict) else {}
    return {part: key for part, key in parts.items() if isinstance(key, str) and len(key) <= _LONGEST_KEY}


def _looks(query: Query, left_out: list[str]) -> Looks:
    first = Looks()
    return Looks(
        measure=grammar.one_of(Measure, query, "measure", left_out) or first.measure,
        cumulative=grammar.one_of(_Sum, query, "sum", left_out) is not None,
        top=grammar.one_of(Top, query, "top", left_out) or first.top,
        full_height=grammar.one_of(_Height, query, "height", left_out) is not None,
    )


def _users(query: Query, left_out: list[str]) -> UserQuery:
    sort, descending = _sort(query, left_out)
    return UserQuery(sort, descending=descending, page=_page(query, left_out), opened=_opened(query, left_out))


def _sort(query: Query, left_out: list[str]) -> tuple[UserSort, bool]:
    first = UserQuery()
    if "sort" not in query:
        return first.sort, first.descending
    column = grammar.one_of(UserSort, {"sort": [each.removeprefix("-") for each in query["sort"]]}, "sort", left_out)
    return (column, query["sort"][0].startswith("-")) if column else (first.sort, first.descending)


def _page(query: Query, left_out: list[str]) -> int:
    values = query.get("page", ("1",))
    number = _number(values[0]) if len(values) == 1 else None
    if number is None:
        left_out.append("a page that is not a number from 1 on")
    return (number or 1) - 1


def _opened(query: Query, left_out: list[str]) -> tuple[OpenedRow, ...]:
    """Read the opened rows in the order of their ids, with their pages: equal choices are equal questions."""
    users = grammar.names(query, "open", "a row of somebody who cannot be", left_out)[:_MOST_OPENED]
    pages = {}
    for value in query.get("entries", ()):
        page, _, user = value.partition(":")
        pages[user] = (_number(page) or 1) - 1
    return tuple(OpenedRow(user, pages.get(user, 0)) for user in users)


def _number(text: str) -> int | None:
    """Read a number from 1 on, as far as pages can go."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(_LAST_PAGE)):
        return None
    return min(int(text), _LAST_PAGE) or None


def _rows(value: object) -> int:
    """Read how many rows a page of the table has: a frame is lower."""
    return FEWER_ROWS if type(value) is int and value == FEWER_ROWS else UserQuery().page_size


def _written(looks: Looks) -> list[tuple[str, str]]:
    first = Looks()
    pairs = [("measure", looks.measure.value)] if looks.measure is not first.measure else []
    pairs += [("sum", _Sum.CUMULATIVE.value)] if looks.cumulative else []
    pairs += [("top", looks.top.value)] if looks.top is not first.top else []
    return pairs + ([("height", _Height.FULL.value)] if looks.full_height else [])


def _written_table(users: UserQuery) -> list[tuple[str, str]]:
    first = UserQuery()
    pairs: list[tuple[str, str]] = []
    if (users.sort, users.descending) != (first.sort, first.descending):
        pairs.append(("sort", f"{'-' if users.descending else ''}{users.sort.value}"))
    pairs += [("page", str(users.page + 1))] if users.page else []
    pairs += [("open", row.user_id) for row in users.opened]
    return pairs + [("entries", f"{row.page + 1}:{row.user_id}") for row in users.opened if row.page]
