"""What counts against Firestore's free quota, added up as Firestore does: by Pacific days and months."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

PACIFIC: Final = ZoneInfo("America/Los_Angeles")
FREE_READS: Final = 50_000  # a day
FREE_BYTES: Final = 10 * 2**30  # a month


@dataclass(frozen=True, slots=True)
class Spent:
    """Reads as Firestore bills them, and bytes out: its answers' own, without what carries them over the network."""

    reads: int = 0
    bytes_out: int = 0


@dataclass(frozen=True, slots=True)
class Quota:
    """What was spent on the Pacific day and in the Pacific month; what was spent before `since` is not known.

    What is left is so at most: others may use the same quota, the chatbot for one.
    """

    today: Spent
    month: Spent
    since: date

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

    def __init__(self, now: Callable[[], datetime], kept: str | None = None) -> None:
        self._now = now
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
        days = [spent for day, spent in self._days.items() if day >= first]
        month = Spent(sum(day.reads for day in days), sum(day.bytes_out for day in days))
        return Quota(self._days.get(today, Spent()), month, max(first, self._since))

    @property
    def text(self) -> str:
        """All of it, to be kept."""
        days = {day.isoformat(): [spent.reads, spent.bytes_out] for day, spent in self._days.items()}
        return json.dumps({"since": self._since.isoformat(), "days": days})

    def _today(self) -> date:
        return self._now().astimezone(PACIFIC).date()
