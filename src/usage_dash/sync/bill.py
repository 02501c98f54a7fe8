"""What counts against Firestore's free quota, added up as Firestore does: by Pacific days and months."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

PACIFIC: Final = ZoneInfo("America/Los_Angeles")
FREE_READS: Final = 50_000  # a day
FREE_BYTES: Final = 10 * 2**30  # a month
GIBIBYTE: Final = 2**30
_ENOUGH_DAYS: Final = 3  # whole days, from which on a month can be estimated


@dataclass(frozen=True, slots=True)
class Spent:
    """Reads as Firestore bills them, and bytes out: its answers' own, without what carries them over the network."""

    reads: int = 0
    bytes_out: int = 0


@dataclass(frozen=True, slots=True)
class Prices:
    """What Firestore's Standard edition takes for what is not free, in dollars: for 100,000 reads, for a GiB out.

    The default is the list price: of reads in nam5, and of a GiB to the internet.
    """

    reads: float = 0.06
    gibibyte: float = 0.12

    def of(self, spent: Spent) -> float:
        """Return what this costs where nothing of it is free."""
        return spent.reads * (self.reads / 100_000) + spent.bytes_out / GIBIBYTE * self.gibibyte


@dataclass(frozen=True, slots=True)
class Quota:
    """What was spent on the Pacific day and in the Pacific month; what was spent before `since` is not known.

    What is left is so at most: others may use the same quota, the chatbot for one. `dollars` is the price of what was
    not free; `expected` and `expected_dollars` are the whole month's at the pace of its whole days so far, None as long
    as these are too few.
    """

    today: Spent
    month: Spent
    since: date
    dollars: float = 0.0
    expected: Spent | None = None
    expected_dollars: float | None = None

    @property
    def reads_left(self) -> int:
        """Free reads until midnight Pacific."""
        return max(0, FREE_READS - self.today.reads)

    @property
    def bytes_left(self) -> int:
        """Free bytes until the month ends."""
        return max(0, FREE_BYTES - self.month.bytes_out)


class Bill:
    """What was spent on each Pacific day of this month. `kept` is the `text` of a bill, to go on with."""

    def __init__(self, now: Callable[[], datetime], kept: str | None = None, prices: Prices | None = None) -> None:
        self._now = now
        self._prices = prices or Prices()
        known = json.loads(kept) if kept else {}
        self._since = date.fromisoformat(known["since"]) if known else self._today()
        self._days = {date.fromisoformat(day): Spent(*spent) for day, spent in known.get("days", {}).items()}

    def add(self, reads: int, bytes_out: int) -> None:
        """Count what was spent just now."""
        today = self._today()
        self._days = {day: spent for day, spent in self._days.items() if day >= today.replace(day=1)}
        before = self._days.get(today, Spent())
        self._days[today] = Spent(before.reads + reads, before.bytes_out + bytes_out)

    def quota(self) -> Quota:
        """Return what was spent so far."""
        today = self._today()
        first = today.replace(day=1)
        days = {day: spent for day, spent in self._days.items() if day >= first}
        now, month, since = days.get(today, Spent()), _sum(days.values()), max(first, self._since)
        so_far = Quota(now, month, since, self._dollars(days.values(), month.bytes_out))
        begun = since + timedelta(days=self._since >= first)  # the day on which counting began is no whole one
        whole = (today - begun).days
        if whole < _ENOUGH_DAYS:
            return so_far
        usual = [days.get(begun + timedelta(days=number), Spent()) for number in range(whole)]
        left = (_next_month(first) - today).days
        expected = _sum([month, _to_come(usual, now, left)])
        beyond = _to_come(map(_beyond, usual), _beyond(now), left)
        dollars = self._dollars(days.values(), expected.bytes_out) + self._prices.of(beyond)
        return replace(so_far, expected=expected, expected_dollars=dollars)

    def _dollars(self, days: Iterable[Spent], bytes_out: int) -> float:
        """Return the price of reads beyond each day's free ones, and of bytes beyond the month's."""
        return self._prices.of(_sum([*map(_beyond, days), Spent(bytes_out=max(0, bytes_out - FREE_BYTES))]))

    @property
    def text(self) -> str:
        """All of it, to be kept."""
        days = {day.isoformat(): [spent.reads, spent.bytes_out] for day, spent in self._days.items()}
        return json.dumps({"since": self._since.isoformat(), "days": days})

    def _today(self) -> date:
        return self._now().astimezone(PACIFIC).date()


def day_ends(now: datetime) -> datetime:
    """Return when the free day ends: at midnight Pacific."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC)


def _sum(days: Iterable[Spent]) -> Spent:
    days = list(days)
    return Spent(sum(day.reads for day in days), sum(day.bytes_out for day in days))


def _beyond(day: Spent) -> Spent:
    """Return what of a day's reads was not free."""
    return Spent(reads=max(0, day.reads - FREE_READS))


def _to_come(usual: Iterable[Spent], today: Spent, days: int) -> Spent:
    """Return what is still to be spent in so many days with today, of which the rest is like those that were usual."""
    usual = list(usual)
    whole = _sum(usual)
    mean = Spent(round(whole.reads / len(usual)), round(whole.bytes_out / len(usual)))
    rest = Spent(max(0, mean.reads - today.reads), max(0, mean.bytes_out - today.bytes_out))
    return _sum([rest, *[mean] * (days - 1)])


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
