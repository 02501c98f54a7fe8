"""When usage was last recorded, and when it usually is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.lately import Lately
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import possible, utc

_HOUR: Final = timedelta(hours=1)
_WEEK: Final = timedelta(days=7)
_WEEKS: Final = 4
_USUAL: Final = 3  # weeks of these in which an hour had usage

_BOUNDS = """
SELECT min("at") AS oldest, max("at") AS newest FROM spending
WHERE "at" >= $earliest AND "at" <= $now AND user_key > 0
"""
_HOURS = """
SELECT DISTINCT date_trunc('hour', "at") AS hour FROM spending
WHERE "at" > $newest - INTERVAL 29 DAY AND "at" <= $newest AND user_key > 0
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """When usage was first and last recorded, and the hours with usage in the four weeks before; all in UTC."""

    oldest: datetime
    newest: datetime
    hours: frozenset[datetime]

    def usual_hours(self, until: datetime, zone: ZoneInfo) -> int | None:
        """Return how many of the whole hours between the last usage and `until` usually have some.

        They do if the same hour of the same weekday, by the zone's clocks, had usage in three of the four weeks before.
        Of a longer silence the first week counts. None where less than three weeks are known.
        """
        if self.newest - self.oldest < _USUAL * _WEEK:
            return None
        first = self.newest.replace(minute=0, second=0, microsecond=0) + _HOUR
        hours = int((min(until, self.newest + _WEEK) - first) / _HOUR)
        return sum(self._is_usual(first + number * _HOUR, zone) for number in range(hours))

    def _is_usual(self, hour: datetime, zone: ZoneInfo) -> bool:
        wall = hour.astimezone(zone)
        before = ((wall - number * _WEEK).astimezone(UTC) for number in range(1, _WEEKS + 1))
        return sum(time.replace(minute=0) in self.hours for time in before) >= _USUAL


def recorded(moment: Moment, lately: Lately) -> Recorded | None:
    """Return when usage was recorded; None where there never was any. Its hours may lack the last minutes."""
    bounds = row(moment, _BOUNDS, {"earliest": possible(moment)["earliest"], "now": moment.now.replace(tzinfo=None)})
    oldest, newest = utc(bounds.oldest), utc(bounds.newest)
    if oldest is None or newest is None:
        return None
    return Recorded(oldest, newest, lately.of(moment, lambda: _hours(moment, bounds.newest), "hours with usage"))


def _hours(moment: Moment, newest: datetime) -> frozenset[datetime]:
    found = rows(moment, _HOURS, {"newest": newest})
    return frozenset(each.hour.replace(tzinfo=UTC) for each in found)
