"""Questions about users: a page of them, and one in detail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from usage_dash.reporting.buckets import by_user
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import tally, tally_counters
from usage_dash.reporting.filters import By, Filters, UserQuery
from usage_dash.reporting.ranges import buckets_of
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import in_buckets, possible, range_shown, utc
from usage_dash.reporting.sums import Sum, sum_of
from usage_dash.reporting.top import has_teams
from usage_dash.reporting.user_models import EntryRow, Gone, UserDetail, UserRow, UsersPage
from usage_dash.reporting.view_models import Range

# Columns to sort by are called as `UserSort` calls them; "user" is what a user is called, whatever the case. Who only
# listened moved `last_updated`, too, so the newest entry or booking says best when somebody was active.
_USERS = """
SELECT user_key, documents.user_id, name, people.team AS team_name, cost, calls, tokens, input_tokens, output_tokens,
    cost_lacking, calls_lacking, tokens_lacking, input_tokens_lacking, output_tokens_lacking,
    lower(if(name = '', documents.user_id, name)) AS "user", nullif(lower(people.team), '') AS team,
    CASE WHEN cost_lacking = 0 THEN cost END AS certain, nullif(sum(cost) OVER () + left_cost, 0) AS whole,
    certain / whole AS share,
    max(certain) OVER () / whole AS top_share, max(cost_lacking) OVER () > 0 OR lost AS shares_at_most,
    CASE WHEN calls_lacking = 0 THEN certain / nullif(calls, 0) END AS cost_per_call,
    CASE WHEN lacking > 0 THEN nullif(known, 0) ELSE coalesce(known, 0) END AS range_cost,
    coalesce(lacking, 0) AS range_lacking,
    CASE WHEN used THEN coalesce(newest, last_updated) END AS last_active
FROM documents JOIN people USING (user_key)
LEFT JOIN (SELECT user_key, cost AS known, cost_lacking AS lacking FROM {by_user}) USING (user_key)
CROSS JOIN (SELECT coalesce(sum(cost), 0) AS left_cost, coalesce(sum(cost_lacking) > 0, FALSE) AS lost FROM gone)
"""
_GONE = """
SELECT gone.*, used.cost AS range_cost, used.cost_lacking AS range_lacking
FROM gone LEFT JOIN {by_user} AS used USING (user_key)
"""
_COUNT = "SELECT count(*) AS users FROM documents"
_BUCKETS = """
SELECT user_key, CAST(date_trunc($bucket, day) AS DATE) AS bucket,
    sum(cost) AS cost, count(*) FILTER (cost IS NULL) AS lacking
FROM spending WHERE day BETWEEN $first AND $last AND user_key IN (SELECT unnest($keys))
GROUP BY ALL
"""

_USER = """
SELECT user_key, created_at, total_tokens / nullif(total_calls, 0) AS tokens_per_call FROM users
WHERE user_id = $user_id
"""
_EXPLAINED = "SELECT explained / nullif(total_cost, 0) AS coverage FROM counted WHERE user_key = $key"
_KNOWN = """
SELECT count(*) AS entries,
    min(least("at", first_read)) FILTER (day BETWEEN $earliest AND $today) AS oldest,
    sum(cost) AS cost, count(*) FILTER (cost IS NULL) AS uncosted,
    count(*) FILTER (day IS NULL OR day NOT BETWEEN $earliest AND $today) AS unplaced
