from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.reporting.filters import By, Compare, Days, Filters, RangeName
from usage_dash.reporting.ranges import Earlier, bucket_of, buckets_of, column_of, earlier, end_of, range_of, today
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
    ("day", "first", "last"),
    [
        (JUNE_15, date(2026, 5, 1), date(2026, 5, 31)),
        (date(2026, 1, 1), date(2025, 12, 1), date(2025, 12, 31)),
        (date(2028, 3, 31), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_last_month_is_whole(day: date, first: date, last: date) -> None:
    assert range_of(RangeName.LAST_MONTH, day, None) == Range(first, last, "last month")


@pytest.mark.parametrize(
    ("days", "shown", "column"),
    [
        (
            Days(date(2026, 6, 3), date(2026, 6, 14)),
            Range(date(2026, 6, 3), date(2026, 6, 14), "in 12 days"),
            "These days",
        ),
        (Days(date(2026, 6, 3), date(2026, 6, 20)), Range(date(2026, 6, 3), JUNE_15, "in 13 days"), "These days"),
        (
            Days(date(2026, 6, 3), date(2026, 6, 3)),
            Range(date(2026, 6, 3), date(2026, 6, 3), "on that day"),
            "This day",
        ),
        (Days(JUNE_15, date(2026, 6, 20)), Range(JUNE_15, JUNE_15, "on that day"), "This day"),
    ],
)
def test_range_of_chosen_days_ends_today_at_the_latest(days: Days, shown: Range, column: str) -> None:
    assert range_of(days, JUNE_15, None) == shown
    assert column_of(days, JUNE_15) == column


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
    assert earlier(Filters(name), now, zone) == expected


@pytest.mark.parametrize(
    ("range_", "compare", "expected"),
    [
        (RangeName.LAST_MONTH, Compare.PREVIOUS, (date(2026, 2, 1), date(2026, 2, 28), "2026-02-28T23:00")),
        (RangeName.LAST_MONTH, Compare.MONTH, (date(2026, 2, 1), date(2026, 2, 28), "2026-02-28T23:00")),
        (RangeName.MONTH_TO_DATE, Compare.MONTH, (date(2026, 3, 1), date(2026, 3, 15), "2026-03-15T11:00")),
        (RangeName.WEEK, Compare.MONTH, (date(2026, 3, 9), date(2026, 3, 15), "2026-03-15T11:00")),
        (RangeName.QUARTER, Compare.MONTH, (date(2025, 12, 16), date(2026, 3, 15), "2026-03-15T11:00")),
        # They end before today, so all of their last day counts. March has one day more than any month before it.
        ((3, 30, 3, 31), Compare.MONTH, (date(2026, 2, 28), date(2026, 2, 28), "2026-02-28T23:00")),
        ((3, 30, 3, 31), Compare.PREVIOUS, (date(2026, 3, 28), date(2026, 3, 29), "2026-03-29T22:00")),
        ((4, 1, 4, 14), Compare.PREVIOUS, (date(2026, 3, 18), date(2026, 3, 31), "2026-03-31T22:00")),
        ((4, 1, 4, 15), Compare.PREVIOUS, (date(2026, 3, 17), date(2026, 3, 31), "2026-03-31T10:00")),
        ((4, 15, 4, 20), Compare.PREVIOUS, (date(2026, 4, 14), date(2026, 4, 14), "2026-04-14T10:00")),
        (RangeName.ALL, Compare.MONTH, None),
        (RangeName.WEEK, Compare.NONE, None),
        ((4, 1, 4, 14), Compare.NONE, None),
    ],
)
def test_other_days_can_be_compared_with(
    range_: RangeName | tuple[int, int, int, int], compare: Compare, expected: tuple[date, date, str] | None
) -> None:
    now = datetime(2026, 4, 15, 10, tzinfo=UTC)  # noon in Berlin, where clocks went forward on 29 March
    if isinstance(range_, tuple):
        range_ = Days(date(2026, *range_[:2]), date(2026, *range_[2:]))
    span = expected and Earlier(expected[0], expected[1], datetime.fromisoformat(f"{expected[2]}:00+00:00"))
    assert earlier(Filters(range_, compare=compare), now, BERLIN) == span


@given(
    st.sampled_from([RangeName.WEEK, RangeName.MONTH, RangeName.QUARTER, RangeName.MONTH_TO_DATE]),
    st.integers(0, 50 * 366 * 86_400).map(
        lambda seconds: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"]),
)
def test_earlier_span_ends_right_before_the_range_or_sooner(name: RangeName, now: datetime, zone: str) -> None:
    shown = range_of(name, today(now, ZoneInfo(zone)), None)
    span = earlier(Filters(name), now, ZoneInfo(zone))
    assert span is not None
    assert span.last < shown.first
    assert (span.last - span.first) <= (shown.last - shown.first)
    if name is not RangeName.MONTH_TO_DATE:
        assert (span.last - span.first, span.last) == (shown.last - shown.first, shown.first - timedelta(days=1))


@pytest.mark.parametrize(
    ("days", "bucket"), [(1, "day"), (92, "day"), (93, "week"), (731, "week"), (732, "month"), (2000, "month")]
)
def test_long_ranges_are_in_weeks_and_longer_ones_in_months(days: int, bucket: str) -> None:
    assert bucket_of(Range(JUNE_15 - timedelta(days=days - 1), JUNE_15, "in all")) == bucket


def test_buckets_are_days_without_gaps() -> None:
    shown = Range(date(2026, 2, 27), date(2026, 3, 2), "in all")
    assert buckets_of(shown) == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2))


def test_buckets_of_months_begin_with_their_first() -> None:
    shown = Range(date(2024, 11, 20), date(2026, 1, 1), "in all")
    months = buckets_of(shown, By.MONTH)
    assert (months[:3], months[-1], len(months)) == (
        (date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)),
        date(2026, 1, 1),
        15,
    )


@pytest.mark.parametrize(
    ("by", "first"), [(By.DAY, JUNE_15), (By.WEEK, date(2026, 6, 15)), (By.MONTH, date(2026, 6, 1))]
)
def test_bucket_is_what_was_chosen(by: By, first: date) -> None:
    for length in (1, 600):
        shown = Range(JUNE_15, JUNE_15 + timedelta(days=length - 1), "in all")
        assert bucket_of(shown, by) is by
        assert buckets_of(shown, by)[0] == first


def test_buckets_of_weeks_begin_on_monday() -> None:
    shown = Range(date(2026, 1, 1), date(2026, 1, 18), "in 18 days")
    assert buckets_of(shown, By.WEEK) == (date(2025, 12, 29), date(2026, 1, 5), date(2026, 1, 12))
    sunday = Range(date(2026, 1, 4), date(2026, 1, 5), "in 2 days")
    assert buckets_of(sunday, By.WEEK) == (date(2025, 12, 29), date(2026, 1, 5))


@given(st.dates(date(2020, 6, 1), date(2030, 1, 1)), st.integers(1, 800), st.sampled_from(By))
def test_each_day_of_a_range_is_in_one_bucket(first: date, length: int, by: By) -> None:
    shown = Range(first, first + timedelta(days=length - 1), "")
    spans = [(bucket, end_of(bucket, by)) for bucket in buckets_of(shown, by)]
    assert spans[0][0] <= shown.first <= spans[0][1]
    assert spans[-1][0] <= shown.last <= spans[-1][1]
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(spans))
