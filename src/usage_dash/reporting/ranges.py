"""Ranges of reporting days: which days the page looks at, which came before, and in which buckets they are drawn."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.reporting.filters import By, Compare, Days, Filters, RangeName
from usage_dash.reporting.view_models import Range

DAY: Final = timedelta(days=1)
_MOST_DRAWN: Final = {By.DAY: 92, By.WEEK: 2 * 365 + 1}  # days of a range: a quarter, and two years
_WEEK = 7  # days
# OpenAI's API opened in June 2020. What a client's clock dates before, or after today, is in no range: one such entry
# would stretch "all" over decades.
EARLIEST_DAY = date(2020, 6, 1)


@dataclass(frozen=True, slots=True)
class Offer:
    """A range with a name: its length in days, where it has one, and what the page calls it."""

    days: int | None
    switch: str
    column: str
    label: str


OFFERS = {
    RangeName.WEEK: Offer(7, "7 days", "Last 7 days", "in 7 days"),
    RangeName.MONTH: Offer(30, "30 days", "Last 30 days", "in 30 days"),
    RangeName.QUARTER: Offer(90, "90 days", "Last 90 days", "in 90 days"),
    RangeName.MONTH_TO_DATE: Offer(None, "Month to date", "Month to date", "this month"),
    RangeName.LAST_MONTH: Offer(None, "Last month", "Last month", "last month"),
    RangeName.ALL: Offer(None, "All", "All entries", "in all"),
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """The reporting days from `first` to `last` that a range is compared with, cut off after the UTC time `until`."""

    first: date
    last: date
    until: datetime


def today(now: datetime, zone: ZoneInfo) -> date:
    """Return the reporting day that `now` falls on."""
    return now.astimezone(zone).date()


def range_of(asked: RangeName | Days, today: date, first_day: date | None) -> Range:
    """Return the range's days, none of them after today.

    `first_day` is that of the ledger's first entry in any range, None without one.
    """
    if isinstance(asked, Days):
        first, last = min(asked.first, today), min(asked.last, today)
        return Range(first, last, _label(length_of(first, last)))
    offer = OFFERS[asked]
    if offer.days is not None:
        return Range(today - (offer.days - 1) * DAY, today, offer.label)
    if asked is RangeName.ALL:
        return Range(first_day or today, today, offer.label)
    begin = today.replace(day=1)
    if asked is RangeName.MONTH_TO_DATE:
        return Range(begin, today, offer.label)
    return Range((begin - DAY).replace(day=1), begin - DAY, offer.label)


def column_of(asked: RangeName | Days, today: date) -> str:
    """Return what a column of the range's figures is called."""
    if isinstance(asked, Days):
        length = length_of(asked.first, min(asked.last, today))
        return "These days" if length > 1 else "This day"
    return OFFERS[asked].column


def length_of(first: date, last: date) -> int:
    """Return how many days a span has, both ends included."""
    return (last - first).days + 1


def earlier(filters: Filters, now: datetime, zone: ZoneInfo) -> Earlier | None:
    """Return the span that the range is compared with, of equal elapsed time: on its last day up to `now`'s time.

    Before "this month" and "last month" that is the month before, up to the same day and time; where that month is
    shorter, all of it. A time of day that the clocks skip on that day counts as the hour after. None for the range
    "all", and where nothing is to be compared.
    """
    if filters.compare is Compare.NONE or filters.range is RangeName.ALL:
        return None
    here = now.astimezone(zone)
    shown = range_of(filters.range, here.date(), None)
    if filters.range in {RangeName.MONTH_TO_DATE, RangeName.LAST_MONTH}:
        return _month_before(shown, here, zone)
    if filters.compare is Compare.MONTH:
        return _up_to(_a_month_before(shown.first), _a_month_before(shown.last), shown, here, zone)
    days = length_of(shown.first, shown.last) * DAY
    return _up_to(shown.first - days, shown.last - days, shown, here, zone)


def bucket_of(range_: Range, by: By | None = None) -> By:
    """Return what one point of a chart stands for: what was chosen, else what the range is not too long for."""
    length = length_of(range_.first, range_.last)
    return by or next((each for each, most in _MOST_DRAWN.items() if length <= most), By.MONTH)


def buckets_of(range_: Range, by: By | None = None) -> tuple[date, ...]:
    """Return the first day of each bucket of the range, which for a week or a month can be before the range."""
    bucket = bucket_of(range_, by)
    if bucket is By.MONTH:
        return tuple(_months(range_))
    if bucket is By.WEEK:
        return tuple(_each(range_.first - range_.first.weekday() * DAY, range_.last, _WEEK * DAY))
    return tuple(_each(range_.first, range_.last, DAY))


def end_of(bucket: date, by: By) -> date:
    """Return the last day of the bucket that begins with a day."""
    if by is By.MONTH:
        return bucket.replace(day=calendar.monthrange(bucket.year, bucket.month)[1])
    return bucket + (_WEEK - 1) * DAY if by is By.WEEK else bucket


def _label(length: int) -> str:
    return f"in {length} days" if length > 1 else "on that day"


def _month_before(shown: Range, here: datetime, zone: ZoneInfo) -> Earlier:
    end = shown.first - DAY
    if shown.last < here.date() or here.day > end.day:
        return Earlier(end.replace(day=1), end, _midnight_after(end, zone))
    last = end.replace(day=here.day)
    return Earlier(end.replace(day=1), last, _at_time_of(here, last, zone))


def _a_month_before(day: date) -> date:
    """Return the same day of the month before, or its last."""
    end = day.replace(day=1) - DAY
    return end.replace(day=min(day.day, end.day))


def _up_to(first: date, last: date, shown: Range, here: datetime, zone: ZoneInfo) -> Earlier:
    ends_today = shown.last == here.date()
    return Earlier(first, last, _at_time_of(here, last, zone) if ends_today else _midnight_after(last, zone))


def _at_time_of(here: datetime, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, here.time(), zone).astimezone(UTC)


def _midnight_after(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + DAY, datetime.min.time(), zone).astimezone(UTC)


def _each(first: date, last: date, step: timedelta) -> Iterator[date]:
    return (first + number * step for number in range((last - first) // step + 1))


def _months(range_: Range) -> Iterator[date]:
    month = range_.first.replace(day=1)
    while month <= range_.last:
        yield month
        month += timedelta(days=calendar.monthrange(month.year, month.month)[1])
