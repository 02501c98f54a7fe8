"""Single values of usage documents, read tolerantly: each function takes whatever a source gives, and never raises.

A source gives None, bool, int, float, str, bytes, datetime (google's with nanoseconds too), list, dict, Firestore's
own types, or `MISSING` where a field is absent.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, NamedTuple, Never, TypeVar

from usage_dash.documents.findings import Problem

T_co = TypeVar("T_co", covariant=True)

MISSING: Final = object()  # stands for a field that is absent
MAX_COUNT: Final = 2**63 - 1  # the ledger's and Firestore's integers
MAX_COST: Final = 2**53  # US dollars; up to here a double holds every whole number exactly
FIRST_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
TIMES_END: Final = datetime(2200, 1, 1, tzinfo=UTC)  # so that no time zone or calendar arithmetic overflows

# An epoch number below the limit is in units of so many microseconds; each limit is the year 5138 in its own unit
# and 1973 in the next, so times from 1973 on cannot be taken for one another.
_EPOCH_UNITS: Final = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))
_TIMESTAMP_MAPS: Final = (("seconds", "nanoseconds"), ("_seconds", "_nanoseconds"))
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
_LONGEST_NUMBER: Final = 40  # characters; Python refuses to read thousands of digits
_ISO_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}(?P<below_micros>[0-9]{0,3}))?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Reading(NamedTuple, Generic[T_co]):
    """What could be read from a raw value.

    `value` is None when nothing could; `problem` says what was wrong, also when the value could be mended. `exact`
    is False when `value` alone does not tell what the raw value was.
    """

    value: T_co | None
    problem: Problem | None = None
    exact: bool = True


def well_formed(text: str) -> str:
    """Return `text` with each lone surrogate replaced by U+FFFD, so that UTF-8 can hold it."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def count(raw: object) -> Reading[int]:
    """Read a whole number from 0 to 2^63 - 1. Floats without a fraction count; a fraction is never rounded."""
    number, problem, exact = _number(raw)
    if number is None:
        return Reading(None, problem, exact)
    if number > MAX_COUNT:
        return _unusable(Problem.OUT_OF_RANGE)
    whole = int(number)
    return Reading(whole, problem, exact) if whole == number else _unusable(Problem.FRACTION)


def cost(raw: object) -> Reading[float]:
    """Read US dollars, from 0 to 2^53."""
    number, problem, exact = _number(raw)
    if number is None:
        return Reading(None, problem, exact)
    if number > MAX_COST:
        return _unusable(Problem.OUT_OF_RANGE)
    return Reading(number + 0.0, problem, exact)  # makes an int a float, and -0.0 plain 0.0


def model(raw: object) -> Reading[str]:
    """Read a model's name as it is written; blank is nothing."""
    if not isinstance(raw, str):
        return _unusable(_absence(raw) or Problem.NOT_TEXT)
    if not raw.strip():
        return _unusable(Problem.BLANK)
    name = well_formed(raw)
    return Reading(name) if name == raw else Reading(name, Problem.BROKEN_UNICODE, exact=False)


def time(raw: object) -> Reading[datetime]:
    """Read a time in UTC, from 1970 to 2199, cut to microseconds.

    Accepted: datetimes, ISO 8601 text, the numbers of seconds, milliseconds or microseconds since 1970, and Firestore
    timestamps as JSON (`{"seconds": …, "nanoseconds": …}`, with or without underscores). Only a datetime or text
    without a zone is a problem: it is read as UTC.
    """
    if isinstance(raw, datetime):
        return _time_of_datetime(raw)
    if isinstance(raw, str):
        return _time_of_text(raw)
    if isinstance(raw, dict):
        return _time_of_map(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return _unusable(_absence(raw) or Problem.NOT_A_TIMESTAMP)
    return _time_of_number(raw)


def _unusable(problem: Problem) -> Reading[Never]:
    return Reading(None, problem, exact=False)


def _absence(raw: object) -> Problem | None:
    if raw is MISSING:
        return Problem.MISSING
    return Problem.NULL if raw is None else None


def _number(raw: object) -> Reading[float]:
    """Read a finite number that is not negative; an int stays an int."""
    if isinstance(raw, str):
        return _number_of_text(raw.strip())
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return _unusable(_absence(raw) or Problem.NOT_A_NUMBER)
    if isinstance(raw, float) and not math.isfinite(raw):
        return _unusable(Problem.NOT_FINITE)
    return Reading(raw) if raw >= 0 else _unusable(Problem.NEGATIVE)


def _number_of_text(text: str) -> Reading[float]:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return _unusable(Problem.NOT_A_NUMBER)
    reading = _number(int(text) if _WHOLE_NUMBER.fullmatch(text) else float(text))
    return reading if reading.value is None else Reading(reading.value, Problem.NUMBER_AS_TEXT, exact=False)


def _time_of_datetime(raw: datetime) -> Reading[datetime]:
    has_zone = raw.utcoffset() is not None
    try:
        utc = raw.astimezone(UTC) if has_zone else raw.replace(tzinfo=UTC)
    except OverflowError:
        return _unusable(Problem.OUT_OF_RANGE)
    # Rebuilt, because google's subclass compares and prints differently from a plain datetime.
    at = datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, UTC)
    if not FIRST_TIME <= at < TIMES_END:
        return _unusable(Problem.OUT_OF_RANGE)
    whole_micros = getattr(raw, "nanosecond", 0) % 1000 == 0
    return Reading(at, exact=whole_micros) if has_zone else Reading(at, Problem.NO_ZONE, exact=False)


def _time_of_text(raw: str) -> Reading[datetime]:
    match = _ISO_TIME.fullmatch(raw)
    if not match:
        return _unusable(Problem.NOT_A_TIMESTAMP)
    try:
        reading = _time_of_datetime(datetime.fromisoformat(raw))
    except ValueError:  # a month 13, an hour 25
        return _unusable(Problem.NOT_A_TIMESTAMP)
    below_micros = (match["below_micros"] or "").strip("0")
    return reading._replace(exact=False) if below_micros else reading


def _time_of_map(raw: dict[object, object]) -> Reading[datetime]:
    names = next((names for names in _TIMESTAMP_MAPS if raw.keys() == set(names)), None)
    if names is None:
        return _unusable(Problem.NOT_A_TIMESTAMP)
    seconds, nanos = (raw[name] for name in names)
    if type(seconds) is not int or type(nanos) is not int or not 0 <= nanos < 10**9:
        return _unusable(Problem.NOT_A_TIMESTAMP)
    return _time_of_micros(seconds * 1_000_000 + nanos // 1000)


def _time_of_number(raw: float) -> Reading[datetime]:
    unit = next((micros for limit, micros in _EPOCH_UNITS if 0 <= raw < limit), None)
    return _unusable(Problem.OUT_OF_RANGE) if unit is None else _time_of_micros(int(raw * unit))


def _time_of_micros(micros: int) -> Reading[datetime]:
    if not 0 <= micros < (TIMES_END - FIRST_TIME) // timedelta(microseconds=1):
        return _unusable(Problem.OUT_OF_RANGE)
    return Reading(FIRST_TIME + timedelta(microseconds=micros), exact=False)
