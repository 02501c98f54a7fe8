"""Faults of the chatbot's writer, recognised by what its documents show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from usage_dash.documents.findings import Problem
from usage_dash.reporting.audited import audit
from usage_dash.reporting.contradictions import CLOCKS_DIFFER
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.growth import RECENT
from usage_dash.reporting.ranges import EARLIEST_DAY
from usage_dash.reporting.rows import row

_MANY: Final = 1_000  # entries, more than a writer that trims has reason to keep
_UNSET: Final = datetime(1970, 1, 1, tzinfo=UTC)  # what no clock shows, but a time that nobody set

# A document whose entries were trimmed shows how many its writer keeps.
_UNTRIMMED = """
WITH trimmed AS (SELECT coalesce(max(kept), 0) AS kept FROM audited WHERE kept < entries)
SELECT count(*) AS documents, coalesce(max(audited.kept), 0) AS largest FROM audited, trimmed
WHERE audited.kept = entries AND recent > 0 AND audited.kept > greatest($many, trimmed.kept)
"""
# A first entry or a few are gone, and counters speak of those alone that are left, whereas trimming leaves counters be.
# Both were written within an hour: who sets everything back does so later.
_OVERWRITTEN = """
WITH written AS (
    SELECT user_key, sum(calls) FILTER (visible) AS calls, sum(cost) FILTER (visible) AS cost,
        sum(calls) FILTER (NOT visible) AS lost, max("at") FILTER (NOT visible) AS lost_at,
        min("at") FILTER (visible) AS kept_at, max(first_read) AS last_read
    FROM entries SEMI JOIN (SELECT user_key FROM audited WHERE kept > 0 AND entries - kept BETWEEN 1 AND 3)
        USING (user_key)
    GROUP BY user_key
)
SELECT count(*) AS documents FROM written JOIN users USING (user_key)
WHERE lost > 0 AND total_calls = calls AND abs(total_cost - cost) <= 1e-6 * total_cost AND written.last_read > $since
  AND kept_at BETWEEN lost_at - INTERVAL 1 HOUR AND lost_at + INTERVAL 1 HOUR
"""
# What is dated after the source's own clock when it was read, or before there was anything to use. That a clock was
# slow cannot be told from a write that came late.
_CLOCKS = """
WITH wrong AS (
    SELECT user_key, "at" - first_read AS ahead, CASE WHEN "at" < $earliest THEN "at" END AS early FROM entries
    WHERE first_read > $since
      AND ("at" > first_read + $tolerance OR ("at" < $earliest AND "at" <> $unset))
    UNION ALL
    SELECT user_key, created_at - first_read, NULL FROM users
    WHERE first_read > $since AND created_at > first_read + $tolerance
)
SELECT count(DISTINCT user_key) AS users, coalesce(max(ahead), INTERVAL 0 SECOND) AS ahead, min(early) AS early
FROM wrong
"""
_PATHS = "SELECT count(DISTINCT user_key) AS documents FROM findings WHERE problem = $problem"
# All calls are itemised and were read before the last write, which therefore counted none. Both times are by the
# source's clock, but for a first write, with one entry, which has the client's.
_MOVED = """
SELECT count(*) AS documents FROM audited
WHERE entries > 1 AND calls = total_calls AND last_updated > last_read AND last_updated > $since
"""


@dataclass(frozen=True, slots=True)
class WriterFaults:
    """In how many documents each fault shows; all but `paths` in those of the last four weeks.

    The `largest` of the `untrimmed` holds so many entries. `clocks` are users whose clocks were wrong: `ahead` by up to
    so much, or that dated something as `early` as that.
    """

    untrimmed: int
    largest: int
    overwritten: int
    clocks: int
    ahead: timedelta
    early: date | None
    paths: int
    moved: int


def writer_faults(moment: Moment) -> WriterFaults:
    """Return which faults of the writer show."""
    audit(moment)
    since = {"since": _naive(moment.now - RECENT)}
    untrimmed, clocks = row(moment, _UNTRIMMED, {"many": _MANY}), row(moment, _CLOCKS, since | _clock_limits())
    return WriterFaults(
        untrimmed=untrimmed.documents,
        largest=untrimmed.largest,
        overwritten=row(moment, _OVERWRITTEN, since).documents,
        clocks=clocks.users,
        ahead=max(clocks.ahead, timedelta()),
        early=clocks.early and clocks.early.date(),
        paths=row(moment, _PATHS, {"problem": Problem.PATH_AS_NAME.value}).documents,
        moved=row(moment, _MOVED, since).documents,
    )


def _clock_limits() -> dict[str, Any]:
    earliest = datetime.combine(EARLIEST_DAY, datetime.min.time(), UTC)
    return {"tolerance": CLOCKS_DIFFER, "earliest": _naive(earliest), "unset": _naive(_UNSET)}


def _naive(time: datetime) -> datetime:
    """Return a time as the ledger writes times."""
    return time.replace(tzinfo=None)
