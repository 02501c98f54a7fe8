"""Single values: what is accepted, what is mended, what is refused and why."""

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.cloud.firestore import GeoPoint
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.strategies import clean_counts, google_time, wild_values

from usage_dash.documents import values
from usage_dash.documents.findings import Problem
from usage_dash.documents.values import FIRST_TIME, MAX_COST, MAX_COUNT, MISSING, Reading

NOON = datetime(2024, 7, 25, 12, 0, 0, 250_000, tzinfo=UTC)
NOON_SECONDS = 1_721_908_800


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (0, 0),
        (5, 5),
        (5.0, 5),
        (-0.0, 0),
        (MAX_COUNT, MAX_COUNT),
        (float(2**62), 2**62),
    ],
)
def test_whole_numbers_are_counts(raw: object, expected: int) -> None:
    reading = values.count(raw)
    assert reading == Reading(expected)
    assert type(reading.value) is int


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("12", 12), (" 7\n", 7), ("+3", 3), ("4.0", 4), ("2e3", 2000), (str(MAX_COUNT), MAX_COUNT), ("5.", 5)],
)
def test_whole_numbers_as_text_are_counts_with_a_problem(raw: str, expected: int) -> None:
    assert values.count(raw) == Reading(expected, Problem.NUMBER_AS_TEXT, exact=False)


UNUSABLE_NUMBERS = [
    (MISSING, Problem.MISSING),
    (None, Problem.NULL),
    (True, Problem.NOT_A_NUMBER),
    (False, Problem.NOT_A_NUMBER),
    ("", Problem.NOT_A_NUMBER),
    ("twelve", Problem.NOT_A_NUMBER),
    ("1_000", Problem.NOT_A_NUMBER),
    ("1,5", Problem.NOT_A_NUMBER),
    ("١٢", Problem.NOT_A_NUMBER),
    ("0x10", Problem.NOT_A_NUMBER),
    ("NaN", Problem.NOT_A_NUMBER),
    ("Infinity", Problem.NOT_A_NUMBER),
    ("9" * 5000, Problem.NOT_A_NUMBER),
    (b"5", Problem.NOT_A_NUMBER),
    ([5], Problem.NOT_A_NUMBER),
    ({}, Problem.NOT_A_NUMBER),
    (NOON, Problem.NOT_A_NUMBER),
    (GeoPoint(1, 2), Problem.NOT_A_NUMBER),
    (math.nan, Problem.NOT_FINITE),
    (math.inf, Problem.NOT_FINITE),
    (-math.inf, Problem.NOT_FINITE),
    ("1e999", Problem.NOT_FINITE),
    (-1, Problem.NEGATIVE),
    (-0.5, Problem.NEGATIVE),
    ("-3", Problem.NEGATIVE),
    (1e300, Problem.OUT_OF_RANGE),
    (2**63, Problem.OUT_OF_RANGE),
    pytest.param(10**5000, Problem.OUT_OF_RANGE, id="5001 digits"),
    ("9223372036854775808", Problem.OUT_OF_RANGE),
]


@pytest.mark.parametrize(("raw", "problem"), UNUSABLE_NUMBERS)
def test_unusable_numbers_are_nothing_and_say_why(raw: object, problem: Problem) -> None:
    assert values.count(raw) == Reading(None, problem, exact=False)
    assert values.cost(raw) == Reading(None, problem, exact=False)


@pytest.mark.parametrize("raw", [0.5, 1e-9, "2.5", 4503599627370495.5])
def test_a_fraction_is_no_count_and_is_not_rounded(raw: object) -> None:
    assert values.count(raw) == Reading(None, Problem.FRACTION, exact=False)


@pytest.mark.parametrize(("raw", "expected"), [(0, 0.0), (3, 3.0), (0.0125, 0.0125), (MAX_COST, 2.0**53)])
def test_costs_are_floats(raw: object, expected: float) -> None:
    reading = values.cost(raw)
    assert reading == Reading(expected)
    assert type(reading.value) is float


def test_a_cost_is_never_minus_zero() -> None:
    value = values.cost(-0.0).value
    assert value is not None
    assert math.copysign(1, value) == 1


def test_a_cost_as_text_is_read_with_a_problem() -> None:
    assert values.cost(" 1.5 ") == Reading(1.5, Problem.NUMBER_AS_TEXT, exact=False)


def test_a_cost_above_what_a_double_counts_exactly_is_out_of_range() -> None:
    assert values.cost(MAX_COST + 1) == Reading(None, Problem.OUT_OF_RANGE, exact=False)


@pytest.mark.parametrize(
    "raw",
    [
        NOON,
        NOON.astimezone(timezone(timedelta(hours=5, minutes=30))),
        google_time(NOON),
        "2024-07-25T12:00:00.250Z",
        "2024-07-25T12:00:00.250000+00:00",
        "2024-07-25 17:30:00.25+05:30",
        "2024-07-25T17:30:00.25+0530",
        "2024-07-25T12:00:00.250000000Z",
    ],
)
def test_times_with_a_zone_are_exact(raw: object) -> None:
    reading = values.time(raw)
    assert reading == Reading(NOON)
    assert type(reading.value) is datetime
    assert reading.value.tzinfo is UTC


def test_the_first_second_of_1970_is_a_time() -> None:
    assert values.time("1970-01-01T00:00:00Z") == Reading(FIRST_TIME)
    assert values.time(0) == Reading(FIRST_TIME, exact=False)


