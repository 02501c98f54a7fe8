"""What is recorded beside what OpenAI billed, by UTC days, whatever the reporting zone.

An entry is on the UTC date of its time, one of no or a future time on that of when it was first read, and a booking on
that of its `at`. What users who are gone left behind keeps its reporting day, as nothing else of it is known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import fsum
from typing import Any, Final

from usage_dash.documents.model_names import family
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.gap import Answered, Gap, Part, Recorded, explain
from usage_dash.reporting.ranges import DAY
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import first_day, utc
from usage_dash.reporting.sums import Sum, beyond, sum_of, total

__all__ = ["Billed", "BilledDay", "Part", "billed"]

PROVISIONAL_DAYS: Final = 2  # the day on which the bill was read and the one before: OpenAI still adds to them
WHOLE_DAYS: Final = 30

_WORDS = re.compile(r"[\s_,]+")
_TUNED = re.compile(r"(?:.*/)?ft:([^:]+)")
_INPUT, _CACHED_INPUT = "input", "cached input"
_NO_TEXT = {"audio", "image", "write"}  # these have prices of their own
_ASK = "SELECT whole, problem, answered FROM bill_ask"
_BILLED = """
SELECT day, CASE WHEN count(*) = count(cost) THEN sum(cost) END AS cost FROM bill_costs
WHERE day BETWEEN $first AND $last GROUP BY day
"""
_RECORDED = """
CREATE OR REPLACE TEMP TABLE recorded AS
WITH found AS (
    SELECT CAST(least("at", first_read) AS DATE) AS day, slot, calls, total_tokens AS tokens, cost FROM entries
    UNION ALL SELECT CAST("at" AS DATE), -1, calls, total_tokens, cost FROM bookings
    UNION ALL SELECT day, slot, calls, total_tokens, cost FROM departed
)
SELECT day, slot, sum(calls) AS calls, sum(tokens) AS tokens, count(*) - count(tokens) AS tokens_lacking,
    sum(cost) AS cost, count(*) - count(cost) AS cost_lacking,
    sum(calls) FILTER (cost IS NULL OR cost = 0) AS free_calls,
    sum(tokens) FILTER (cost IS NULL OR cost = 0) AS free_tokens
FROM found WHERE day BETWEEN $first AND $last GROUP BY day, slot
"""
_RECORDED_DAYS = """
SELECT day, sum(cost) AS cost, sum(cost_lacking) AS cost_lacking FROM recorded GROUP BY day ORDER BY day
"""
_RECORDED_MODELS = """
SELECT slot, model, sum(calls) AS calls, sum(tokens) AS tokens, sum(tokens_lacking) AS tokens_lacking,
    sum(cost) AS cost, sum(free_calls) AS free_calls, sum(free_tokens) AS free_tokens
FROM recorded JOIN models USING (slot) WHERE day IN (SELECT unnest($days)) GROUP BY slot, model
"""
_LINE_ITEMS = """
SELECT line_item, caller, sum(cost) AS cost FROM bill_costs WHERE day IN (SELECT unnest($days))
GROUP BY line_item, caller
"""
_USAGE = """
SELECT model, sum(requests) AS requests, sum(tokens) AS tokens, sum(cached_tokens) AS cached_tokens,
    sum(uncached_tokens) AS uncached_tokens
