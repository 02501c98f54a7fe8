from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.reporting.filters import RangeName
from usage_dash.reporting.ranges import Earlier, bucket_of, buckets_of, earlier, range_of, today
from usage_dash.reporting.view_models import Range

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
JUNE_15 = date(2026, 6, 15)


@pytest.mark.parametrize(
    ("name", "first", "label"),
    [
        (RangeName.WEEK, date(2026, 6, 9), "in 7 days"),
        (RangeName.MONTH, date(2026, 5, 17), "in 30 days"),
        (RangeName.QUARTER, date(2026, 3, 18), "in 90 days"),
        (RangeName.MONTH_TO_DATE, date(2026, 6, 1), "this month"),
    ],
)
def test_range_ends_today_whatever_the_ledger_holds(name: RangeName, first: date, label: str) -> None:
    assert range_of(name, JUNE_15, date(2020, 7, 1)) == Range(first, JUNE_15, label)


@pytest.mark.parametrize(
    ("first_day", "first"), [(None, JUNE_15), (date(2026, 6, 1), date(2026, 6, 1)), (JUNE_15, JUNE_15)]
)
def test_range_of_all_goes_from_the_first_entry_to_today(first_day: date | None, first: date) -> None:
    assert range_of(RangeName.ALL, JUNE_15, first_day) == Range(first, JUNE_15, "in all")


@pytest.mark.parametrize(
    ("zone", "now", "day"),
    [
        ("Pacific/Kiritimati", datetime(2026, 6, 14, 10, tzinfo=UTC), JUNE_15),
        ("Asia/Kathmandu", datetime(2026, 6, 14, 18, 14, tzinfo=UTC), date(2026, 6, 14)),
        ("Asia/Kathmandu", datetime(2026, 6, 14, 18, 15, tzinfo=UTC), JUNE_15),
        ("America/New_York", datetime(2026, 6, 16, 3, 59, tzinfo=UTC), JUNE_15),
    ],
)
def test_today_is_the_reporting_day(zone: str, now: datetime, day: date) -> None:
    assert today(now, ZoneInfo(zone)) == day


@pytest.mark.parametrize(
    ("name", "zone", "now", "expected"),
    [
        (  # the clocks go forward on 29 March: 12:00 is 10:00 UTC now, and was 11:00 UTC then
            RangeName.WEEK,
            BERLIN,
            datetime(2026, 3, 31, 10, tzinfo=UTC),
            Earlier(date(2026, 3, 18), date(2026, 3, 24), datetime(2026, 3, 24, 11, tzinfo=UTC)),
        ),
        (  # the clocks go back on 25 October
            RangeName.WEEK,
            BERLIN,
            datetime(2026, 10, 27, 11, tzinfo=UTC),
            Earlier(date(2026, 10, 14), date(2026, 10, 20), datetime(2026, 10, 20, 10, tzinfo=UTC)),
        ),
        (  # 02:30 was skipped on 29 March, and counts as 03:30
            RangeName.WEEK,
            BERLIN,
            datetime(2026, 4, 5, 0, 30, tzinfo=UTC),
            Earlier(date(2026, 3, 23), date(2026, 3, 29), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ),
        (
            RangeName.MONTH,
            NEW_YORK,
            datetime(2026, 3, 20, 16, tzinfo=UTC),
            Earlier(date(2026, 1, 20), date(2026, 2, 18), datetime(2026, 2, 18, 17, tzinfo=UTC)),
        ),
        (
            RangeName.QUARTER,
            ZoneInfo("UTC"),
            datetime(2026, 6, 15, 8, 30, 15, tzinfo=UTC),
            Earlier(date(2025, 12, 18), date(2026, 3, 17), datetime(2026, 3, 17, 8, 30, 15, tzinfo=UTC)),
        ),
        (
            RangeName.MONTH_TO_DATE,
            BERLIN,
            datetime(2026, 4, 15, 10, tzinfo=UTC),
            Earlier(date(2026, 3, 1), date(2026, 3, 15), datetime(2026, 3, 15, 11, tzinfo=UTC)),
        ),
        (
            RangeName.MONTH_TO_DATE,
            ZoneInfo("UTC"),
            datetime(2026, 1, 1, 6, tzinfo=UTC),
            Earlier(date(2025, 12, 1), date(2025, 12, 1), datetime(2025, 12, 1, 6, tzinfo=UTC)),
        ),
        (  # February is too short: all of it
            RangeName.MONTH_TO_DATE,
            BERLIN,
            datetime(2026, 3, 29, 10, tzinfo=UTC),
            Earlier(date(2026, 2, 1), date(2026, 2, 28), datetime(2026, 2, 28, 23, tzinfo=UTC)),
        ),
        (
            RangeName.MONTH_TO_DATE,
            ZoneInfo("UTC"),
            datetime(2028, 3, 29, 10, tzinfo=UTC),
            Earlier(date(2028, 2, 1), date(2028, 2, 29), datetime(2028, 2, 29, 10, tzinfo=UTC)),
        ),
        (RangeName.ALL, BERLIN, datetime(2026, 6, 15, tzinfo=UTC), None),
    ],
)
def test_earlier_span_has_the_same_days_and_ends_at_the_same_time_of_day(
    name: RangeName, zone: ZoneInfo, now: datetime, expected: Earlier | None
) -> None:
    assert earlier(name, now, zone) == expected


@given(
    st.sampled_from([RangeName.WEEK, RangeName.MONTH, RangeName.QUARTER, RangeName.MONTH_TO_DATE]),
    st.integers(0, 50 * 366 * 86_400).map(
        lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"]),
)
def test_earlier_span_ends_right_before_the_range_or_sooner(name: RangeName, now: datetime, zone: str) -> None:
    shown = range_of(name, today(now, ZoneInfo(zone)), None)
    span = earlier(name, now, ZoneInfo(zone))
    assert span is not None
    assert span.last < shown.first
    assert (span.last - span.first) <= (shown.last - shown.first)
    if name is not RangeName.MONTH_TO_DATE:
        assert (span.last - span.first, span.last) == (shown.last - shown.first, shown.first - timedelta(days=1))


@pytest.mark.parametrize(("days", "bucket"), [(1, "day"), (400, "day"), (401, "month")])
def test_bucket_is_a_month_in_ranges_of_more_than_400_days(days: int, bucket: str) -> None:
    assert bucket_of(Range(JUNE_15 - timedelta(days=days - 1), JUNE_15, "in all")) == bucket


def test_buckets_are_days_without_gaps() -> None:
    shown = Range(date(2026, 2, 27), date(2026, 3, 2), "in all")
    assert buckets_of(shown) == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2))


def test_buckets_of_months_begin_with_their_first() -> None:
    shown = Range(date(2024, 11, 20), date(2026, 1, 1), "in all")
    months = buckets_of(shown)
    assert (months[:3], months[-1], len(months)) == (
        (date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)),
        date(2026, 1, 1),
        15,
    )
