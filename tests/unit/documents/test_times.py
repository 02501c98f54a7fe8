"""Times: each family of notation is recognised, and none is guessed at."""

import email.utils
import math
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.strategies import google_time

from usage_dash.documents.findings import Problem
from usage_dash.documents.times import FIRST_TIME, PreciseTime, time
from usage_dash.documents.values import MISSING, Reading

NOON = datetime(2024, 7, 25, 12, 0, 0, 250_000, tzinfo=UTC)
NOON_SECONDS = 1_721_908_800


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
    reading = time(raw)
    assert reading == Reading(NOON)
    assert type(reading.value) is datetime
    assert reading.value.tzinfo is UTC


def test_the_first_second_of_1970_is_a_time() -> None:
    assert time("1970-01-01T00:00:00Z") == Reading(FIRST_TIME)
    assert time(0) == Reading(FIRST_TIME, exact=False)


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
    assert time(raw) == Reading(NOON, exact=False)


WHOLE_NOON = NOON.replace(microsecond=0)


@pytest.mark.parametrize(
    "raw",
    [
        "2024-07-25t12:00:00z",
        " 2024-07-25T12:00:00,000Z\n",
        "2024-07-25 12:00:00 UTC",
        "2024-07-25 12:00:00 +0000",
        "2024-07-25T14:00:00+02:00[Europe/Berlin]",
        "20240725T120000Z",
        "20240725T140000+0200",
        "2024-07-25T05:00-07",
    ],
)
def test_iso_8601_in_any_of_its_dresses_is_exact(raw: str) -> None:
    assert time(raw) == Reading(WHOLE_NOON)


@pytest.mark.parametrize(
    "raw",
    [
        "Thu, 25 Jul 2024 12:00:00 GMT",
        "Thu, 25 Jul 2024 14:00:00 +0200 (CEST)",
        "25 Jul 2024 12:00 -0000",
        "Thu Jul 25 2024 14:00:00 GMT+0200 (Central European Summer Time)",
        "Thu Jul 25 2024 12:00:00 GMT+0000",
        "Thu Jul 25 12:00:00 UTC 2024",
        "Thu Jul 25 12:00:00 +0000 2024",
        "July 25, 2024 at 2:00:00\u202fPM UTC+2",
        "July 25, 2024 at 12:00:00 PM UTC",
        "25 July 2024 17:30:00 +0530",
        "thursday 25 july 2024 12:00 z",
    ],
)
def test_a_date_with_a_spelt_month_and_a_zone_is_read_whatever_its_order(raw: str) -> None:
    assert time(raw) == Reading(WHOLE_NOON, exact=False)


def test_midnight_is_twelve_in_the_morning() -> None:
    assert time("July 25, 2024 at 12:05:00 AM UTC").value == datetime(2024, 7, 25, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1721908800", WHOLE_NOON),
        (" 1721908800.25 ", NOON),
        ("1721908800250", NOON),
        ("1721908800250000", NOON),
        ({"$date": {"$numberLong": "1721908800250"}}, NOON),
    ],
)
def test_an_epoch_number_as_text_is_read_with_a_problem(raw: object, expected: datetime) -> None:
    assert time(raw) == Reading(expected, Problem.NUMBER_AS_TEXT, exact=False)


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "firestore/timestamp/1.0", "seconds": NOON_SECONDS, "nanoseconds": 250_000_000},
        {"seconds": str(NOON_SECONDS), "nanos": 250_000_000},
        {"seconds": float(NOON_SECONDS), "nanos": "250000000"},
        {"seconds": {"low": NOON_SECONDS, "high": 0, "unsigned": False}, "nanos": 250_000_000},
        {"_seconds": NOON_SECONDS, "nanoseconds": 250_000_000, "seconds": NOON_SECONDS},
        {"epochSecond": NOON_SECONDS, "nano": 250_000_000},
        {"__datatype__": "timestamp", "value": {"_seconds": NOON_SECONDS, "_nanoseconds": 250_000_000}},
        {"$date": "2024-07-25T12:00:00.250Z"},
        {"$date": NOON_SECONDS * 1000 + 250},
        {"__time__": "2024-07-25T12:00:00.250Z"},
        {"timestampValue": "2024-07-25T12:00:00.250Z"},
        {"__type": "Date", "iso": "2024-07-25T12:00:00.250Z"},
    ],
)
def test_a_time_in_a_map_is_read_whatever_else_the_map_holds(raw: object) -> None:
    assert time(raw) == Reading(NOON, exact=False)


def test_seconds_without_nanoseconds_are_a_whole_second() -> None:
    assert time({"seconds": NOON_SECONDS}) == Reading(WHOLE_NOON, exact=False)


def test_a_map_that_holds_itself_is_no_time() -> None:
    endless: dict[str, object] = {}
    endless["$date"] = endless
    assert time(endless) == Reading(None, Problem.NOT_A_TIMESTAMP, exact=False)


@given(st.datetimes(datetime(2001, 9, 10), datetime(2199, 12, 31), timezones=st.just(UTC)), st.integers(-14, 14))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_every_notation_of_a_second_reads_as_that_second(at: datetime, hours: int) -> None:
    at = at.replace(microsecond=0)
    local = at.astimezone(timezone(timedelta(hours=hours)))
    notations = (
        email.utils.format_datetime(local),
        email.utils.format_datetime(at, usegmt=True),
        f"{local:%a %b %d %Y %H:%M:%S GMT%z} (Somewhere Standard Time)",
        f"{local:%B %d, %Y at %I:%M:%S %p UTC}{hours:+d}",
        f"{local:%Y%m%dT%H%M%S%z}",
        f"{local:%Y-%m-%d %H:%M:%S %z}",
        str(int(at.timestamp())),
        {"seconds": str(int(at.timestamp()))},
    )
    assert {time(notation).value for notation in notations} == {at}


