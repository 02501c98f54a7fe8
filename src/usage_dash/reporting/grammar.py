"""The grammar of addresses: what the page, exports and the API read of a query string, and how it is written.

An address can come from anybody, so whatever it asks for that cannot be is left out, and told in words for who opened
it. `docs/addresses.md` has the grammar for people; it is kept across versions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from usage_dash.documents.values import well_formed
from usage_dash.ledger.choice import Choice
from usage_dash.reporting.filters import By, Compare, Days, Filters, RangeName
from usage_dash.reporting.ranges import EARLIEST_DAY

_E = TypeVar("_E", bound=StrEnum)

Query = Mapping[str, Sequence[str]]  # each name's values, in order

LONGEST_NAME: Final = 1_500  # characters; Firestore's ids hold no more bytes
MOST_NAMES: Final = 200  # models, or users


@dataclass(frozen=True, slots=True)
class Read:
    """What an address asks for, and in words (“a range that is not one”) what of it cannot be."""

    filters: Filters
    left_out: tuple[str, ...]


def filters_of(query: Query, today: date) -> Read:
    """Return what a query string asks for; what it does not say, or says wrongly, is as at first."""
    left_out: list[str] = []
    choice = Choice(
        models=names(query, "model", "a model that cannot be one", left_out),
        users=names(query, "user", "a user that cannot be one", left_out),
        team=_team(query, left_out),
    )
    filters = Filters(
        range=_range(query, today, left_out),
        choice=choice,
        by=one_of(By, query, "by", left_out),
        compare=one_of(Compare, query, "compare", left_out) or Compare.PREVIOUS,
    )
    return Read(filters, tuple(left_out))


def written(filters: Filters) -> list[tuple[str, str]]:
    """Return the names and values by which an address asks for just this; what is as at first is left out."""
    first = Filters()
    pairs: list[tuple[str, str]] = []
    if isinstance(filters.range, Days):
        pairs += [("from", filters.range.first.isoformat()), ("to", filters.range.last.isoformat())]
    elif filters.range != first.range:
        pairs.append(("range", filters.range.value))
    pairs += [("model", model) for model in filters.choice.models]
    pairs += [("user", user) for user in filters.choice.users]
    pairs += [("team", filters.choice.team)] if filters.choice.team is not None else []
    pairs += [("by", filters.by.value)] if filters.by else []
    pairs += [("compare", filters.compare.value)] if filters.compare != first.compare else []
    return pairs


def one_of(kind: type[_E], query: Query, name: str, left_out: list[str]) -> _E | None:
    """Return the one value of `name`; None without it, and where it is none of its kind or several."""
    values = query.get(name, ())
    if len(values) == 1 and values[0] in {each.value for each in kind}:
        return kind(values[0])
    if values:
        left_out.append(f"“{name}” that is not one of {', '.join(each.value for each in kind)}")
    return None


def names(query: Query, name: str, odd: str, left_out: list[str]) -> tuple[str, ...]:
    """Return the values of `name` that can be names, each once, in an order of their own."""
    values = query.get(name, ())
    fit = sorted({value for value in values if is_name(value)})
    if len(fit) < len(set(values)) or len(fit) > MOST_NAMES:
        left_out.append(odd)
    return tuple(fit[:MOST_NAMES])


def is_name(value: str) -> bool:
    """Whether a text can be a model's or a user's name."""
    return 0 < len(value) <= LONGEST_NAME and well_formed(value) == value


def _team(query: Query, left_out: list[str]) -> str | None:
    values = query.get("team", ())
    if len(values) == 1 and (not values[0] or is_name(values[0])):
        return values[0]
    if values:
        left_out.append("a team that cannot be one, or several")
    return None


def _range(query: Query, today: date, left_out: list[str]) -> RangeName | Days:
    if "from" in query or "to" in query:
        days = _days(query, today)
        if days is None:
            left_out.append("days that cannot be")
        return days or Filters().range
    return one_of(RangeName, query, "range", left_out) or Filters().range


def _days(query: Query, today: date) -> Days | None:
    """Return the days from `from` to `to`, or until today, cut where there can be no usage; None if nothing is left."""
    if "range" in query or len(query.get("from", ())) != 1 or len(query.get("to", ("",))) != 1:
        return None
    first, last = _date(query["from"][0]), _date(query["to"][0]) if "to" in query else today
    if first is None or last is None or first > last or first > today or last < EARLIEST_DAY:
        return None
    return Days(max(first, EARLIEST_DAY), min(last, today))


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None  # 20261103 and 2026-W45-2 are dates to Python, too
