"""Questions that one user's page answers. The moment has chosen that user, and perhaps models.

What a user's counters say knows no model, so it stands beside entries of all models, whichever are chosen.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from usage_dash.reporting.contradictions import CLOCKS_DIFFER
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import NEARLY
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.growth import GROWTH, RECENT
from usage_dash.reporting.person import (
    Amounts,
    Checks,
    Coverage,
    DocumentSize,
    EntriesPage,
    Person,
    Standing,
)
from usage_dash.reporting.queries import all_models
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import possible, range_shown, utc
from usage_dash.reporting.sums import Sum, sum_of
from usage_dash.reporting.trust_models import FindingRow
from usage_dash.reporting.users import entries_of, nearest_page
from usage_dash.reporting.view_models import Figure, Overview

PAGE_SIZE = 12

_USER = """
SELECT scoped_users.*, name, email, team FROM scoped_users JOIN scoped_people USING (user_key, user_id)
WHERE user_id = $user_id
"""
_HELD = """
SELECT *, {growth} AS growth
FROM (
    SELECT count(*) AS entries, $size AS size, min(day) AS first_day,
        count(*) FILTER (visible AND day BETWEEN $recent + 1 AND $today) AS recent,
        count(*) FILTER (visible) AS kept, max(first_read) AS last_read,
        min(least("at", first_read)) FILTER (placed) AS oldest,
        greatest(max("at") FILTER (day >= $earliest AND "at" <= $now),
            (SELECT max("at") FROM bookings WHERE user_key = $key AND "at" <= $now)) AS newest,
        count(*) FILTER ("at" > $soon) AS future, max("at") - $now AS ahead, count(*) FILTER (day < $earliest) AS early,
        count(*) FILTER ("at" IS NULL) AS untimed, count(*) FILTER (NOT placed) AS unplaced,
        sum(cost) AS cost, count(*) FILTER (cost IS NULL) AS cost_lacking,
        sum(calls) AS calls, 0 AS calls_lacking,
        sum(total_tokens) AS tokens, count(*) FILTER (total_tokens IS NULL) AS tokens_lacking,
        sum(cost) FILTER (placed) AS placed_cost, count(*) FILTER (placed AND cost IS NULL) AS placed_cost_lacking,
        sum(calls) FILTER (placed) AS placed_calls, 0 AS placed_calls_lacking,
        sum(total_tokens) FILTER (placed) AS placed_tokens,
        count(*) FILTER (placed AND total_tokens IS NULL) AS placed_tokens_lacking
    FROM (SELECT *, (day BETWEEN $earliest AND $today) IS TRUE AS placed FROM scoped_entries WHERE user_key = $key)
)
"""
# What a document does not say of its cost is at least what its entries add up to, as in `documents`.
_STANDING = """
WITH instead AS (
    SELECT user_key, sum(cost) AS cost, count(*) AS entries
    FROM scoped_entries SEMI JOIN (SELECT user_key FROM scoped_users WHERE total_cost IS NULL) USING (user_key)
    GROUP BY user_key
), spent AS (
    SELECT user_key, coalesce(total_cost, cost, 0) AS cost,
        total_cost IS NULL AND (entries IS NOT NULL OR total_calls IS DISTINCT FROM 0) AS lacks
    FROM scoped_users LEFT JOIN instead USING (user_key)
), gone AS (
    SELECT coalesce(sum(cost), 0) AS cost, count(*) > count(cost) AS lacks FROM departed
)
SELECT any_value(own.cost) / nullif(sum(spent.cost) + any_value(gone.cost), 0) AS share,
    count(*) FILTER (spent.cost > own.cost) + 1 AS rank, bool_or(spent.lacks) AS ranks_lack,
    bool_or(spent.lacks OR gone.lacks) AS at_most, any_value(own.lacks) AS unknown
