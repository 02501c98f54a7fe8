"""Tokens put together that the same prices fit, so that a million entries are priced by a few sums.

A pool holds entries of one model as it was written, on one side of each change of price and of each length of request
at which one of the prices changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from usage_dash.prices.rates import Bounds, Rate, bounds
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows
from usage_dash.reporting.spans import within
from usage_dash.reporting.view_models import Range

RatesOf = Callable[[str], tuple[Rate, ...]]

# An entry of no time, or of a time that is not near its day, has the prices of its day.
_POOLS = """
SELECT slot, model AS written_as, {period} AS period, {length} AS length, calls > 1 AS several,
    cost IS NOT NULL AND input_tokens IS NOT NULL AND output_tokens IS NOT NULL AS known,
    count(*) AS entries, sum(calls) AS calls, sum(cost) AS cost,
    sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens
FROM (
    SELECT *, CASE WHEN "at" BETWEEN day - INTERVAL 2 DAY AND day + INTERVAL 2 DAY THEN "at" ELSE day END AS priced_at
    FROM entries WHERE day BETWEEN $first AND $last
) JOIN written_models USING (written)
GROUP BY ALL
"""
_MODELS = "SELECT DISTINCT model FROM written_models"
_NEAR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Pool:
    """Entries of one model; `slot` is its family's, where models are read as families.

    Where it is not `known`, each of them lacks its cost or its tokens, and the sums say nothing.
    """

    slot: int
    written: str
    at: datetime
    length: int
    several: bool
    known: bool
    entries: int
    calls: int
    cost: float
    input_tokens: int
    output_tokens: int

    def priced(self, rates: Iterable[Rate], at: datetime | None = None) -> Bounds:
        """Return what its tokens cost by these rates, when they were used or `at` another time."""
        return bounds(
            rates,
            at or self.at,
            self.length,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            several=self.several,
        )


def pools(moment: Moment, shown: Range, rates_of: RatesOf, others: Iterable[Rate] = ()) -> list[Pool]:
    """Return the chosen entries of a range in pools; the rates of `others` fit them too, at any one time."""
    used = [rate for each in rows(moment, _MODELS) for rate in rates_of(each.model)]
    first, last = (datetime.combine(day, time.min) for day in (shown.first, shown.last))
    changes = sorted({rate.since for rate in used if first - _NEAR < rate.since < last + _NEAR})
    lengths = sorted({rate.above for rate in [*used, *others] if rate.above >= 0})
    period = _steps("priced_at >= TIMESTAMP '{}'", changes)
    length = _steps("input_tokens > {}", lengths)
    times, shortest = [first - _NEAR, *changes], [0, *(above + 1 for above in lengths)]
    return [
        Pool(
            slot=each.slot,
            written=each.written_as,
            at=times[each.period],
            length=shortest[each.length or 0],
            several=each.several,
            known=each.known,
            entries=each.entries,
            calls=int(each.calls),
            cost=each.cost or 0.0,
            input_tokens=int(each.input_tokens or 0),
            output_tokens=int(each.output_tokens or 0),
        )
        for each in rows(moment, _POOLS.format(period=period, length=length), within(shown))
    ]


def _steps(condition: str, steps: Iterable[object]) -> str:
    """Return SQL that counts how many of the steps are behind a value."""
    return " + ".join(["0", *(f"CAST({condition.format(step)} AS TINYINT)" for step in steps)])
