"""Spans of days as a moment sees them, and as parameters of SQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import By, Filters, RangeName
from usage_dash.reporting.ranges import EARLIEST_DAY, bucket_of, range_of
from usage_dash.reporting.rows import row
from usage_dash.reporting.view_models import Range

_FIRST_DAY = "SELECT min(day) AS day FROM spending WHERE day BETWEEN $earliest AND $today"


def range_shown(moment: Moment, filters: Filters) -> Range:
    """Return the days that the filters' range stands for."""
    oldest = first_day(moment) if filters.range is RangeName.ALL else None
    return range_of(filters.range, moment.today, oldest)


def first_day(moment: Moment) -> date | None:
    """Return the first day with usage; None without one."""
    day: date | None = row(moment, _FIRST_DAY, possible(moment)).day
    return day


def possible(moment: Moment) -> dict[str, Any]:
    """Return the days on which usage can have been, as $earliest and $today."""
    return {"earliest": EARLIEST_DAY, "today": moment.today}


def within(shown: Range) -> dict[str, Any]:
    """Return a range's days, as $first and $last."""
    return {"first": shown.first, "last": shown.last}


def in_buckets(shown: Range, by: By | None) -> dict[str, Any]:
    """Return a range's days and the length of its buckets, as $first, $last and $bucket."""
    return {**within(shown), "bucket": bucket_of(shown, by)}


def utc(time: datetime | None) -> datetime | None:
    """Return a time of the ledger with its zone; of None, None."""
    return time and time.replace(tzinfo=UTC)
