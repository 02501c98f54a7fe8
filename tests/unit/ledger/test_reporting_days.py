from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from usage_dash.ledger.reporting_days import offsets

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",  # used to change its clocks a minute after midnight
    "America/Havana",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Casablanca",
    "Africa/Monrovia",  # was 44 minutes and 30 seconds behind until 1972
    "Pacific/Apia",  # left out a day
    "Pacific/Kiritimati",
]
START, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
TIMES = st.integers(0, (END - START) // timedelta(seconds=1) - 1).map(
    lambda seconds: START + timedelta(seconds=seconds)
)


def days_of(times: list[datetime], zone: ZoneInfo) -> list[date]:
    """The reporting days as the ledger finds them: the last offset that holds since before the time."""
    known = offsets(zone, {time.date() for time in times})
    return [(time + [offset for since, offset in known if since <= time][-1]).date() for time in times]


@given(zone=st.sampled_from(ZONES), times=st.lists(TIMES, min_size=1, max_size=20))
@example(zone="Pacific/Apia", times=[datetime(2011, 12, 30, 9, 59, tzinfo=UTC), datetime(2011, 12, 30, 10, tzinfo=UTC)])
def test_offsets_put_every_time_on_its_local_date(zone: str, times: list[datetime]) -> None:
    assert days_of(times, ZoneInfo(zone)) == [time.astimezone(ZoneInfo(zone)).date() for time in times]


@pytest.mark.parametrize("zone", ZONES)
def test_offsets_are_right_at_every_minute_around_a_change(zone: str) -> None:
    changes = [
        datetime(2026, 3, 28, tzinfo=UTC),
        datetime(2026, 10, 25, tzinfo=UTC),
        datetime(2006, 10, 29, tzinfo=UTC),
    ]
    times = [start + timedelta(minutes=minute) for start in changes for minute in range(0, 2 * 24 * 60, 7)]
    assert days_of(times, ZoneInfo(zone)) == [time.astimezone(ZoneInfo(zone)).date() for time in times]


def test_offsets_tell_the_second_of_a_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert offsets(berlin, [date(2026, 3, 29)]) == [
        (datetime(2026, 3, 29, tzinfo=UTC), timedelta(hours=1)),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), timedelta(hours=2)),
    ]


def test_no_dates_have_no_offsets() -> None:
    assert offsets(ZoneInfo("UTC"), []) == []
