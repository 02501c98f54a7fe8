"""What counts against the free quota, by days and months in California."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from usage_dash.sync.bill import FREE_BYTES, FREE_READS, Bill, Spent


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize(
    ("midnight", "today"),
    [
        (datetime(2026, 7, 15, 7, tzinfo=UTC), date(2026, 7, 15)),  # summer time: seven hours behind
        (datetime(2026, 1, 15, 8, tzinfo=UTC), date(2026, 1, 15)),  # winter time: eight
        (datetime(2026, 3, 8, 8, tzinfo=UTC), date(2026, 3, 8)),  # the day that has 23 hours begins
        (datetime(2026, 3, 9, 7, tzinfo=UTC), date(2026, 3, 9)),  # and ends
    ],
)
def test_the_day_begins_at_midnight_pacific(midnight: datetime, today: date) -> None:
    clock = Clock(midnight - timedelta(seconds=1))
    bill = Bill(clock)
    bill.add(reads=10, bytes_out=1_000)
    assert bill.quota().today == Spent(10, 1_000)
    clock.now = midnight
    assert bill.quota().today == Spent()
    bill.add(reads=3, bytes_out=30)
    assert bill.quota().today == Spent(3, 30)
    assert bill.quota().month == Spent(13, 1_030)
    assert bill.quota().since == today - timedelta(days=1)


def test_the_month_begins_at_midnight_pacific_of_its_first_day() -> None:
    clock = Clock(datetime(2026, 12, 1, 7, 59, tzinfo=UTC))
    bill = Bill(clock)
    bill.add(reads=10, bytes_out=1_000)
    assert (bill.quota().month, bill.quota().since) == (Spent(10, 1_000), date(2026, 11, 30))
    clock.now += timedelta(minutes=1)
    assert (bill.quota().month, bill.quota().since) == (Spent(), date(2026, 12, 1))
    bill.add(reads=1, bytes_out=1)
    assert bill.quota().month == Spent(1, 1)


def test_what_is_left_is_never_less_than_nothing() -> None:
    bill = Bill(Clock(datetime(2026, 7, 15, 12, tzinfo=UTC)))
    assert (bill.quota().reads_left, bill.quota().bytes_left) == (FREE_READS, FREE_BYTES)
    bill.add(reads=49_990, bytes_out=FREE_BYTES - 7)
    assert (bill.quota().reads_left, bill.quota().bytes_left) == (10, 7)
    bill.add(reads=11, bytes_out=8)
    assert (bill.quota().reads_left, bill.quota().bytes_left) == (0, 0)


def test_a_bill_that_was_kept_goes_on() -> None:
    clock = Clock(datetime(2026, 7, 15, 12, tzinfo=UTC))
    bill = Bill(clock)
    bill.add(reads=10, bytes_out=1_000)
    clock.now += timedelta(days=2)
    again = Bill(clock, bill.text)
    again.add(reads=1, bytes_out=5)
    assert again.quota().today == Spent(1, 5)
    assert again.quota().month == Spent(11, 1_005)
    assert again.quota().since == date(2026, 7, 15)
    assert Bill(clock, again.text).quota() == again.quota()


def test_of_past_months_nothing_is_kept() -> None:
    clock = Clock(datetime(2026, 1, 1, 12, tzinfo=UTC))
    bill = Bill(clock)
    for _ in range(400):
        bill.add(reads=1, bytes_out=1)
        clock.now += timedelta(days=1)
    assert bill.quota().month.reads < 32
    assert len(bill.text) < 1_000
