"""What counts against the free quota, by days and months in California."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from usage_dash.sync.bill import FREE_BYTES, FREE_READS, GIBIBYTE, Bill, Prices, Spent, day_ends


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


PRICES = Prices(reads=0.06, gibibyte=0.12)


def spend(clock: Clock, bill: Bill, *days: tuple[int, int]) -> None:
    """Spend reads and bytes on days that follow each other; the clock stands on the last one."""
    for number, (reads, bytes_out) in enumerate(days):
        clock.now += timedelta(days=number > 0)
        bill.add(reads, bytes_out)


def test_the_price_is_of_reads_beyond_each_days_free_ones_and_of_bytes_beyond_the_months() -> None:
    clock = Clock(datetime(2026, 6, 10, 20, tzinfo=UTC))
    bill = Bill(clock, prices=PRICES)
    spend(clock, bill, (150_000, 6 * GIBIBYTE), (10_000, 0), (50_000, 4 * GIBIBYTE))
    assert bill.quota().dollars == pytest.approx(0.06)
    bill.add(50_000, 5 * GIBIBYTE)
    assert bill.quota().dollars == pytest.approx(0.06 + 0.03 + 5 * 0.12)


def test_a_month_is_estimated_by_its_whole_days_once_there_are_three() -> None:
    clock = Clock(datetime(2026, 6, 10, 20, tzinfo=UTC))
    bill = Bill(clock, prices=PRICES)
    spend(clock, bill, (999, 0), (100_000, GIBIBYTE), (20_000, GIBIBYTE), (3_000, 0))
    assert (bill.quota().expected, bill.quota().expected_dollars) == (None, None), "two whole days, and parts of two"
    spend(clock, bill, (0, 0))
    clock.now += timedelta(days=1)  # 14 June; from the 11th on, whole days
    quota = bill.quota()
    reads, bytes_out = (100_000 + 20_000 + 3_000) / 3, 2 * GIBIBYTE / 3
    assert quota.expected is not None
    assert quota.expected.reads == pytest.approx(999 + 123_000 + 17 * reads, abs=20)
    assert quota.expected.bytes_out == pytest.approx(2 * GIBIBYTE + 17 * bytes_out, abs=20)
    beyond = 17 * 50_000 / 3 + 50_000
    out = 2 + 17 * 2 / 3 - 10
    assert quota.expected_dollars == pytest.approx(beyond / 100_000 * 0.06 + out * 0.12, rel=1e-3)


def test_of_today_what_is_already_more_than_usual_counts() -> None:
    clock = Clock(datetime(2026, 5, 1, 20, tzinfo=UTC))
    bill = Bill(clock, prices=PRICES)
    clock.now = datetime(2026, 6, 1, 20, tzinfo=UTC)
    spend(clock, bill, (1_000, 0), (1_000, 0), (1_000, 0), (250_000, 0))
    quota = bill.quota()
    assert quota.expected == Spent(253_000 + 26 * 1_000)
    assert quota.expected_dollars == quota.dollars == pytest.approx(0.12)


def test_the_free_day_ends_at_midnight_pacific_in_summer_and_winter() -> None:
    assert day_ends(datetime(2026, 7, 15, 12, tzinfo=UTC)) == datetime(2026, 7, 16, 7, tzinfo=UTC)
    assert day_ends(datetime(2026, 11, 24, 14, tzinfo=UTC)) == datetime(2026, 11, 25, 8, tzinfo=UTC)
