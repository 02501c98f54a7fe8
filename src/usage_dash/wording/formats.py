"""Money, numbers, shares, days and times as people read them; the same in every locale."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

UNKNOWN = "–"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A unit is taken once the number, rounded as it would be written in the smaller one, comes to it.
_UNITS = ((1e12, "T", 4), (1e9, "B", 4), (1e6, "M", 6))
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
WAITS: Scale = (
    (90, 1, "{} s"),
    (90 * _MINUTE, _MINUTE, "{} min"),
    (2 * _DAY, _HOUR, "{} h"),
    (None, _DAY, "{} days"),
)
_LENGTHS = (
    (timedelta(minutes=90), timedelta(minutes=1), "{} min"),
    (timedelta(days=2), timedelta(hours=1), "{} h"),
    (timedelta.max, timedelta(days=1), "{} days"),
)

_UNITS_OF_MONEY = {"EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "VND": "₫", "PHP": "₱"}
_LONG_AGO = 30 * _DAY  # seconds; beyond, a date says more than a number of days
_WELL_BEYOND = 10  # times the former value, where a decimal of the change says nothing
_NO_CENTS = 100  # dollars, from which on cents are noise on a label
_BINARY_UNITS = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
_PERCENT = 0.01
_TENTH = 0.1
_HARDLY_ANY = 0.00001  # of a whole
_TWO_DIGITS = 10
_THOUSAND = 1_000


def money(amount: float | None, unit: str = "$") -> str:
    """Dollars: cents from $1 on, below at least four decimals, and never less than two significant digits."""
    if amount is None or not math.isfinite(amount):
        return UNKNOWN
    sign, size = ("−" if amount < 0 else ""), abs(amount)
    written = f"{size:.{_decimals(size, 4)}f}"
    return f"{sign}{unit}{size:,.2f}" if size == 0 or float(written) >= 1 else f"{sign}{unit}{written}"


def whole_money(amount: float | None, unit: str = "$") -> str:
    """Dollars for a label where cents would only be noise: none from $100 on."""
    return money(amount, unit) if amount is None or round(amount, 2) < _NO_CENTS else f"{unit}{amount:,.0f}"


def added_up(amounts: Sequence[float]) -> list[str]:
    """Dollars that are added up: all to the cent where one comes to a dollar, so that they add up as they are read."""
    if not any(round(abs(amount), 2) >= 1 for amount in amounts):
        return [money(amount) for amount in amounts]
    return [f"{'−' if round(amount, 2) < 0 else ''}${abs(amount):,.2f}" for amount in amounts]


def in_cents(amounts: Sequence[float]) -> list[float]:
    """Dollars to the cent, each up or down to the next one, so that they add up to their sum as it is rounded."""
    exact = [100 * amount for amount in amounts]
    cents = [math.floor(each) for each in exact]
    missing = round(100 * round(math.fsum(amounts), 2)) - sum(cents)
    dearest = sorted(range(len(exact)), key=lambda number: cents[number] - exact[number])
    up = set(dearest[: max(missing, 0)])
    return [(each + (number in up)) / 100 for number, each in enumerate(cents)]


def unit(code: str) -> str:
    """What stands before amounts in the currency of this code: € for EUR, CHF and a space for CHF."""
    return _UNITS_OF_MONEY.get(code, f"{code}\N{NO-BREAK SPACE}")


def rate(value: float) -> str:
    """What a dollar is worth, with all decimals that were given: 0.92, or 17,642.5."""
    return f"{Decimal(repr(value)).normalize():,f}"


def money_ticks(dollars: Sequence[float]) -> list[str]:
    """Dollars along an axis, from 0 in even steps: all with the decimals that tell one from the next."""
    step = dollars[1] if len(dollars) > 1 else 1.0
    decimals = 0 if step >= 1 else max(2, -Decimal(f"{step:.0e}").adjusted())
    return [f"${value:,.{decimals}f}" for value in dollars]


def number(value: float | None) -> str:
    """A count in full: 59,523."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{round(value):,}".replace("-", "−")


def average(value: float | None) -> str:
    """A count per something: in full from 10 on, below with two significant digits."""
    if value is None or not math.isfinite(value) or value == 0 or float(f"{value:.1e}") >= _TWO_DIGITS:
        return number(value)
    return f"{value:.{_decimals(value, 0)}f}"