@pytest.mark.parametrize(
    "raw",
    [
        NOON_SECONDS + 0.25,
        NOON_SECONDS * 1000 + 250,
        NOON_SECONDS * 1000 + 250.0,
        NOON_SECONDS * 1_000_000 + 250_000,
        {"seconds": NOON_SECONDS, "nanoseconds": 250_000_000},
        {"_seconds": NOON_SECONDS, "_nanoseconds": 250_000_000},
        {"seconds": NOON_SECONDS, "nanoseconds": 250_000_999},
        "2024-07-25T12:00:00.250000001Z",
        google_time(NOON, nanoseconds=1),
    ],
)
def test_other_forms_of_a_time_are_no_problem_but_not_exact(raw: object) -> None:
    assert values.time(raw) == Reading(NOON, exact=False)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (NOON.replace(tzinfo=None), NOON),
        ("2024-07-25T12:00:00.250", NOON),
        ("2024-07-25T12:00", NOON.replace(microsecond=0)),
        ("2024-07-25", datetime(2024, 7, 25, tzinfo=UTC)),
    ],
)
def test_times_without_a_zone_are_utc_with_a_problem(raw: object, expected: datetime) -> None:
    assert values.time(raw) == Reading(expected, Problem.NO_ZONE, exact=False)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (MISSING, Problem.MISSING),
        (None, Problem.NULL),
        (True, Problem.NOT_A_TIMESTAMP),
        ("", Problem.NOT_A_TIMESTAMP),
        ("yesterday", Problem.NOT_A_TIMESTAMP),
        ("1721908800", Problem.NOT_A_TIMESTAMP),
        ("Thu Jul 25 2024 12:00:00 GMT+0000", Problem.NOT_A_TIMESTAMP),
        ("2024-02-30T00:00:00Z", Problem.NOT_A_TIMESTAMP),
        ("2024-07-25T25:00:00Z", Problem.NOT_A_TIMESTAMP),
        ("٢٠٢٤-07-25T12:00:00Z", Problem.NOT_A_TIMESTAMP),
        (b"2024-07-25", Problem.NOT_A_TIMESTAMP),
        ([2024, 7, 25], Problem.NOT_A_TIMESTAMP),
        (NOON.date(), Problem.NOT_A_TIMESTAMP),
        ({}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 5}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 5, "_nanoseconds": 0}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 5, "nanoseconds": 0, "zone": "UTC"}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": True, "nanoseconds": 0}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 5, "nanoseconds": 10**9}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 5, "nanoseconds": -1}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 10**11, "nanoseconds": 0}, Problem.OUT_OF_RANGE),
        (-1, Problem.OUT_OF_RANGE),
        (math.nan, Problem.OUT_OF_RANGE),
        (math.inf, Problem.OUT_OF_RANGE),
        (-math.inf, Problem.OUT_OF_RANGE),
        (10**17, Problem.OUT_OF_RANGE),
        pytest.param(10**5000, Problem.OUT_OF_RANGE, id="5001 digits"),
        (99_999_999_999, Problem.OUT_OF_RANGE),
        ("1969-12-31T23:59:59Z", Problem.OUT_OF_RANGE),
        ("2200-01-01T00:00:00Z", Problem.OUT_OF_RANGE),
        ("0001-01-01T00:00:00+05:00", Problem.OUT_OF_RANGE),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), Problem.OUT_OF_RANGE),
        (google_time(datetime(1, 1, 1, tzinfo=UTC)), Problem.OUT_OF_RANGE),
    ],
)
def test_unusable_times_are_nothing_and_say_why(raw: object, problem: Problem) -> None:
    assert values.time(raw) == Reading(None, problem, exact=False)


@given(st.datetimes(datetime(1974, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_epoch_units_are_told_apart_from_1974_on(at: datetime) -> None:
    whole = at.replace(microsecond=0)
    seconds = int(whole.timestamp())
    for number in (seconds, seconds * 1000, seconds * 1_000_000):
        assert values.time(number).value == whole


@pytest.mark.parametrize("raw", ["gpt-4o", "unknown", " gpt-4o ", "模型", "a\x00b", "🙂"])
def test_a_model_is_kept_as_it_is_written(raw: str) -> None:
    assert values.model(raw) == Reading(raw)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (MISSING, Problem.MISSING),
        (None, Problem.NULL),
        ("", Problem.BLANK),
        (" \t ", Problem.BLANK),
        (4, Problem.NOT_TEXT),
        (["gpt-4o"], Problem.NOT_TEXT),
        (b"gpt-4o", Problem.NOT_TEXT),
    ],
)
def test_unusable_models_are_nothing_and_say_why(raw: object, problem: Problem) -> None:
    assert values.model(raw) == Reading(None, problem, exact=False)


def test_lone_surrogates_in_a_model_are_replaced() -> None:
    assert values.model("a\ud800b") == Reading("a\ufffdb", Problem.BROKEN_UNICODE, exact=False)


@given(wild_values)
def test_whatever_is_read_is_usable_and_whatever_is_not_has_a_problem(raw: object) -> None:
    for read in (values.count, values.cost, values.time, values.model):
        reading = read(raw)
        assert (reading.value is None) <= (reading.problem is not None)
        assert (reading.problem is not None) <= (not reading.exact)


@given(clean_counts)
def test_exact_counts_equal_what_was_given(raw: float) -> None:
    assert values.count(raw) == Reading(int(raw))
