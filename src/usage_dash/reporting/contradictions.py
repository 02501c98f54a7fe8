"""Counters that contradict themselves or their entries, and entries whose dates cannot be right or that stand twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from usage_dash.documents.findings import Problem
from usage_dash.reporting.audited import audit
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import NEARLY
from usage_dash.reporting.growth import RECENT
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import possible
from usage_dash.reporting.tables import made

CLOCKS_DIFFER: Final = timedelta(minutes=5)  # by so much, nothing is wrong

# Each of three counters may have been rounded by half a token, so that one token says nothing.
_CONTRADICTING = """
CREATE TEMP TABLE {table} AS
WITH fallen AS (
    SELECT user_key, sum(cost) AS cost, sum(calls) AS calls, sum(total_tokens) AS tokens
    FROM falls WHERE until > $since GROUP BY user_key
)
SELECT user_id,
    abs(CAST(total_input_tokens AS HUGEINT) + total_output_tokens - total_tokens) > 1 IS TRUE AS unequal,
    total_calls = 0 AND (total_cost > 0 OR total_tokens > 0 OR total_input_tokens > 0 OR total_output_tokens > 0)
        IS TRUE AS callless,
    fallen.user_key IS NOT NULL AS fell, coalesce(fallen.cost, 0) AS fell_cost, coalesce(fallen.calls, 0) AS fell_calls,
    coalesce(fallen.tokens, 0) AS fell_tokens,
    (audited.cost * $nearly > total_cost OR audited.calls * $nearly > total_calls
        OR audited.tokens * $nearly > total_tokens) IS TRUE AS exceeded,
    CASE WHEN audited.cost * $nearly > total_cost THEN audited.cost - total_cost ELSE 0 END AS excess,
    greatest(excess, fell_cost) AS dollars
FROM audited LEFT JOIN fallen USING (user_key)
WHERE unequal OR callless OR fell OR exceeded
"""
_COUNTS = """
SELECT count(*) AS documents, count(*) FILTER (unequal) AS unequal, count(*) FILTER (callless) AS callless,
    count(*) FILTER (fell) AS fell, count(*) FILTER (exceeded) AS exceeded, coalesce(sum(dollars), 0) AS dollars
FROM contradicting
"""
_WORST = "FROM contradicting ORDER BY dollars DESC, user_id LIMIT $most"
# What is in the documents now: trimmed entries are past mending. The same entry again is a finding. Entries that differ
# in nothing but fields that nobody knows are looked for where entries say more than counters.
_ODD_ENTRIES = """
CREATE TEMP TABLE {table} AS
WITH misdated AS (
    SELECT user_key, count(*) FILTER ("at" > $soon) AS future, count(*) FILTER ("at" < $earliest_time) AS early,
        count(*) FILTER ("at" IS NULL) AS untimed
    FROM entries WHERE visible AND ("at" > $soon OR "at" < $earliest_time OR "at" IS NULL) GROUP BY user_key
), copies AS (
    SELECT user_key, count(*) - 1 AS more
    FROM entries SEMI JOIN (SELECT user_key FROM audited WHERE calls * $nearly > total_calls) USING (user_key)
    WHERE visible AND "at" IS NOT NULL
    GROUP BY user_key, "at", slot, input_tokens, output_tokens, total_tokens, cost, calls HAVING count(*) > 1
), again AS (
    SELECT user_key, CAST(sum(more) AS BIGINT) AS entries
    FROM (FROM copies UNION ALL SELECT user_key, count FROM findings WHERE problem = $repeated) GROUP BY user_key
)
SELECT *, future + early + untimed + doubled AS odd
FROM (
    SELECT user_id, coalesce(future, 0) AS future, coalesce(early, 0) AS early, coalesce(untimed, 0) AS untimed,
        coalesce(entries, 0) AS doubled
    FROM misdated FULL JOIN again USING (user_key) JOIN users USING (user_key)
)
"""
_ODD_COUNTS = """
SELECT count(*) AS documents, CAST(coalesce(sum(odd), 0) AS BIGINT) AS odd,
    CAST(coalesce(sum(future), 0) AS BIGINT) AS future, CAST(coalesce(sum(early), 0) AS BIGINT) AS early,
    CAST(coalesce(sum(untimed), 0) AS BIGINT) AS untimed, CAST(coalesce(sum(doubled), 0) AS BIGINT) AS doubled
FROM odd_entries
"""
_ODDEST = "FROM odd_entries ORDER BY odd DESC, user_id LIMIT $most"


@dataclass(frozen=True, slots=True)
class CounterFaults:
    """In how many documents counters contradict themselves, or their entries, and what that is about in dollars.

    `unequal`: the total of tokens is not input plus output. `callless`: they know tokens or a cost, but no call.
    `fell`: they went down in the last four weeks. `exceeded`: entries say more than they do. `worst` are rows with the
    same names for single users, the dearest first, and `excess`, `fell_cost`, `fell_calls` and `fell_tokens`.
    """

    documents: int
    unequal: int
    callless: int
    fell: int
    exceeded: int
    dollars: float
    worst: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class EntryFaults:
    """How many entries of how many documents are dated in the `future`, too `early`, `untimed` or `doubled`.

    `worst` are rows with the same names for single users, who have most of them first.
    """

    documents: int
    odd: int
    future: int
    early: int
    untimed: int
    doubled: int
    worst: tuple[Any, ...]


def counter_faults(moment: Moment, most: int) -> CounterFaults:
    """Return which counters contradict themselves, and at most so many users."""
    audit(moment)
    since = moment.now.replace(tzinfo=None) - RECENT
    made(moment, "contradicting", _CONTRADICTING, {"since": since, "nearly": NEARLY})
    return CounterFaults(**row(moment, _COUNTS)._asdict(), worst=tuple(rows(moment, _WORST, {"most": most})))


def entry_faults(moment: Moment, most: int) -> EntryFaults:
    """Return which entries cannot be right as they are dated, or stand twice, and at most so many users."""
    audit(moment)
    asked = {
        "soon": moment.now.replace(tzinfo=None) + CLOCKS_DIFFER,
        "earliest_time": possible(moment)["earliest"],
        "nearly": NEARLY,
        "repeated": Problem.REPEATED.value,
    }
    made(moment, "odd_entries", _ODD_ENTRIES, asked)
    return EntryFaults(**row(moment, _ODD_COUNTS)._asdict(), worst=tuple(rows(moment, _ODDEST, {"most": most})))