def compact(value: float | None) -> str:
    """A count in full below a million, else 214.6M or 1.84B."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    for unit, letter, digits in _UNITS:
        scaled = value / unit
        if round(abs(scaled), digits) >= 1:
            decimals = 2 if round(abs(scaled), 2) < _TWO_DIGITS else 1
            return f"{scaled:,.{decimals}f}{letter}".replace("-", "−")
    return number(value)


def share(part: float | None) -> str:
    """A part of a whole, 0.156 as 15.6%, small ones with two significant digits; 100.0% only when it is so."""
    if part is None or not math.isfinite(part):
        return UNKNOWN
    if 0 < part < _HARDLY_ANY:
        return f"<{_HARDLY_ANY:.3%}"
    return f"{min(part, 0.999) if part < 1 else part:.{_decimals(100 * part, 1)}%}"


def rough_share(part: float | None) -> str:
    """A part of a whole without decimals; 100% and 0% only when that is so."""
    if part is None or not math.isfinite(part):
        return UNKNOWN
    if 0 < part < _PERCENT:
        return "less than 1%"
    return f"{min(part, 0.99) if part < 1 else part:,.0%}"


def change(relative: float) -> str:
    """How much more or less, without its sign: 0.124 as 12.4%, and 15 as 1,500%."""
    size = abs(relative)
    return f"{size:,.0%}" if round(size, 3) >= _WELL_BEYOND else f"{size:.1%}"


def size(octets: int) -> str:
    """A size in bytes, 1,234,567 as 1.2 MB."""
    if octets < _THOUSAND:
        return f"{octets} B"
    scaled = octets / _THOUSAND
    for unit in ("kB", "MB", "GB"):
        if round(scaled, 1) < _THOUSAND:
            return f"{scaled:.1f} {unit}"
        scaled /= _THOUSAND
    return f"{scaled:,.1f} TB"


def binary_size(octets: int) -> str:
    """A size in bytes that is a limit, 1,048,576 as 1 MiB; one that is no whole number of units as other sizes."""
    whole = [(octets // unit, name) for unit, name in _BINARY_UNITS if octets >= unit and octets % unit == 0]
    return f"{whole[0][0]:,} {whole[0][1]}" if whole else size(octets)


def gibibytes(octets: int) -> str:
    """An amount that is billed by GiB: 0.4 GiB, small ones with one significant digit."""
    amount = octets / 2**30
    if 0 < amount < _PERCENT:
        return "less than 0.01 GiB"
    return f"{amount:.2f} GiB" if 0 < amount < _TENTH else f"{amount:,.1f} GiB"


def agree(count: float, one: str, many: str) -> str:
    """The word, or the words, that go with a count."""
    return one if count == 1 else many


def counted(count: int, one: str, many: str | None = None) -> str:
    """A count and its word: 1 call, 2,000 calls."""
    return f"{number(count)} {agree(count, one, many or one + 's')}"


def _decimals(size: float, least: int) -> int:
    """At least so many decimals, and as many as show two significant digits of what is left once it is rounded."""
    return least if size == 0 else max(least, 1 - Decimal(f"{size:.1e}").adjusted())


def day(value: date) -> str:
    """A day: 24 Nov 2026."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """A day whose year is plain: 24 Nov."""
    return f"{value.day} {_MONTHS[value.month - 1]}"


def near_day(value: date, today: date) -> str:
    """A day, with its year when that is not this year's: 24 Nov, 3 Jan 2027."""
    return short_day(value) if value.year == today.year else day(value)


def month(value: date) -> str:
    """A month: Nov 2026."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def days(first: date, last: date) -> str:
    """A span of days, both included: 26 Oct – 24 Nov 2026."""
    if first == last:
        return day(last)
    return f"{short_day(first) if first.year == last.year else day(first)} – {day(last)}"


def days_beside(first: date, last: date, beside: date) -> str:
    """A span of days beside another day, whose year goes without saying: 3 – 14 Nov, 26 Sep – 25 Oct."""
    if last.year != beside.year:
        return days(first, last)
    if first == last:
        return short_day(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {short_day(last)}"
    return f"{short_day(first) if first.year == last.year else day(first)} – {short_day(last)}"


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
    """A time to wait, or for which something has lasted: 40 s, 2 min, 5 h, 3 days."""
    return _told(_rounded, max(0, round(seconds)), WAITS)


def length(time: timedelta) -> str:
    """A length of time, rounded up: 40 min, 4 h, 3 days."""
    unit, word = next((unit, word) for below, unit, word in _LENGTHS if time < below)
    return word.format(math.ceil(time / unit))


def _told(whole: Callable[[float], int], seconds: int, scale: Scale) -> str:
    unit, words = next((unit, words) for below, unit, words in scale if below is None or seconds < below)
    return words.format(whole(seconds / unit))


def _rounded(value: float) -> int:
    """Round halves up, as browsers do."""
    return math.floor(value + 0.5)
