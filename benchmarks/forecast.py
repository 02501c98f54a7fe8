"""How right the forecast of a month would have been: `python -m benchmarks.forecast`.

Usage of the past is replayed: at noon of several days of each month the month is forecast from what was known then, and
held against what it came to. Beside ours stand this month's pace, which is what its whole days cost on average, and
the sum of last month. There are two kinds of usage:

- the demo's, of its own seed and of others, with growth, weekends and one unusual day;
- the real trace of tests/data/, whose hour is stretched over so many days, slower at weekends; it has no costs, users
  and teams, which are made up as in tests/integration/test_trace.py. Its hour has no growth, but rates that change.
"""

from __future__ import annotations

import argparse
import calendar
import csv
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from math import fsum
from pathlib import Path
from statistics import median

from usage_dash.money.forecast import LEAST_WEEKS, WEEKS, forecast
from usage_dash.reporting.sums import Sum
from usage_dash.repository.demo.people import persons
from usage_dash.repository.demo.sample import Sample

TRACE = Path(__file__).parents[1] / "tests" / "data" / "azure_llm_conv_2023.csv.gz"
ENDED = datetime(2026, 11, 26, 12, tzinfo=UTC)  # when usage ends; the demo's begins to live then
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRICES = (
    (1.75, 14.0),
    (0.25, 2.0),
    (0.25, 2.0),
    (2.5, 10.0),
)  # dollars a million tokens, of the trace's models in turn
WEEKDAYS = (1.0, 1.05, 1.1, 1.05, 0.95, 0.35, 0.25)  # how fast the stretched hour passes
TEAMS = 5
DEAREST = 25  # users who are forecast
DAYS_OF_MONTH = (1, 5, 10, 15, 20, 25)
DAY = timedelta(days=1)
EVERYBODY, OF_TEAMS, OF_USERS = "everybody", "teams", f"the {DEAREST} dearest users"


@dataclass(frozen=True, slots=True)
class Call:
    """What was spent when, and by whom."""

    at: datetime
    user: str
    team: str
    cost: float


@dataclass(frozen=True, slots=True)
class Forecasted:
    """A month of a history: what it came to, and what was said of it on one of its days."""

    day: int
    weeks: int
    actual: float
    said: dict[str, float]
    low: float
    high: float

    def error(self, by: str) -> float:
        """By which share of what it came to it was foretold too high, or too low."""
        return self.said[by] / self.actual - 1

    @property
    def is_covered(self) -> bool:
        """Whether it came to lie in the range."""
        return self.low <= self.actual <= self.high


def demo(seed: int) -> Iterator[Call]:
    """Give the history of a demo."""
    sample = Sample(ENDED, seed)
    usage, teams = sample.until(ENDED), {user: team for user, _, _, team in persons()}
    for at, user, cost in zip(usage.at.tolist(), usage.user.tolist(), usage.cost.tolist(), strict=True):
        name = sample.users[user]
        yield Call(EPOCH + timedelta(microseconds=at), name, teams.get(name, ""), cost)


