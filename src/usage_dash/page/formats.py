"""Money, numbers, shares, days and times as people read them; the same in every locale."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

UNKNOWN = "–"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"))
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400  # seconds

Scale: TypeAlias = tuple[tuple[int | None, int, str], ...]

# Below so many seconds, the seconds of a unit, and the words for so many units; assets/clock.js goes on with the same.
AGES: Scale = (
    (_MINUTE, 1, "{} s ago"),
    (_HOUR, _MINUTE, "{} min ago"),
    (_DAY, _HOUR, "{} h ago"),
    (2 * _DAY, _DAY, "{} day ago"),
    (None, _DAY, "{} days ago"),
)
WAITS: Scale = ((90, 1, "{} s"), (None, _MINUTE, "{} min"))

_LONG_AGO = 30 * _DAY  # seconds; beyond, a date says more than a number of days
_WELL_BEYOND = 10  # times the former value, where a decimal of the change says nothing
_NO_CENTS = 100  # dollars, from which on cents are noise on a label
_FOUR_DECIMALS = 0.00005  # dollars, the least that four decimals can tell
_PERCENT = 0.01
_TWO_DIGITS = 10
_THOUSAND = 1_000


def money(dollars: float | None) -> str:
    """Dollars: cents from $1 on, four decimals below, two significant digits below a hundredth of a cent."""
    if dollars is None or not math.isfinite(dollars):
        return UNKNOWN
    sign, size = ("−" if dollars < 0 else ""), abs(dollars)
    if size == 0 or size >= 1:
        return f"{sign}${size:,.2f}"
    return f"{sign}${size:.4f}" if size >= _FOUR_DECIMALS else f"{sign}${Decimal(f'{size:.1e}'):f}"


def whole_money(dollars: float) -> str:
    """Dollars for a label where cents would only be noise: none from $100 on."""
    return f"${dollars:,.0f}" if dollars >= _NO_CENTS else money(dollars)


def number(value: float | None) -> str:
    """A count in full: 59,523."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:,.0f}".replace("-", "−")


def compact(value: float | None) -> str:
    """A count in full below a million, else 214.6M or 1.84B."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    for unit, letter in _UNITS:
        if abs(value) >= unit:
            scaled = value / unit
            return f"{scaled:.{2 if abs(scaled) < _TWO_DIGITS else 1}f}{letter}".replace("-", "−")
    return number(value)


def share(part: float | None) -> str:
    """A part of a whole, 0.156 as 15.6%."""
    return UNKNOWN if part is None or not math.isfinite(part) else f"{part:.1%}"


def rough_share(part: float | None) -> str:
    """A part of a whole without decimals; 100% and 0% only when that is so."""
    if part is None or not math.isfinite(part):
        return UNKNOWN
    if 0 < part < _PERCENT:
        return "less than 1%"
    return f"{min(part, 0.99) if part < 1 else part:.0%}"


def change(relative: float) -> str:
    """How much more or less, without its sign: 0.124 as 12.4%, and 15 as 1,500%."""
    size = abs(relative)
    return f"{size:,.0%}" if size >= _WELL_BEYOND else f"{size:.1%}"


def size(octets: int) -> str:
    """A size in bytes, 1,234,567 as 1.2 MB."""
    scaled = float(octets)
    for unit in ("B", "kB", "MB", "GB"):
        if scaled < _THOUSAND:
            return f"{scaled:.0f} {unit}" if unit == "B" else f"{scaled:.1f} {unit}"
        scaled /= _THOUSAND
    return f"{scaled:.1f} TB"


def day(value: date) -> str:
    """A day: 24 Nov 2026."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """A day whose year is plain: 24 Nov."""
    return f"{value.day} {_MONTHS[value.month - 1]}"


def month(value: date) -> str:
    """A month: Nov 2026."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def days(first: date, last: date) -> str:
    """A span of days, both included: 26 Oct – 24 Nov 2026."""
    if first == last:
        return day(last)
    return f"{short_day(first) if first.year == last.year else day(first)} – {day(last)}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """A time of day to the second, in the reporting time zone: 14:02:31."""
    return at.astimezone(zone).strftime("%H:%M:%S")


def moment(at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """A day and a time in the reporting time zone: 24 Nov, 11:16; with its year when that is not this year's."""
    if at is None:
        return UNKNOWN
    local, today = at.astimezone(zone), now.astimezone(zone)
    return f"{short_day(local) if local.year == today.year else day(local)}, {local:%H:%M}"


def is_same_day(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    """Whether two times fall on the same day of the zone."""
    return one.astimezone(zone).date() == other.astimezone(zone).date()


def is_recent(at: datetime, now: datetime) -> bool:
    """Whether the time since `at` says more than its date."""
    return timedelta(minutes=-1) <= now - at < timedelta(seconds=_LONG_AGO)


def ago(at: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """The time since `at`: 12 s ago, 51 min ago, 3 days ago; its date when that is long ago, or not yet."""
    if at is None:
        return UNKNOWN
    if not is_recent(at, now):
        return day(at.astimezone(zone))
    return _told(math.floor, max(0, int((now - at).total_seconds())), AGES)


def span(seconds: float) -> str:
    """A time to wait: 40 s, 2 min."""
    return _told(_rounded, max(0, round(seconds)), WAITS)


def _told(whole: Callable[[float], int], seconds: int, scale: Scale) -> str:
    unit, words = next((unit, words) for below, unit, words in scale if below is None or seconds < below)
    return words.format(whole(seconds / unit))


def _rounded(value: float) -> int:
    """Round halves up, as browsers do."""
    return math.floor(value + 0.5)
