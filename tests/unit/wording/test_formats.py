from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.wording import formats

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
        (0.00014, "$0.00014"),
        (0.000075, "$0.000075"),
        (0.00006, "$0.000060"),
        (0.00099996, "$0.0010"),
        (0.99996, "$1.00"),
        (999.999, "$1,000.00"),
        (-3.5, "−$3.50"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_money(dollars: float | None, text: str) -> None:
    assert formats.money(dollars) == text


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_of_money_two_significant_digits_survive(dollars: float) -> None:
    told = float(formats.money(dollars).replace("$", "").replace(",", ""))
    assert told == pytest.approx(dollars, rel=0.0501)


@pytest.mark.parametrize(
    ("dollars", "text"),
    [(861.4, "$861"), (1939.5, "$1,940"), (76.08, "$76.08"), (99.999, "$100"), (None, "–")],
)
def test_money_on_labels(dollars: float | None, text: str) -> None:
    assert formats.whole_money(dollars) == text


@pytest.mark.parametrize(
    ("code", "amount", "text"),
    [("EUR", 16_748.4, "€16,748"), ("EUR", 3.4567, "€3.46"), ("CHF", 1_939.5, "CHF\u00a01,940"), ("EUR", None, "–")],
)
def test_money_of_another_currency(code: str, amount: float | None, text: str) -> None:
    assert formats.whole_money(amount, formats.unit(code)) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(0.92, "0.92"), (17_642.5, "17,642.5"), (1.0, "1"), (0.000015, "0.000015"), (100.0, "100")]
)
def test_rates_keep_their_decimals(rate: float, text: str) -> None:
    assert formats.rate(rate) == text


@pytest.mark.parametrize(
    ("amounts", "texts"),
    [
        ([109.13, -0.04, 1_234.0], ["$109.13", "−$0.04", "$1,234.00"]),
        ([0.0123, -0.004], ["$0.0123", "−$0.0040"]),
        ([0.999, -0.001], ["$1.00", "$0.00"]),
        ([], []),
    ],
)
def test_money_that_is_added_up(amounts: list[float], texts: list[str]) -> None:
    assert formats.added_up(amounts) == texts


@pytest.mark.parametrize(
    ("amounts", "cents"),
    [
        ([1.004, 1.004, 1.004], [1.01, 1.0, 1.0]),
        ([5.006, 5.006, -0.007], [5.01, 5.01, -0.01]),
        ([9.996, 0.004], [10.0, 0.0]),
        ([], []),
    ],
)
def test_parts_add_up_to_the_cent(amounts: list[float], cents: list[float]) -> None:
    assert formats.in_cents(amounts) == cents
    assert round(sum(cents), 2) == round(sum(amounts), 2)


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ([0, 0.000005, 0.00001], ["$0.000000", "$0.000005", "$0.000010"]),
        ([0, 0.5, 1], ["$0.00", "$0.50", "$1.00"]),
        ([0, 2, 4], ["$0", "$2", "$4"]),
        ([0, 50_000, 100_000], ["$0", "$50,000", "$100,000"]),
        ([0], ["$0"]),
    ],
)
def test_money_along_an_axis(ticks: list[float], texts: list[str]) -> None:
    assert formats.money_ticks(ticks) == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (59_523, "59,523"),
        (999_999, "999,999"),
        (1_840_000_000, "1.84B"),
        (214_600_000, "214.6M"),
        (2.5e12, "2.50T"),
        (999_960_000, "1.00B"),
        (999_940_000, "999.9M"),
        (999_999.6, "1.00M"),
        (9_996_000, "10.0M"),
        (999_970_000_000, "1.00T"),
        (-1_500_000, "−1.50M"),
        (1.5e16, "15,000.0T"),
        (None, "–"),
    ],
)
def test_compact_counts(value: float | None, text: str) -> None:
    assert formats.compact(value) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0.94, "94%"),
        (0.999, "99%"),
        (1, "100%"),
        (0.0001, "less than 1%"),
        (0, "0%"),
        (1.2, "120%"),
        (12_345, "1,234,500%"),
        (None, "–"),
    ],
)
def test_rough_shares_say_all_and_nothing_only_when_it_is_so(part: float | None, text: str) -> None:
    assert formats.rough_share(part) == text