FROM spent, (FROM spent WHERE user_key = $key) AS own, gone
"""
_FINDINGS = """
SELECT field, problem, action, count AS places FROM scoped_findings WHERE user_key = $key
ORDER BY places DESC, field, problem, action
"""
_COUNT = "SELECT count(*) AS entries FROM entries WHERE user_key = $key"


def person(moment: Moment, user_id: str, filters: Filters, page: int = 0) -> Person | None:
    """Return what is known of a user, with a page of entries, counted from 0; None for nobody in the scope."""
    found = rows(moment, _USER, {"user_id": user_id})
    if not found:
        return None
    user, key = found[0], {"key": found[0].user_key}
    now = moment.now.replace(tzinfo=None)
    times = {**possible(moment), "now": now, "soon": now + CLOCKS_DIFFER, "recent": moment.today - RECENT}
    held = row(moment, _HELD.format(growth=GROWTH), {**key, **times, "size": user.size})
    return Person(
        user_id=user_id,
        name=user.name,
        email=user.email,
        team=user.team,
        first_seen=utc(min((time for time in (user.created_at, held.oldest) if time), default=None)),
        last_active=utc(held.newest or user.last_updated) if _is_used(user, held) else None,
        standing=_standing(moment, key),
        range=range_shown(moment, filters),
        models=all_models(moment, filters),
        coverage=_coverage(user, held),
        size=DocumentSize(user.size, held.kept, held.entries - held.kept, held.growth or 0.0),
        findings=_findings(moment, user_id, key),
        checks=_checks(user, held),
        entries=_entries(moment, key, page),
    )


def cost_per_call(overview: Overview) -> Figure:
    """Return what one call cost: all-time, in the range, before, and in each bucket that had calls."""
    cost, calls = overview.cost, overview.calls
    before = cost.previous and calls.previous and _per_call(cost.previous, calls.previous)
    spark = tuple(
        spent / count if spent is not None and count else None
        for spent, count in zip(cost.spark, calls.spark, strict=True)
    )
    return Figure(_per_call(cost.total, calls.total), _per_call(cost.in_range, calls.in_range), before, spark)


def _per_call(cost: Sum, calls: Sum) -> Sum:
    return Sum(cost.known / calls.exact, cost.lacking) if calls.exact else Sum(lacking=1)


def _is_used(user: Any, held: Any) -> bool:
    return bool(held.entries or user.total_cost or user.total_calls or user.total_tokens)


def _standing(moment: Moment, key: dict[str, Any]) -> Standing:
    found = row(moment, _STANDING, key)
    share, rank = (None, None) if found.unknown else (found.share, found.rank)
    return Standing(share, None if found.ranks_lack else rank, moment.documents, found.at_most)


def _coverage(user: Any, held: Any) -> Coverage:
    counters = Amounts(*map(_said, (user.total_cost, user.total_calls, user.total_tokens)))
    entries = Amounts(
        sum_of(held.placed_cost, held.placed_cost_lacking),
        sum_of(held.placed_calls, held.placed_calls_lacking),
        sum_of(held.placed_tokens, held.placed_tokens_lacking),
    )
    all_entries = Amounts(
        sum_of(held.cost, held.cost_lacking),
        sum_of(held.calls, held.calls_lacking),
        sum_of(held.tokens, held.tokens_lacking),
    )
    return Coverage(_share(counters.cost, entries.cost), counters, entries, all_entries)


def _said(counter: float | None) -> Sum:
    return Sum(lacking=1) if counter is None else Sum(counter)


def _share(counter: Sum, entries: Sum) -> float | None:
    if not counter.exact:
        return None
    return 1.0 if entries.known >= counter.exact * NEARLY else entries.known / counter.exact


def _findings(moment: Moment, user_id: str, key: dict[str, Any]) -> tuple[FindingRow, ...]:
    found = rows(moment, _FINDINGS, key)
    return tuple(FindingRow(user_id, each.field, each.problem, each.action, each.places) for each in found)


def _checks(user: Any, held: Any) -> Checks:
    parts = (user.total_input_tokens, user.total_output_tokens)
    return Checks(
        future=held.future,
        ahead=max(held.ahead or timedelta(), timedelta()),
        early=held.early,
        untimed=held.untimed,
        unplaced=held.unplaced,
        uncosted=held.cost_lacking,
        input_and_output=None if None in parts else sum(parts),
        callless=user.total_calls == 0 and bool(user.total_cost or user.total_tokens),
        moved=_is_moved(user, held),
    )


def _is_moved(user: Any, held: Any) -> bool:
    """Whether a write after the last call counted none: all calls are itemised, and were read before it.

    Both times are by the source's clock, but for a first write, with one entry, which has the client's. Where entries
    were read before the ledger noted when, nothing is known.
    """
    itemised = held.entries > 1 and held.calls == user.total_calls
    return bool(itemised and held.last_read and user.last_updated and user.last_updated > held.last_read)


def _entries(moment: Moment, key: dict[str, Any], page: int) -> EntriesPage:
    total = row(moment, _COUNT, key).entries
    page = nearest_page(page, PAGE_SIZE, total)
    return EntriesPage(entries_of(moment, key, page, PAGE_SIZE), total, page, PAGE_SIZE)
