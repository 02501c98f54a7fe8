"""Where the page explains what a message tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol
from urllib.parse import urlencode

from usage_dash.reporting.filters import Compare, Days, Filters
from usage_dash.reporting.grammar import written
from usage_dash.settings.alert_rules import RuleName

_OF_USERS: Final = frozenset({RuleName.USER_DAY, RuleName.USER_MONTH})
_OF_DAYS: Final = _OF_USERS | {RuleName.BUDGET, RuleName.FORECAST, RuleName.UNUSUAL}


class Links(Protocol):
    """Gives the addresses of pages."""

    def overview(self, query: str = "") -> str:
        """Return where the overview is, for a query string."""
        ...

    def trust(self) -> str:
        """Return where it is told how far the figures can be trusted."""
        ...

    def user_page(self, user_id: str, query: str = "") -> str:
        """Return where a user's page is, for a query string."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A user's page, the overview of some days, or else the page of trust; in `words` for who gets no link."""

    words: str
    user_id: str | None = None
    query: str | None = None

    def link(self, links: Links) -> str:
        """Return its address."""
        if self.user_id is not None:
            return links.user_page(self.user_id, self.query or "")
        return links.trust() if self.query is None else links.overview(self.query)


def place_of(rule: RuleName | None, period: str, subjects: Sequence[str]) -> Place:
    """Return where events of a rule and period, of these subjects, are explained; of no rule, where alerts are."""
    query = _days(period) if rule in _OF_DAYS else None
    if len(subjects) == 1 and (rule in _OF_USERS or rule is RuleName.FULL):
        return Place("the user’s page", subjects[0], query)
    return Place("“Trust”") if query is None else Place("“Overview”", query=query)


def span_of(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period: of a day, or of a month."""
    is_day = period.count("-") > 1
    first = date.fromisoformat(period if is_day else f"{period}-01")
    return first, first if is_day else (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _days(period: str) -> str:
    """Return a query string for a period, which is compared with the day or the month before."""
    first, last = span_of(period)
    compare = Compare.PREVIOUS if first == last else Compare.MONTH
    return urlencode(written(Filters(range=Days(first, last), compare=compare)))
