from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.page import formats

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        (18_204.61, "$18,204.61"),
        (0, "$0.00"),
        (1, "$1.00"),
        (0.0428, "$0.0428"),
        (0.5, "$0.5000"),
        (0.0000123, "$0.000012"),
        (-3.5, "−$3.50"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_money(dollars: float | None, text: str) -> None:
    assert formats.money(dollars) == text


@given(st.floats(min_value=1e-9, max_value=1e12))
def test_money_is_never_zero_for_something(dollars: float) -> None:
    assert any(digit in formats.money(dollars) for digit in "123456789")


@pytest.mark.parametrize(("dollars", "text"), [(861.4, "$861"), (1939.5, "$1,940"), (76.08, "$76.08")])
def test_money_on_labels(dollars: float, text: str) -> None:
    assert formats.whole_money(dollars) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (59_523, "59,523"),
        (999_999, "999,999"),
        (1_840_000_000, "1.84B"),
        (214_600_000, "214.6M"),
        (2.5e12, "2.50T"),
        (None, "–"),
    ],
)
def test_compact_counts(value: float | None, text: str) -> None:
    assert formats.compact(value) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(0.94, "94%"), (0.999, "99%"), (1, "100%"), (0.0001, "less than 1%"), (0, "0%"), (1.2, "120%"), (None, "–")],
)
def test_rough_shares_say_all_and_nothing_only_when_it_is_so(part: float | None, text: str) -> None:
    assert formats.rough_share(part) == text


@pytest.mark.parametrize(("relative", "text"), [(0.124, "12.4%"), (-0.032, "3.2%"), (15, "1,500%")])
def test_changes(relative: float, text: str) -> None:
    assert formats.change(relative) == text


@pytest.mark.parametrize(("octets", "text"), [(0, "0 B"), (999, "999 B"), (1_234_567, "1.2 MB"), (5e12, "5.0 TB")])
def test_sizes(octets: int, text: str) -> None:
    assert formats.size(octets) == text


def test_spans_of_days() -> None:
    assert formats.days(date(2026, 10, 26), date(2026, 11, 24)) == "26 Oct – 24 Nov 2026"
    assert formats.days(date(2025, 12, 3), date(2026, 1, 1)) == "3 Dec 2025 – 1 Jan 2026"
    assert formats.days(date(2026, 1, 1), date(2026, 1, 1)) == "1 Jan 2026"


@pytest.mark.parametrize(
    ("since", "text"),
    [
        (timedelta(seconds=12), "12 s ago"),
        (timedelta(seconds=-30), "0 s ago"),
        (timedelta(minutes=51), "51 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1, hours=5), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=40), "15 Oct 2026"),
        (timedelta(days=-400), "29 Dec 2027"),
    ],
)
def test_how_long_ago(since: timedelta, text: str) -> None:
    assert formats.ago(NOW - since, NOW, UTC_ZONE) == text


def test_times_are_told_in_the_reporting_time_zone() -> None:
    auckland = ZoneInfo("Pacific/Auckland")
    assert formats.clock(NOW, auckland) == "00:30:00"
    assert formats.moment(NOW, NOW, auckland) == "25 Nov, 00:30"
    assert formats.moment(NOW - timedelta(days=365), NOW, auckland) == "25 Nov 2025, 00:30"
    assert formats.moment(None, NOW, auckland) == "–"
    assert not formats.is_same_day(NOW, NOW - timedelta(hours=1), auckland)
    assert formats.is_same_day(NOW, NOW - timedelta(hours=1), UTC_ZONE)


@pytest.mark.parametrize(("seconds", "text"), [(40, "40 s"), (89, "89 s"), (113, "2 min"), (-3, "0 s")])
def test_waits(seconds: float, text: str) -> None:
    assert formats.span(seconds) == text
