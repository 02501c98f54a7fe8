"""What an export shows, as its first sheet and its JSON say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from usage_dash.reporting import exports
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.spans import range_shown
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.trust import trust
from usage_dash.wording import formats
from usage_dash.wording.amounts import amount

_NOT_ITEMISED = "counters grew by it, but no entry says which model it was of"
_GONE = "known of documents that were deleted since, and kept by day and model without their ids"

Plain = str | int | float | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One of them: its key and value for programs, and in words for people."""

    key: str
    value: Plain
    words: str
    told: str


def about(moment: Moment, filters: Filters, data_time: datetime) -> tuple[Fact, ...]:
    """Return what the rows are of, as of when, and what they lack."""
    shown, choice = range_shown(moment, filters), filters.choice
    known, parts = trust(moment), exports.not_listed(moment, filters)
    unplaced = known.untimed + known.misdated
    coverage = "unknown" if known.coverage is None else f"{known.coverage:.1%}"
    return (
        _text("made_at", "Made at", _rfc3339(moment.now)),
        _text("data_time", "Data as of", _rfc3339(data_time)),
        _text("first_day", "First day", shown.first.isoformat()),
        _text("last_day", "Last day", shown.last.isoformat()),
        _text("time_zone", "Time zone of the days", moment.zone.key),
        _text("currency", "Currency", "USD"),
        _chosen("models", "Models", choice.models),
        _chosen("users", "Users", choice.users),
        Fact("team", choice.team, "Team", {None: "all", "": "in no team"}.get(choice.team, choice.team or "")),
        _count("users_seen", "Users that the viewer may see", moment.documents),
        Fact("itemised", bool(choice.models), "All-time figures", _all_time(itemised=bool(choice.models))),
        _cost("not_itemised_cost_usd", "Not itemised", parts.not_itemised, _NOT_ITEMISED),
        _cost("gone_cost_usd", "Users who are gone", parts.gone, _GONE),
        Fact("coverage", known.coverage, "Share of the all-time cost that entries explain", coverage),
        _count("users_without_entries", "Users whose cost no entry explains", exports.users_without_entries(moment)),
        _count("users_without_total", "Users whose counters lack the cost", known.untotalled),
        _count("entries_in_no_range", "Entries in no range, as their time is unreadable or wrong", unplaced),
        _count("entries_without_cost", "Entries that lack their cost", known.uncosted),
    )


def _text(key: str, words: str, value: str) -> Fact:
    return Fact(key, value, words, value)


def _count(key: str, words: str, value: int) -> Fact:
    return Fact(key, value, words, f"{value:,}")


def _cost(key: str, words: str, value: Sum, why: str) -> Fact:
    return Fact(key, value.least, words, f"{amount(value, formats.money)} of the cost in the range: {why}")


def _chosen(key: str, words: str, names: Sequence[str]) -> Fact:
    return Fact(key, list(names) or None, words, ", ".join(names) or "all")


def _all_time(*, itemised: bool) -> str:
    return "itemised: from entries of these models, since counters know no model" if itemised else "from counters"


def _rfc3339(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