@given(st.floats(min_value=1, max_value=1e15))
def test_of_compact_counts_two_significant_digits_survive_and_no_unit_reaches_a_thousand(value: float) -> None:
    found = re.fullmatch(r"([\d,.]+)([MBT]?)", formats.compact(value))
    assert found
    scaled = float(found[1].replace(",", ""))
    unit = {"": 1, "M": 1e6, "B": 1e9, "T": 1e12}[found[2]]
    assert scaled * unit == pytest.approx(value, rel=0.05, abs=0.51)
    assert scaled < (1e6 if unit == 1 else 1_000.01 if unit == 1e12 else 1_000)


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_more_never_reads_as_less(one: int, other: int) -> None:
    def read(text: str) -> float:
        return float(text.rstrip("MBT").replace(",", "")) * {"M": 1e6, "B": 1e9, "T": 1e12}.get(text[-1], 1)

    less, more = sorted((one, other))
    assert read(formats.compact(less)) <= read(formats.compact(more))


@pytest.mark.parametrize(("value", "text"), [(2_540.4, "2,540"), (9.96, "10"), (2.5, "2.5"), (0.42, "0.42"), (0, "0")])
def test_averages(value: float, text: str) -> None:
    assert formats.average(value) == text


@pytest.mark.parametrize(("value", "text"), [(-0.4, "0"), (-3, "−3"), (None, "–")])
def test_numbers(value: float | None, text: str) -> None:
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0.156, "15.6%"),
        (0.9996, "99.9%"),
        (1, "100.0%"),
        (0.00042, "0.042%"),
        (0.000999, "0.10%"),
        (1e-9, "<0.001%"),
        (0, "0.0%"),
        (1.25, "125.0%"),
    ],
)
def test_shares(part: float, text: str) -> None:
    assert formats.share(part) == text


@pytest.mark.parametrize(("relative", "text"), [(0.124, "12.4%"), (-0.032, "3.2%"), (15, "1,500%"), (9.9997, "1,000%")])
def test_changes(relative: float, text: str) -> None:
    assert formats.change(relative) == text


@pytest.mark.parametrize(
    ("octets", "text"), [(0, "0 B"), (999, "999 B"), (1_234_567, "1.2 MB"), (999_960, "1.0 MB"), (5 * 10**12, "5.0 TB")]
)
def test_sizes(octets: int, text: str) -> None:
    assert formats.size(octets) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 calls"), (1, "1 call"), (2_000, "2,000 calls")])
def test_numbers_and_words_agree(count: int, text: str) -> None:
    assert formats.counted(count, "call") == text


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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (40, "40 s"),
        (89, "89 s"),
        (113, "2 min"),
        (-3, "0 s"),
        (5_399, "90 min"),
        (5_400, "2 h"),
        (5 * 3_600, "5 h"),
        (47.4 * 3_600, "47 h"),
        (48 * 3_600, "2 days"),
        (30.4 * 86_400, "30 days"),
    ],
)
def test_waits(seconds: float, text: str) -> None:
    assert formats.span(seconds) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (2**20, "1 MiB"),
        (4 * 2**20, "4 MiB"),
        (2**30, "1 GiB"),
        (1536, "1.5 kB"),
        (2048, "2 KiB"),
        (1_000_000, "1.0 MB"),
    ],
)
def test_limits_are_whole_numbers_of_binary_units_where_they_can_be(octets: int, text: str) -> None:
    assert formats.binary_size(octets) == text


def test_a_day_near_has_its_year_where_that_is_another() -> None:
    today = date(2026, 11, 24)
    assert formats.near_day(date(2026, 12, 6), today) == "6 Dec"
    assert formats.near_day(date(2027, 1, 30), today) == "30 Jan 2027"