def trace(days: int) -> Iterator[Call]:
    """Give the trace's requests, as if its hour had taken so many days."""
    with gzip.open(TRACE, "rt", encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    times = [datetime.fromisoformat(row["TIMESTAMP"][:26]) for row in rows]
    began, length = times[0], times[-1] - times[0]
    first = ENDED.replace(hour=0) - days * DAY
    passed = [0.0, *accumulate(WEEKDAYS[(first + number * DAY).weekday()] for number in range(days))]
    spans = iter(enumerate(pairwise(passed)))
    number, (begin, end) = next(spans)
    for count, (row, at) in enumerate(zip(rows, times, strict=True)):
        gone = (at - began) / length * passed[-1]
        while gone > end:
            number, (begin, end) = next(spans)
        skewed = int((int(hashlib.sha256(str(count).encode()).hexdigest(), 16) % 2500) ** 0.5)
        price_in, price_out = PRICES[count % len(PRICES)]
        cost = (int(row["ContextTokens"]) * price_in + int(row["GeneratedTokens"]) * price_out) / 1e6
        yield Call(first + (number + (gone - begin) / (end - begin)) * DAY, f"{skewed}", f"{skewed % TEAMS}", cost)


def replayed(calls: Iterable[Call]) -> dict[str, list[Forecasted]]:
    """Return all forecasts of everybody, of each team and of the dearest users."""
    told, teams, users = list(calls), defaultdict(list), defaultdict(list)
    for call in told:
        teams[call.team].append(call)
        users[call.user].append(call)
    dearest = sorted(users.values(), key=lambda of: -fsum(call.cost for call in of))[:DEAREST]
    teams.pop("", None)
    return {
        EVERYBODY: list(_forecasts(told)),
        OF_TEAMS: [each for of in teams.values() for each in _forecasts(of)],
        OF_USERS: [each for of in dearest for each in _forecasts(of)],
    }


def _forecasts(calls: Sequence[Call]) -> Iterator[Forecasted]:
    """Give the forecasts of months that are over, from when there are two weeks before."""
    whole, morning = _by_day(calls), _by_day(call for call in calls if call.at.hour < ENDED.hour)
    first, last = min(whole), ENDED.date() - DAY
    for number in range((last - first).days):
        today = first + number * DAY
        end = today.replace(day=calendar.monthrange(today.year, today.month)[1])
        if today.day in DAYS_OF_MONTH and first <= today.replace(day=1) and end <= last:
            yield from _forecast(whole, morning, today, end)


def _forecast(whole: dict[date, float], morning: dict[date, float], today: date, end: date) -> Iterator[Forecasted]:
    before = {day: Sum(cost) for day, cost in whole.items() if day < today}
    found = forecast(before | {today: Sum(morning.get(today, 0.0))}, today)
    actual, last_end = _between(whole, today.replace(day=1), end), today.replace(day=1) - DAY
    if found is None or found.low is None or found.high is None or not actual:
        return
    said = {"ours": found.month.known}
    if found.pace:
        said["pace"] = found.pace.known
    if min(whole) <= last_end.replace(day=1):
        said["last month"] = _between(whole, last_end.replace(day=1), last_end)
    yield Forecasted(today.day, found.weeks, actual, said, found.low, found.high)


def _by_day(calls: Iterable[Call]) -> dict[date, float]:
    found: dict[date, float] = defaultdict(float)
    for call in calls:
        found[call.at.date()] += call.cost
    return dict(found)


def _between(costs: dict[date, float], first: date, last: date) -> float:
    return fsum(cost for day, cost in costs.items() if first <= day <= last)


def judged(found: Sequence[Forecasted]) -> dict[str, float]:
    """Return how right forecasts were: the median error without its sign, the bias of all, and the range's luck."""
    result = {"forecasts": float(len(found))}
    for by in ("ours", "pace", "last month"):
        told = [each for each in found if by in each.said]
        if told:
            result[f"{by}, error"] = median(abs(each.error(by)) for each in told)
            result[f"{by}, bias"] = fsum(each.said[by] for each in told) / fsum(each.actual for each in told) - 1
    result["covered"] = sum(each.is_covered for each in found) / len(found)
    result["width"] = median((each.high - each.low) / each.actual for each in found)
    return result


def tables(found: dict[str, list[Forecasted]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return how right forecasts were: of whom, on which day of the month, on all that have a pace, after few weeks."""
    result: dict[str, dict[str, dict[str, float]]] = {}
    for of, all_of in found.items():
        parts = {f"day {day}": [each for each in all_of if each.day == day] for day in DAYS_OF_MONTH}
        parts["all but day 1"] = [each for each in all_of if "pace" in each.said]
        parts["2 to 4 weeks known"] = [each for each in all_of if LEAST_WEEKS <= each.weeks <= WEEKS // 2]
        result[of] = {part: judged(forecasts) for part, forecasts in parts.items() if forecasts}
    return result


def together(parts: Iterable[dict[str, list[Forecasted]]]) -> dict[str, list[Forecasted]]:
    """Return the forecasts of several histories as one."""
    found: dict[str, list[Forecasted]] = defaultdict(list)
    for part in parts:
        for of, forecasts in part.items():
            found[of] += forecasts
    return dict(found)


def main() -> None:
    """Measure, and print it as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9], help="of demos; 7 is the demo's own")
    parser.add_argument("--days", type=int, nargs="+", default=[200, 300, 450], help="that the trace is stretched over")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    result = {
        "the demo's history": tables(together(replayed(demo(seed)) for seed in asked.seeds)),
        "the trace": tables(together(replayed(trace(days)) for days in asked.days)),
    }
    print(json.dumps(result) if asked.json else _told(result))


def _told(result: dict[str, dict[str, dict[str, dict[str, float]]]]) -> str:
    lines = []
    for usage, levels in result.items():
        for of, parts in levels.items():
            lines += ["", f"{usage}, {of}"]
            lines += [f"{part:>20}: {_line(each)}" for part, each in parts.items()]
    return "\n".join(lines[1:])


def _line(each: dict[str, float]) -> str:
    errors = [
        f"{by} {each[f'{by}, error']:.1%} ({each[f'{by}, bias']:+.1%})"
        for by in ("ours", "pace", "last month")
        if f"{by}, error" in each
    ]
    return (
        f"{each['forecasts']:,.0f} forecasts, {', '.join(errors)}, covered {each['covered']:.0%} of {each['width']:.0%}"
    )


if __name__ == "__main__":
    main()