@given(st.text("0123456789/.-: ", max_size=24))
def test_a_date_of_mere_numbers_is_read_only_as_iso_or_since_1970(text: str) -> None:
    value = time(text).value
    if value is not None:
        assert re.match(r" *([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{10,17}\b)", text)


def test_a_precise_time_knows_what_a_datetime_cannot() -> None:
    precise = PreciseTime.of(NOON, 7)
    assert (precise, precise.nanosecond) == (NOON, 250_000_007)
    assert time(precise) == Reading(NOON, exact=False)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (NOON.replace(tzinfo=None), NOON),
        ("Thu Jul 25 12:00:00 2024", NOON.replace(microsecond=0)),
        ("2024-07-25T12:00:00.250", NOON),
        ("2024-07-25T12:00", NOON.replace(microsecond=0)),
        ("2024-07-25", datetime(2024, 7, 25, tzinfo=UTC)),
    ],
)
def test_times_without_a_zone_are_utc_with_a_problem(raw: object, expected: datetime) -> None:
    assert time(raw) == Reading(expected, Problem.NO_ZONE, exact=False)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (MISSING, Problem.MISSING),
        (None, Problem.NULL),
        (True, Problem.NOT_A_TIMESTAMP),
        ("", Problem.NOT_A_TIMESTAMP),
        ("yesterday", Problem.NOT_A_TIMESTAMP),
        ("25/07/2024 12:00:00", Problem.NOT_A_TIMESTAMP),
        ("07/25/2024, 12:00:00 PM", Problem.NOT_A_TIMESTAMP),
        ("2024/07/25 12:00:00", Problem.NOT_A_TIMESTAMP),
        ("25.07.2024 12:00", Problem.NOT_A_TIMESTAMP),
        ("20240725", Problem.NOT_A_TIMESTAMP),
        ("2024", Problem.NOT_A_TIMESTAMP),
        ("20240725120000", Problem.OUT_OF_RANGE),
        ("-1721908800", Problem.NOT_A_TIMESTAMP),
        ("2024-07-25T12:00[Europe/Berlin]", Problem.NOT_A_TIMESTAMP),
        ("Thu Jul 25 12:00:00 CEST 2024", Problem.NOT_A_TIMESTAMP),
        ("Thu, 25 Jul 2024 12:00:00 EST", Problem.NOT_A_TIMESTAMP),
        ("Thu, 25 Jul 24 12:00:00 GMT", Problem.NOT_A_TIMESTAMP),
        ("Thu, 25 Jul 2024", Problem.NOT_A_TIMESTAMP),
        ("Jul Aug 25 2024 12:00:00 GMT", Problem.NOT_A_TIMESTAMP),
        ("Jul 25 2024 12:00:00 13:00:00 GMT", Problem.NOT_A_TIMESTAMP),
        ("25 Ju 2024 12:00:00 GMT", Problem.NOT_A_TIMESTAMP),
        ("25 Marble 2024 12:00:00 GMT", Problem.NOT_A_TIMESTAMP),
        ("July 32, 2024 at 10:00:00 AM UTC", Problem.NOT_A_TIMESTAMP),
        ("July 25, 2024 at 13:00:00 PM UTC", Problem.NOT_A_TIMESTAMP),
        ("July 25, 2024 at 0:00:00 AM UTC", Problem.NOT_A_TIMESTAMP),
        ("Invalid Date", Problem.NOT_A_TIMESTAMP),
        pytest.param("(" * 10**6, Problem.NOT_A_TIMESTAMP, id="a million brackets"),
        ("2024-02-30T00:00:00Z", Problem.NOT_A_TIMESTAMP),
        ("2024-07-25T25:00:00Z", Problem.NOT_A_TIMESTAMP),
        ("٢٠٢٤-07-25T12:00:00Z", Problem.NOT_A_TIMESTAMP),
        (b"2024-07-25", Problem.NOT_A_TIMESTAMP),
        ([2024, 7, 25], Problem.NOT_A_TIMESTAMP),
        (NOON.date(), Problem.NOT_A_TIMESTAMP),
        ({}, Problem.NOT_A_TIMESTAMP),
        ({"nanoseconds": 5}, Problem.NOT_A_TIMESTAMP),
        ({"year": 2024, "month": 7, "day": 25}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 5, "_seconds": 6, "nanoseconds": 0}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 5, "nanoseconds": 0, "nanos": 1}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": 5.5}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": "5 s"}, Problem.NOT_A_TIMESTAMP),
        ({"seconds": {"low": 5, "high": "0"}}, Problem.NOT_A_TIMESTAMP),
        ({"$date": {"$date": {"$date": "2024-07-25T12:00:00Z"}}}, Problem.NOT_A_TIMESTAMP),
        ({"$date": "25/07/2024"}, Problem.NOT_A_TIMESTAMP),
        ({"$date": None}, Problem.NULL),
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
    assert time(raw) == Reading(None, problem, exact=False)


@given(st.datetimes(datetime(1974, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_epoch_units_are_told_apart_from_1974_on(at: datetime) -> None:
    whole = at.replace(microsecond=0)
    seconds = int(whole.timestamp())
    for number in (seconds, seconds * 1000, seconds * 1_000_000):
        assert time(number).value == whole
