"""Ranges of reporting days: which days the page looks at, which came before, and in which buckets they are drawn."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from usage_dash.reporting.filters import RangeName
from usage_dash.reporting.view_models import Range

_DAY = timedelta(days=1)
_MOST_DAYS_DRAWN = 400
# OpenAI's API opened in June 2020. What a client's clock dates before, or after today, is in no range: one such entry
# would stretch "all" over decades.
EARLIEST_DAY = date(2020, 6, 1)


@dataclass(frozen=True, slots=True)
class Offer:
    """A range that the page offers: its length in days, where it has one, and its names on the page."""

    days: int | None
    switch: str
    column: str
    label: str


OFFERS = {
    RangeName.WEEK: Offer(7, "7 days", "Last 7 days", "in 7 days"),
    RangeName.MONTH: Offer(30, "30 days", "Last 30 days", "in 30 days"),
    RangeName.QUARTER: Offer(90, "90 days", "Last 90 days", "in 90 days"),
    RangeName.MONTH_TO_DATE: Offer(None, "Month to date", "Month to date", "this month"),
    RangeName.ALL: Offer(None, "All", "All entries", "in all"),
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """The reporting days from `first` to `last` before a range, cut off after the UTC time `until`."""

    first: date
    last: date
    until: datetime


def today(now: datetime, zone: ZoneInfo) -> date:
    """Return the reporting day that `now` falls on."""
    return now.astimezone(zone).date()


def range_of(name: RangeName, today: date, first_day: date | None) -> Range:
    """Return the range's days. `first_day` is that of the ledger's first entry in any range, None without one."""
    offer = OFFERS[name]
    if offer.days is not None:
        first = today - (offer.days - 1) * _DAY
    else:
        first = today.replace(day=1) if name is RangeName.MONTH_TO_DATE else first_day or today
    return Range(first, today, offer.label)


def earlier(name: RangeName, now: datetime, zone: ZoneInfo) -> Earlier | None:
    """Return the span of equal elapsed time before the range: its last day counts up to `now`'s time of day.

    Before "this month" that is the month before, up to the same day and time; where that month is shorter, all of it.
    A time of day that the clocks skip on that day counts as the hour after. None for the range "all".
    """
    here = now.astimezone(zone)
    length = OFFERS[name].days
    if length is None:
        return _earlier_month(here, zone) if name is RangeName.MONTH_TO_DATE else None
    days = timedelta(days=length)
    last = here.date() - days
    return Earlier(last - days + _DAY, last, _at_time_of(here, last, zone))


def bucket_of(range_: Range) -> Literal["day", "month"]:
    """Return what one point of a chart stands for."""
    return "day" if (range_.last - range_.first).days < _MOST_DAYS_DRAWN else "month"


def buckets_of(range_: Range) -> tuple[date, ...]:
    """Return the first day of each bucket of the range; a month begins with its first."""
    return tuple(_days(range_) if bucket_of(range_) == "day" else _months(range_))


def _earlier_month(here: datetime, zone: ZoneInfo) -> Earlier:
    end = here.date().replace(day=1) - _DAY
    first = end.replace(day=1)
    if here.day > end.day:
        return Earlier(first, end, _midnight_after(end, zone))
    last = end.replace(day=here.day)
    return Earlier(first, last, _at_time_of(here, last, zone))


def _at_time_of(here: datetime, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, here.time(), zone).astimezone(UTC)


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + _DAY, datetime.min.time(), zone).astimezone(UTC)


def _days(range_: Range) -> Iterator[date]:
    return (range_.first + number * _DAY for number in range((range_.last - range_.first).days + 1))


def _months(range_: Range) -> Iterator[date]:
    month = range_.first.replace(day=1)
    while month <= range_.last:
        yield month
        month += timedelta(days=calendar.monthrange(month.year, month.month)[1])
