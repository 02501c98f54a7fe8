"""Times as people's data really has them, read without ever guessing between day and month.

Recognised are families of notation, not single shapes: datetimes; numbers since 1970 in seconds, milliseconds or
microseconds, also as text; ISO 8601; dates whose month is spelt, as mail, HTTP, `Date.toString` and consoles write
them; maps with seconds and nanoseconds; and maps around one of these, such as `{"$date": …}`. A date of mere numbers
with slashes or dots, and a zone that goes by a local name, are refused.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Self

from usage_dash.documents.findings import Problem
from usage_dash.documents.values import Reading, absence, unusable

FIRST_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
TIMES_END: Final = datetime(2200, 1, 1, tzinfo=UTC)  # so that no time zone or calendar arithmetic overflows

# An epoch number below the limit is in units of so many microseconds; each limit is the year 5138 in its own unit
# and 1973 in the next, so times from 1973 on cannot be taken for one another.
_EPOCH_UNITS: Final = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))
_EPOCH_TEXT: Final = re.compile(r"[0-9]{10,17}(\.[0-9]{1,9})?")  # fewer digits may be a date such as 20261124

_WRAPPERS: Final = ("$date", "$numberLong", "timestampValue", "__time__", "iso", "value")
_WRAPPINGS: Final = 2  # maps around a time, as in {"$date": {"$numberLong": "1764000000000"}}
_PARTS: Final = {
    "seconds": "seconds",
    "epochsecond": "seconds",
    "nanoseconds": "nanos",
    "nanos": "nanos",
    "nano": "nanos",
}
_LONG: Final = {"low", "high"}  # a 64-bit integer in two, as protobuf's JavaScript writes it
_WHOLE_NUMBER: Final = re.compile("[0-9]{1,18}")

_ISO_TIME: Final = re.compile(
    r"""(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2} | [0-9]{8}(?=T))
    ([T ](?P<clock>[0-9]{2}:?[0-9]{2}(:?[0-9]{2}([.,][0-9]{1,6}(?P<below_micros>[0-9]{0,3}))?)?)
        ([ ]?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)(\[[^\]]*\])?)?
    )?""",
    re.IGNORECASE | re.VERBOSE,
)
_WORDS: Final = {
    "day": re.compile("[0-9]{1,2}"),
    "year": re.compile("[0-9]{4}"),
    "clock": re.compile(r"([0-9]{1,2})(:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"),
    "half": re.compile("am|pm"),
    "zone": re.compile("(?:z|utc?|gmt)|(?:utc?|gmt)?([+-])([0-9]{1,2}):?([0-9]{2})?"),
}
_COMMENT: Final = re.compile(r"\([^()]*\)$")  # the zone's name, after its offset
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORTEST_NAME: Final = 3  # letters


class PreciseTime(datetime):
    """A datetime that knows its `nanosecond`, as google's does."""

    nanosecond: int

    @classmethod
    def of(cls, at: datetime, below_micros: int) -> Self:
        """Return the time that is so many nanoseconds, fewer than 1000, after `at`."""
        precise = cls(*at.timetuple()[:6], at.microsecond, at.tzinfo)
        precise.nanosecond = at.microsecond * 1000 + below_micros
        return precise


def time(raw: object) -> Reading[datetime]:
    """Read a time in UTC, from 1970 to 2199, to the microsecond.

    Problems that are mended are the lack of a zone, where UTC is taken, and an epoch number as text. Only a datetime
    and ISO text are exact.
    """
    if isinstance(raw, dict):
        return _read(_unwrapped(raw))._replace(exact=False)
    return _read(raw)


