"""Counters against entries: how much of what is counted some entry explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from usage_dash.checks.check import NAMED, Check, Concerned, State
from usage_dash.checks.rules import Rules
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.explained import Explained, Measure, booked_cost, explained, short_of
from usage_dash.wording import formats

_FORMS: Final[dict[Measure, Callable[[float], str]]] = {
    Measure.COST: formats.whole_money,
    Measure.CALLS: formats.compact,
    Measure.TOKENS: formats.compact,
}
_UNITS: Final = {
    Measure.COST: "not itemised",
    Measure.CALLS: "calls not itemised",
    Measure.TOKENS: "tokens not itemised",
}
_BEFORE: Final = (
    "Entries that the writer trimmed before usage-dash first read them, or that a hand-made document never had."
)
_SINCE: Final = "The writer counts calls that it writes no entry for, or trims entries before anybody has read them."
_BOOKED: Final = (
    "Nothing is lost from now on: growth that no entry explains is booked on its day as “not itemised”, and entries "
    "that were read stay known when the writer trims them."
)
_HOW: Final = "The counters of each document are held against all entries that were ever read of it, also trimmed ones."
_WHEN: Final = "Once counters grow without an entry; that growth is booked on its day as “not itemised”."


def entries_explain(moment: Moment, _rules: Rules) -> Check | None:
    """Return how much of the counters entries explain; None where nothing is counted."""
    found = [each for each in explained(moment) if each.counted]
    if not found:
        return None
    short = next((each for each in found if each.short), None)
    return _all(found) if short is None else _some(moment, found, short)


def _all(found: Sequence[Explained]) -> Check:
    return Check(
        key="entries-explain",
        state=State.GOOD,
        title="Entries explain all that counters say",
        detail="Cost, calls and tokens, of every document",
        figure="100%",
        unit=f"of all-time {found[0].measure}",
        why=_HOW,
        todo=_WHEN,
        facts=tuple(map(_fact, found)),
    )


def _some(moment: Moment, found: Sequence[Explained], short: Explained) -> Check:
    measure, missing, booked = short.measure, short.counted - short.explained, booked_cost(moment)
    users = tuple(
        Concerned(each.user_id, f"{formats.rough_share(each.share)} explained")
        for each in short_of(moment, measure, NAMED)
    )
    since = (("Booked by day", formats.money(booked)),) if booked else ()
    return Check(
        key="entries-explain",
        state=State.LOOK,
        title=f"Entries explain {_share(short)} of all-time {measure}",
        detail="The rest is counted, but no entry says which day or model",
        figure=_FORMS[measure](missing),
        unit=_UNITS[measure],
        why=_SINCE if booked else _BEFORE,
        todo=_BOOKED,
        dollars=missing if measure is Measure.COST else 0.0,
        users=users,
        others=short.short - len(users),
        facts=(*map(_fact, found), *since),
    )


def _share(short: Explained) -> str:
    """Return the share in words, which is never all while a document is short of something."""
    return formats.rough_share(min(short.share, 0.99))


def _fact(each: Explained) -> tuple[str, str]:
    form = _FORMS[each.measure]
    return each.measure.capitalize(), f"{form(each.explained)} of {form(each.counted)}"