FROM entries WHERE user_key = $key
"""
_TOP_MODEL = """
SELECT model, sum(cost) AS spent FROM entries JOIN models USING (slot) WHERE user_key = $key
GROUP BY model ORDER BY spent DESC NULLS LAST, sum(calls) DESC, model LIMIT 1
"""
_ENTRIES = """
SELECT "at", model, slot, input_tokens, output_tokens, total_tokens, cost, calls
FROM entries JOIN models USING (slot) WHERE user_key = $key
ORDER BY "at" DESC NULLS LAST, position DESC, visible DESC LIMIT $limit OFFSET $offset
"""


def users_page(moment: Moment, filters: Filters, query: UserQuery) -> UsersPage:
    """Return a page of users, sorted and limited in SQL; unknown values, and no team, come last, ties go by id."""
    tally(moment)
    direction = "DESC" if query.descending else "ASC"
    order = f'ORDER BY "{query.sort}" {direction} NULLS LAST, user_id LIMIT $limit OFFSET $offset'
    shown = range_shown(moment, filters)
    total = row(moment, _COUNT).users
    page = nearest_page(query.page, query.page_size, total)
    limits = {"limit": query.page_size, "offset": page * query.page_size}
    found = rows(moment, all_users(moment, shown) + order, limits)
    sparks = _sparks(moment, shown, filters.by, [user.user_key for user in found])
    return UsersPage(
        rows=tuple(user_row(user, sparks[user.user_key]) for user in found),
        total=total,
        page=page,
        page_size=query.page_size,
        top_share=found[0].top_share if found else None,
        shares_at_most=bool(found and found[0].shares_at_most),
        teams=has_teams(moment),
        gone=users_gone(moment, shown),
    )


def all_users(moment: Moment, shown: Range) -> str:
    """Return SQL that gives a row for each user, in any order, with columns to sort by."""
    tally(moment)
    return _USERS.format(by_user=by_user(moment, shown))


def users_gone(moment: Moment, shown: Range) -> Gone | None:
    """Return what users who are gone left behind of what is chosen; None for nothing, or who may not see everybody."""
    tally(moment)
    for gone in rows(moment, _GONE.format(by_user=by_user(moment, shown))):
        return Gone(*_amounts(gone), range_cost=sum_of(gone.range_cost, gone.range_lacking))
    return None


def user_detail(moment: Moment, user_id: str, page: int, page_size: int = 20) -> UserDetail | None:
    """Return an opened row, entries newest first, `page` from 0; None when the ledger does not know the user."""
    users = rows(moment, _USER, {"user_id": user_id})
    if not users:
        return None
    tally_counters(moment)
    key = {"key": users[0].user_key}
    known = row(moment, _KNOWN, {**key, **possible(moment)})
    top = next(iter(rows(moment, _TOP_MODEL, key)), None)
    page = nearest_page(page, page_size, known.entries)
    return UserDetail(
        user_id=user_id,
        first_seen=utc(min((time for time in (users[0].created_at, known.oldest) if time), default=None)),
        top_model=top and top.model,
        top_model_share=top.spent / known.cost if top and known.cost and not known.uncosted else None,
        tokens_per_call=users[0].tokens_per_call,
        entries_total=known.entries,
        unplaced=known.unplaced,
        uncosted=known.uncosted,
        coverage=row(moment, _EXPLAINED, key).coverage,
        entries=entries_of(moment, key, page, page_size),
        page=page,
        page_size=page_size,
    )


def opened_rows(moment: Moment, page: UsersPage, query: UserQuery) -> dict[str, UserDetail]:
    """Return the opened ones of a page's rows, by user id."""
    shown = {user.user_id for user in page.rows}
    found = [user_detail(moment, opened.user_id, opened.page) for opened in query.opened if opened.user_id in shown]
    return {detail.user_id: detail for detail in found if detail}


def _sparks(moment: Moment, shown: Range, by: By | None, keys: Sequence[int]) -> dict[int, tuple[float | None, ...]]:
    costs: dict[int, dict[date, Sum]] = defaultdict(dict)
    for found in rows(moment, _BUCKETS, {**in_buckets(shown, by), "keys": keys}):
        costs[found.user_key][found.bucket] = sum_of(found.cost, found.lacking)
    days = buckets_of(shown, by)
    return {key: tuple(costs[key].get(day, Sum()).least for day in days) for key in keys}


def _amounts(found: Any) -> tuple[Sum, Sum, Sum, Sum, Sum]:
    """Return cost, calls, tokens, input and output tokens."""
    return (
        sum_of(found.cost, found.cost_lacking),
        sum_of(found.calls, found.calls_lacking),
        sum_of(found.tokens, found.tokens_lacking),
        sum_of(found.input_tokens, found.input_tokens_lacking),
        sum_of(found.output_tokens, found.output_tokens_lacking),
    )


def user_row(user: Any, spark: tuple[float | None, ...]) -> UserRow:
    """Return a user as `all_users` gives them."""
    cost, calls, tokens, input_tokens, output_tokens = _amounts(user)
    return UserRow(
        user_id=user.user_id,
        cost=cost,
        share=user.share,
        calls=calls,
        tokens=tokens,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost_per_call=user.cost_per_call,
        range_cost=sum_of(user.range_cost, user.range_lacking),
        spark=spark,
        last_active=utc(user.last_active),
        name=user.name,
        team=user.team_name,
    )


def entries_of(moment: Moment, key: dict[str, Any], page: int, size: int) -> tuple[EntryRow, ...]:
    """Return a page of the chosen entries of the user with this `key`, newest first; `page` counts from 0."""
    return tuple(map(_entry_row, rows(moment, _ENTRIES, {**key, "limit": size, "offset": page * size})))


def _entry_row(entry: Any) -> EntryRow:
    return EntryRow(
        at=utc(entry.at),
        model=entry.model,
        slot=entry.slot,
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        cost=entry.cost,
        calls=entry.calls,
        total_tokens=entry.total_tokens,
    )


def nearest_page(page: int, size: int, total: int) -> int:
    """Return the page, counted from 0, or the last there is."""
    return max(0, min(page, (total - 1) // size))
