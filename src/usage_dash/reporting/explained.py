"""How much of what counters say entries explain, in dollars, calls and tokens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from usage_dash.reporting.audited import audit
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import NEARLY
from usage_dash.reporting.rows import row, rows

# Judged document by document, as coverage is: too many entries in one make up for none in another.
_EXPLAINED = """
SELECT coalesce(sum(total_{m}), 0) AS counted,
    coalesce(sum(CASE WHEN placed_{m} >= total_{m} * $nearly THEN total_{m} ELSE placed_{m} END)
        FILTER (total_{m} IS NOT NULL), 0) AS explained,
    count(*) FILTER (placed_{m} < total_{m} * $nearly) AS short
FROM audited
"""
_SHORT = """
SELECT user_id, placed_{m} / total_{m} AS share FROM audited
WHERE placed_{m} < total_{m} * $nearly
ORDER BY total_{m} - placed_{m} DESC, user_id LIMIT $most
"""
_BOOKED = "SELECT coalesce(sum(cost), 0) AS cost FROM bookings SEMI JOIN users USING (user_key)"


class Measure(StrEnum):
    """What is counted, by the names of its columns."""

    COST = "cost"
    CALLS = "calls"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Explained:
    """What all counters say of a measure, how much of it entries explain, and in how many documents not all of it."""

    measure: Measure
    counted: float
    explained: float
    short: int

    @property
    def share(self) -> float:
        """The share that is explained; of nothing, all."""
        return self.explained / self.counted if self.counted else 1.0


@dataclass(frozen=True, slots=True)
class ShortOf:
    """A user, and the share of a measure that entries explain."""

    user_id: str
    share: float


_ALL: Final = tuple(Measure)


def explained(moment: Moment) -> tuple[Explained, ...]:
    """Return how much entries explain of each measure, of the documents whose counters say it."""
    audit(moment)
    found = [(each, row(moment, _EXPLAINED.format(m=each), {"nearly": NEARLY})) for each in _ALL]
    return tuple(Explained(each, float(said.counted), float(said.explained), said.short) for each, said in found)


def short_of(moment: Moment, measure: Measure, most: int) -> tuple[ShortOf, ...]:
    """Return at most so many users whose entries do not explain all of a measure, those who lack most of it first."""
    audit(moment)
    found = rows(moment, _SHORT.format(m=measure), {"nearly": NEARLY, "most": most})
    return tuple(ShortOf(each.user_id, float(each.share)) for each in found)


def booked_cost(moment: Moment) -> float:
    """Return how much cost without an entry was booked by day, since usage was first read."""
    return float(row(moment, _BOOKED).cost)
