"""Which usage documents come near the size at which they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from usage_dash.reporting.audited import audit
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.growth import GROWTH, RECENT, WARNS_AT
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.tables import made

_URGENT_AT: Final = 0.9  # of what a document can hold

_FILLING = """
CREATE TEMP TABLE {table} AS
SELECT user_id, size, growth,
    CASE WHEN size >= $limit THEN 0 WHEN growth > 0 THEN ($limit - size) / growth END AS days_left,
    (size < $limit AND days_left <= $soon) IS TRUE AS soon, soon OR size >= $urgent_at AS urgent
FROM (SELECT user_id, size, {growth} AS growth FROM audited WHERE size >= $warns_at)
"""
_FULLNESS = """
SELECT (SELECT count(size) FROM audited) AS known, (SELECT max(size) FROM audited) AS fullest,
    count(*) AS filling, count(*) FILTER (soon) AS soon, count(*) FILTER (urgent) AS urgent
FROM filling
"""
_DOCUMENTS = """
SELECT user_id, size, growth FROM filling
ORDER BY urgent DESC, days_left NULLS LAST, size DESC, user_id LIMIT $most
"""


@dataclass(frozen=True, slots=True)
class FillingDocument:
    """A document of `octets` bytes, which grows by so many a day."""

    user_id: str
    octets: int
    growth: float


@dataclass(frozen=True, slots=True)
class Fullness:
    """How full documents are: of so many the size is `known`, and `fullest` is that of the largest.

    `filling` hold 60% of the limit or more; of these `soon` will be full within four weeks, and `urgent` are those and
    any that hold 90%. `documents` are the first of those that are filling, the most urgent first.
    """

    known: int
    fullest: int
    filling: int
    soon: int
    urgent: int
    documents: tuple[FillingDocument, ...]


def fullness(moment: Moment, limit: int, most: int) -> Fullness:
    """Return how full documents are that end at `limit` bytes, and at most so many of those that are filling."""
    audit(moment)
    made(moment, "filling", _FILLING.format(growth=GROWTH, table="{table}"), _bounds(moment, limit))
    found = row(moment, _FULLNESS)
    documents = tuple(FillingDocument(*each) for each in rows(moment, _DOCUMENTS, {"most": most}))
    return Fullness(found.known, found.fullest or 0, found.filling, found.soon, found.urgent, documents)


def _bounds(moment: Moment, limit: int) -> dict[str, Any]:
    return {
        "limit": limit,
        "warns_at": WARNS_AT * limit,
        "urgent_at": _URGENT_AT * limit,
        "soon": RECENT.days,
        "today": moment.today,
        "recent": moment.today - RECENT,
    }
