"""Single values: what is accepted, what is mended, what is refused and why."""

import math
from datetime import UTC, datetime

import pytest
from google.cloud.firestore import GeoPoint
from hypothesis import given
from tests.unit.strategies import clean_counts, wild_values

from usage_dash.documents import values
from usage_dash.documents.findings import Problem
from usage_dash.documents.times import time
from usage_dash.documents.values import MAX_COST, MAX_COUNT, MISSING, Reading

NOON = datetime(2024, 7, 25, 12, 0, 0, 250_000, tzinfo=UTC)


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


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (150_000.5, 150_000),
        (150_001.5, 150_002),
        (0.5, 0),
        (1e-9, 0),
        (2.51, 3),
        ("2.6", 3),
        (4503599627370495.5, 4503599627370496),
    ],
)
def test_a_count_with_a_fraction_is_rounded_half_to_even_with_a_problem(raw: object, expected: int) -> None:
    assert values.count(raw) == Reading(expected, Problem.FRACTION, exact=False)


@pytest.mark.parametrize(("raw", "expected"), [(0, 0.0), (3, 3.0), (0.0125, 0.0125), (MAX_COST, 2.0**53)])
def test_costs_are_floats(raw: object, expected: float) -> None:
    reading = values.cost(raw)
    assert reading == Reading(expected)
    assert type(reading.value) is float


def test_a_cost_is_never_minus_zero() -> None:
    value = values.cost(-0.0).value
    assert value is not None
    assert math.copysign(1, value) == 1


@pytest.mark.parametrize(
    "raw", [" 1.5 ", "$1.50", "$ 1.5", "US$1.5", "usd 1.5", "1.5 USD", "1.5$", "$1.50 USD", f"1.5{'0' * 500}"]
)
def test_a_cost_as_text_is_read_with_a_problem(raw: str) -> None:
    assert values.cost(raw) == Reading(1.5, Problem.NUMBER_AS_TEXT, exact=False)


@pytest.mark.parametrize("raw", ["€1.50", "1.5 EUR", "1,234", "$1,50", "A$1.5", "$", "$$1.5", "$" + " " * 10**6 + "x"])
def test_a_cost_that_may_be_no_dollars_or_another_number_is_not_read(raw: str) -> None:
    assert values.cost(raw) == Reading(None, Problem.NOT_A_NUMBER, exact=False)


def test_a_count_is_never_dollars() -> None:
    assert values.count("$5") == Reading(None, Problem.NOT_A_NUMBER, exact=False)


def test_a_cost_above_what_a_double_counts_exactly_is_out_of_range() -> None:
    assert values.cost(MAX_COST + 1) == Reading(None, Problem.OUT_OF_RANGE, exact=False)


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
    for read in (values.count, values.cost, time, values.model):
        reading = read(raw)
        assert (reading.value is None) <= (reading.problem is not None)
        assert (reading.problem is not None) <= (not reading.exact)


@given(clean_counts)
def test_exact_counts_equal_what_was_given(raw: float) -> None:
    assert values.count(raw) == Reading(int(raw))
