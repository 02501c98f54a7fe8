"""Reporting days: which day a UTC time falls on in the reporting time zone.

The rules of time zones come from `zoneinfo`, everywhere: those inside DuckDB are older than the installed ones, and
two opinions about one zone would put an entry on one day in the ledger and on another on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def offsets(zone: ZoneInfo, utc_dates: Iterable[date]) -> list[tuple[datetime, timedelta]]:
    """Return `(since, offset)` in order of `since` (UTC): what to add to a UTC time on these dates for local time.

    An offset holds until the next `since`. On other dates the result means nothing.
    """
    known: list[tuple[datetime, timedelta]] = []
    for day in sorted(utc_dates):
        start = datetime.combine(day, time(), UTC)
        before, after = _offset(zone, start), _offset(zone, start + _DAY)
        known.append((start, before))
        if before != after:
            known.append((_change(zone, start, start + _DAY), after))
    return known


def offer_offsets(
    sql: duckdb.DuckDBPyConnection, zone: ZoneInfo, dates: str, values: Mapping[str, datetime | None] | None = None
) -> None:
    """Make `zone_offsets (since, shift)` hold what the zone adds on the UTC dates that the query `dates` gives."""
    known = offsets(zone, (day for (day,) in sql.execute(dates, values).fetchall()))
    since = pa.array([since.replace(tzinfo=None) for since, _ in known], pa.timestamp("us"))
    shift = pa.array([shift for _, shift in known], pa.duration("us"))
    sql.register("zone_offsets", pa.table({"since": since, "shift": shift}))


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Find, to the second, when the offset changed; since 1970 no zone has changed twice within two days."""
    before = _offset(zone, low)
    while high - low > _SECOND:
        middle = low + (high - low) // 2 // _SECOND * _SECOND
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high