FROM bill_usage WHERE caller = '' AND day IN (SELECT unnest($days)) GROUP BY model
"""
# Only of a user who was used before the first entry that is known can what was there at first sight be of these days.
_UNDATED = """
WITH oldest AS (
    SELECT user_key, min("at") AS "at" FROM entries SEMI JOIN openings USING (user_key) GROUP BY user_key
)
SELECT sum(openings.cost) AS cost FROM openings JOIN users USING (user_key) LEFT JOIN oldest USING (user_key)
WHERE openings.cost > 0 AND ("at" IS NULL OR "at" >= $first) AND (last_updated IS NULL OR last_updated >= $first)
"""


@dataclass(frozen=True, slots=True)
class BilledDay:
    """One UTC day; `billed` is None where OpenAI has not said it. OpenAI still adds to a `provisional` one."""

    day: date
    billed: float | None
    recorded: Sum
    provisional: bool


@dataclass(frozen=True, slots=True)
class Billed:
    """Recorded against billed on the whole days from `first` to `last`, so far as OpenAI has said what each cost.

    `days` are these, without usage none, and those after them. `share` is how much of what was billed is recorded; None
    where no whole day is known, or nothing was billed. `parts` add up to the gap. `others` of what was billed is not
    the chatbot's, as far as is known. `undated` of what is missing may have been recorded on these days too, but no
    entry says when. `asked` is when the last answer came, None before the first; `problem` says in a sentence why the
    last try failed. `whole`: it is the bill of the whole organisation, which has other uses too.
    """

    days: tuple[BilledDay, ...]
    first: date
    last: date
    recorded: Sum
    billed: float
    share: float | None
    parts: tuple[Part, ...]
    asked: datetime | None
    problem: str | None
    whole: bool = False
    others: float = 0.0
    undated: float = 0.0

    @property
    def is_compared(self) -> bool:
        """Whether there is something to compare: whole days that are known, on which something was used."""
        return self.share is not None or self.is_elsewhere

    @property
    def own(self) -> float:
        """What the chatbot itself was billed, as far as is known; nothing where it was given back more."""
        return beyond(self.billed, self.others)

    @property
    def is_elsewhere(self) -> bool:
        """Whether something is recorded, and the chatbot was billed nothing."""
        return self.recorded.known > 0 and not self.own

    @property
    def own_share(self) -> float:
        """How much of what the chatbot itself was billed is recorded; all, where neither is anything."""
        return self._of_its_own(self.recorded.known)

    @property
    def most_share(self) -> float:
        """How much of it may be recorded, if all that is `undated` is of these days."""
        return self._of_its_own(self.recorded.known + self.undated)

    @property
    def missing(self) -> int:
        """How many of the whole days are not compared, since OpenAI has not said what they cost."""
        return sum(1 for day in self.days if not day.provisional and day.billed is None)

    def _of_its_own(self, dollars: float) -> float:
        return dollars / self.own if self.own > 0 else 1.0


def billed(moment: Moment) -> Billed | None:
    """Return what is recorded beside what was billed; None where OpenAI was never asked, or of less than all users."""
    asks = rows(moment, _ASK)
    if not asks:
        return None
    asked = utc(asks[0].answered)
    today = moment.now.astimezone(UTC).date()
    last = min(today, asked.date() if asked else today) - PROVISIONAL_DAYS * DAY
    days = _days(moment, last, today)
    compared = tuple(day for day in days if not day.provisional and day.billed is not None)
    recorded, cost = total(day.recorded for day in compared), fsum(day.billed or 0.0 for day in compared)
    first = days[0].day if days and days[0].day <= last else last
    gap = _gap(moment, [day.day for day in compared], cost - recorded.known)
    others = fsum(gap.callers.values())
    return Billed(
        days=days,
        first=first,
        last=last,
        recorded=recorded,
        billed=cost,
        share=recorded.known / cost if cost > 0 else None,
        parts=explain(gap) if compared else (),
        asked=asked,
        problem=asks[0].problem,
        whole=asks[0].whole,
        others=others,
        undated=min(row(moment, _UNDATED, {"first": first}).cost or 0.0, beyond(cost, others + recorded.known)),
    )


def _days(moment: Moment, last: date, today: date) -> tuple[BilledDay, ...]:
    """Return the days from the first with usage on; before it the ledger may not have looked."""
    span = {"first": last - (WHOLE_DAYS - 1) * DAY, "last": today}
    moment.sql.execute(_RECORDED, span)
    recorded = {each.day: sum_of(each.cost, each.cost_lacking) for each in rows(moment, _RECORDED_DAYS)}
    oldest = first_day(moment)
    if oldest is None:
        return ()
    first = span["first"] if oldest < span["first"] else min(recorded, default=span["first"])
    costs = {each.day: each.cost for each in rows(moment, _BILLED, span)}
    every = (first + number * DAY for number in range((today - first).days + 1))
    return tuple(BilledDay(day, costs.get(day), recorded.get(day, Sum()), day > last) for day in every)


def _gap(moment: Moment, days: list[date], dollars: float) -> Gap:
    items = rows(moment, _LINE_ITEMS, {"days": days})
    ours = {each.line_item: each.cost for each in items if not each.caller}
    callers: dict[str, float] = defaultdict(float)
    for each in items:
        if each.caller:
            callers[each.caller] += each.cost
    models, not_itemised = _recorded(moment, days)
    answered = _answered(rows(moment, _USAGE, {"days": days}), ours)
    services = _services(ours, answered.keys() | models.keys())
    return Gap(dollars, answered, models, not_itemised, services, dict(callers))


def _recorded(moment: Moment, days: list[date]) -> tuple[dict[str, Recorded], Recorded]:
    """Return what is recorded by families of models, and what of no model."""
    found: dict[str | None, list[Any]] = defaultdict(list)
    for each in rows(moment, _RECORDED_MODELS, {"days": days}):
        found[_name_of(each.model) if each.slot >= 0 else None].append(each)
    of_none = _together(found.pop(None, []))
    return {name: _together(each) for name, each in found.items() if name is not None}, of_none


def _together(found: list[Any]) -> Recorded:
    known = not any(each.tokens_lacking for each in found)
    return Recorded(
        cost=fsum(each.cost or 0.0 for each in found),
        calls=sum(each.calls or 0 for each in found),
        tokens=sum(each.tokens or 0 for each in found) if known else None,
        free_calls=sum(each.free_calls or 0 for each in found),
        free_tokens=sum(each.free_tokens or 0 for each in found),
    )


def _answered(usage: Iterable[Any], items: Mapping[str, float]) -> dict[str, Answered]:
    """Return what OpenAI says by families of models, of those that it says how much they answered."""
    found: dict[str, list[Any]] = defaultdict(list)
    for each in usage:
        found[_name_of(each.model)].append(each)
    costs, kinds = defaultdict[str, float](float), defaultdict[tuple[str, str], float](float)
    for item, cost in items.items():
        costs[_model_of(item)] += cost
        kinds[_model_of(item), _kind_of(item)] += cost
    return {
        name: Answered(
            cost=costs[name],
            requests=sum(each.requests for each in each_of),
            tokens=sum(each.tokens for each in each_of),
            saved=_saved(
                sum(each.cached_tokens for each in each_of),
                sum(each.uncached_tokens for each in each_of),
                kinds[name, _CACHED_INPUT],
                kinds[name, _INPUT],
            ),
        )
        for name, each_of in found.items()
    }


def _saved(cached_tokens: int, uncached_tokens: int, cached: float, uncached: float) -> float:
    """Return how much more the cached input would have cost at the price of the other; 0 where one is not told."""
    if not (uncached_tokens and cached_tokens and cached > 0 and uncached > 0):
        return 0.0
    return max(0.0, cached_tokens * uncached / uncached_tokens - cached)


def _services(items: Mapping[str, float], models: Iterable[str]) -> dict[str, float]:
    """Return what was billed for models that nobody records and that answer in no text, and for tools."""
    found: dict[str, float] = defaultdict(float)
    for item, cost in items.items():
        if item and cost and _model_of(item) not in models:
            found[_model_of(item)] += cost
    return dict(found)


def _model_of(item: str) -> str:
    """Return the family of a line item's model: “gpt-5” of “priority | gpt-5-2026-04-23 text, input, long context”."""
    name, is_of_a_model, _ = item.rpartition(" | ")[2].partition(", ")
    return family(name.partition(" ")[0] if is_of_a_model else name)


def _kind_of(item: str) -> str:
    """Return what a line item is of: “cached input” of “gpt-5-2026-04-23, cached input, long context”."""
    words = set(_WORDS.split(item.lower()))
    if "input" not in words or words & _NO_TEXT:
        return ""
    return _CACHED_INPUT if "cached" in words else _INPUT


def _name_of(model: str) -> str:
    """Return the family of a model that was used; a tuned one is called as on the bill, which does not tell which."""
    tuned = _TUNED.match(model)
    return family(f"ft-{tuned[1]}" if tuned else model)