def _read(raw: object) -> Reading[datetime]:
    if isinstance(raw, datetime):
        return _of_datetime(raw)
    if isinstance(raw, str):
        return _of_text(raw.strip())
    if isinstance(raw, dict):
        return _of_parts(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return unusable(absence(raw) or Problem.NOT_A_TIMESTAMP)
    return _of_number(raw)


def _unwrapped(raw: object) -> object:
    for _ in range(_WRAPPINGS):
        name = next((name for name in _WRAPPERS if isinstance(raw, dict) and name in raw), None)
        raw = raw[name] if isinstance(raw, dict) and name else raw
    return raw


def _of_datetime(raw: datetime) -> Reading[datetime]:
    has_zone = raw.utcoffset() is not None
    try:
        utc = raw.astimezone(UTC) if has_zone else raw.replace(tzinfo=UTC)
    except OverflowError:
        return unusable(Problem.OUT_OF_RANGE)
    # Rebuilt, because google's subclass compares and prints differently from a plain datetime.
    at = datetime(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, UTC)
    if not FIRST_TIME <= at < TIMES_END:
        return unusable(Problem.OUT_OF_RANGE)
    whole_micros = getattr(raw, "nanosecond", 0) % 1000 == 0
    return Reading(at, exact=whole_micros) if has_zone else Reading(at, Problem.NO_ZONE, exact=False)


def _of_text(text: str) -> Reading[datetime]:
    if _EPOCH_TEXT.fullmatch(text):
        reading = _of_number(Decimal(text))
        return reading if reading.value is None else reading._replace(problem=Problem.NUMBER_AS_TEXT)
    match = _ISO_TIME.fullmatch(text)
    iso = _iso(match) if match else _iso_of_words(text.lower())
    try:
        reading = _of_datetime(datetime.fromisoformat(iso))
    except ValueError:  # no date at all, a month 13, an hour 25
        return unusable(Problem.NOT_A_TIMESTAMP)
    exact = match is not None and not (match["below_micros"] or "").strip("0")
    return reading if exact else reading._replace(exact=False)


def _iso(match: re.Match[str]) -> str:
    date, clock, zone = (match[name] or "" for name in ("date", "clock", "zone"))
    offset = "+00:00" if zone[:1].isalpha() else zone
    return f"{date}T{clock.replace(',', '.')}{offset}" if clock else date


def _iso_of_words(text: str) -> str:
    """Return a date with a spelt month as ISO 8601, "" where `text` is none: each part once, in whatever order."""
    found: dict[str, re.Match[str]] = {}
    months: list[int] = []
    for word in _COMMENT.sub("", text).replace(",", " ").split():
        kind, match = next(((kind, m) for kind, form in _WORDS.items() if (m := form.fullmatch(word))), ("", None))
        if match and kind not in found:
            found[kind] = match
        elif _place(word, _MONTHS):
            months.append(_place(word, _MONTHS))
        elif word != "at" and not _place(word, _WEEKDAYS):
            return ""
    if len(months) != 1 or not {"day", "year", "clock"} <= found.keys():
        return ""
    return f"{found['year'][0]}-{months[0]:02}-{found['day'][0]:0>2}T{_clock(found)}{_offset(found.get('zone'))}"


def _place(word: str, names: tuple[str, ...]) -> int:
    """Return which of the names `word` is or begins, counted from 1; 0 for none."""
    long_enough = len(word) >= _SHORTEST_NAME
    return next((place for place, name in enumerate(names, 1) if long_enough and name.startswith(word)), 0)


def _clock(found: dict[str, re.Match[str]]) -> str:
    hour, rest = found["clock"].groups()
    if "half" in found:
        hour = str(int(hour) % 12 + 12 * (found["half"][0] == "pm")) if 1 <= int(hour) <= 12 else "none"  # noqa: PLR2004 - a clock's
    return f"{hour:0>2}{rest}"


def _offset(zone: re.Match[str] | None) -> str:
    if zone is None:
        return ""
    sign, hours, minutes = zone.groups()
    return f"{sign}{hours:0>2}:{minutes or '00'}" if sign else "+00:00"


def _of_parts(raw: dict[object, object]) -> Reading[datetime]:
    """Read seconds and nanoseconds since 1970, whatever else the map holds; what is said twice must agree."""
    found: dict[str, set[int | None]] = {"seconds": set(), "nanos": set()}
    for name, part in raw.items():
        kind = _PARTS.get(name.lstrip("_").lower()) if isinstance(name, str) else None
        if kind:
            found[kind].add(_whole(part))
    seconds, nanos = found["seconds"], found["nanos"] or {0}
    if len(seconds) != 1 or len(nanos) != 1:
        return unusable(Problem.NOT_A_TIMESTAMP)
    second, nano = seconds.pop(), nanos.pop()
    if second is None or nano is None or not 0 <= nano < 10**9:
        return unusable(Problem.NOT_A_TIMESTAMP)
    return _of_micros(second * 1_000_000 + nano // 1000)


def _whole(part: object) -> int | None:
    if isinstance(part, dict) and part.keys() >= _LONG:
        low, high = part["low"], part["high"]
        return (high << 32) + (low & 0xFFFFFFFF) if type(low) is type(high) is int else None
    if isinstance(part, str):
        return int(part) if _WHOLE_NUMBER.fullmatch(part) else None
    if isinstance(part, float) and part.is_integer():
        return int(part)
    return part if isinstance(part, int) and not isinstance(part, bool) else None


def _of_number(raw: float | Decimal) -> Reading[datetime]:
    unit = next((micros for limit, micros in _EPOCH_UNITS if 0 <= raw < limit), None)
    if unit is None:
        return unusable(Problem.OUT_OF_RANGE)
    # A double of 2026 in seconds is off by up to 0.12 microseconds, so it is rounded; what is told exactly is cut.
    return _of_micros(round(raw * unit) if isinstance(raw, float) else int(raw * unit))


def _of_micros(micros: int) -> Reading[datetime]:
    if not 0 <= micros < (TIMES_END - FIRST_TIME) // timedelta(microseconds=1):
        return unusable(Problem.OUT_OF_RANGE)
    return Reading(FIRST_TIME + timedelta(microseconds=micros), exact=False)
