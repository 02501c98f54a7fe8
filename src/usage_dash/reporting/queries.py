"""Questions to the ledger, answered as view models.

Every function takes a moment: whose usage it sees is decided there, so its SQL names the ledger's tables by their bare
names. Figures of a range come from entries by their reporting day, all-time ones from the documents' totals. Unknown
values are left out of sums; entries without a time, or dated before OpenAI's API or after today, are in no range, but
count in the coverage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from math import fsum
from typing import Any

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters, UserQuery, UserSort
from usage_dash.reporting.ranges import EARLIEST_DAY, bucket_of, buckets_of, earlier, range_of
from usage_dash.reporting.view_models import (
    EntryRow,
    Figure,
    FindingRow,
    Findings,
    ModelSeries,
    ModelUsage,
    Overview,
    Range,
    Timeline,
    UserDetail,
    UserRow,
    UsersPage,
)

_FIRST_DAY = "SELECT min(day) FROM entries WHERE day BETWEEN $earliest AND $today"
_MISDATED = "SELECT count(*) FROM entries WHERE day NOT BETWEEN $earliest AND $today"

# A user is active with any usage in the totals, or with any entry.
_TOTALS = """
SELECT coalesce(sum(total_cost), 0), coalesce(sum(total_calls), 0), coalesce(sum(total_tokens), 0),
    count(*) FILTER (total_cost > 0 OR total_calls > 0 OR total_tokens > 0) + (
        SELECT count(*) FROM users
        WHERE (total_cost > 0 OR total_calls > 0 OR total_tokens > 0) IS NOT TRUE
          AND user_key IN (SELECT user_key FROM entries)
    ),
    count(*),
    coalesce((SELECT sum(cost) FROM entries), 0) / nullif(sum(total_cost), 0)
FROM users
"""
_FLAWS = "SELECT count(DISTINCT user_key), coalesce(sum(count), 0) FROM findings"

# A bit for each user counts them several times as fast as DISTINCT in every group.
_BUCKETS = """
SELECT CAST(date_trunc($bucket, day) AS DATE), coalesce(sum(cost), 0), sum(calls), coalesce(sum(total_tokens), 0),
    bit_count(bitstring_agg(user_key, 0, $last_key))
FROM entries WHERE day BETWEEN $first AND $last
GROUP BY ALL
"""
_LAST_KEY = "SELECT coalesce(max(user_key), 0) FROM users"
_ACTIVE = "SELECT count(DISTINCT user_key) FROM entries WHERE day BETWEEN $first AND $last"
_EARLIER = """
SELECT coalesce(sum(cost), 0), coalesce(sum(calls), 0), coalesce(sum(total_tokens), 0), count(DISTINCT user_key)
FROM entries WHERE day BETWEEN $first AND $last AND "at" <= $until
"""

_MODELS = """
SELECT model, slot, coalesce(sum(cost), 0) AS spent, sum(calls), coalesce(sum(total_tokens), 0)
FROM entries JOIN models USING (slot) WHERE day BETWEEN $first AND $last
GROUP BY ALL ORDER BY spent DESC, model
"""
_MODEL_BUCKETS = """
SELECT model, slot, CAST(date_trunc($bucket, day) AS DATE), coalesce(sum(cost), 0), sum(calls)
FROM entries JOIN models USING (slot) WHERE day BETWEEN $first AND $last
GROUP BY ALL
"""

# Documents without a time of their own were active when their newest entry was made. No entries in the range cost
# nothing; what entries cost that do not say so is unknown.
_USERS = """
WITH spent AS (
    SELECT user_key, sum(cost) AS known_cost FROM entries WHERE day BETWEEN $first AND $last GROUP BY user_key
), newest AS (
    SELECT user_key, max("at") AS newest FROM entries
    WHERE user_key IN (SELECT user_key FROM users WHERE last_updated IS NULL) GROUP BY user_key
)
SELECT user_key, coalesce(last_updated, newest) AS last_active,
    max(total_cost) OVER () / nullif(sum(total_cost) OVER (), 0),
    user_id, total_cost AS cost, cost / nullif(sum(cost) OVER (), 0), total_calls AS calls,
    total_tokens AS tokens, total_input_tokens AS input_tokens, total_output_tokens AS output_tokens,
    cost / nullif(calls, 0) AS cost_per_call,
    CASE WHEN spent.user_key IS NULL THEN 0 ELSE known_cost END AS range_cost
FROM users LEFT JOIN spent USING (user_key) LEFT JOIN newest USING (user_key)
"""
_SORT_COLUMNS = {
    UserSort.USER: "user_id",
    UserSort.COST: "cost",
    UserSort.CALLS: "calls",
    UserSort.TOKENS: "tokens",
    UserSort.INPUT_TOKENS: "input_tokens",
    UserSort.OUTPUT_TOKENS: "output_tokens",
    UserSort.COST_PER_CALL: "cost_per_call",
    UserSort.RANGE_COST: "range_cost",
    UserSort.LAST_ACTIVE: "last_active",
}
_USER_BUCKETS = """
SELECT user_key, CAST(date_trunc($bucket, day) AS DATE), coalesce(sum(cost), 0)
FROM entries WHERE day BETWEEN $first AND $last AND user_key IN (SELECT unnest($keys))
GROUP BY ALL
"""

_USER = "SELECT user_key, created_at, total_tokens / nullif(total_calls, 0), total_cost FROM users WHERE user_id = ?"
_USER_ENTRIES = """SELECT count(*), min("at"), coalesce(sum(cost), 0) FROM entries WHERE user_key = ?"""
_TOP_MODEL = """
SELECT model, coalesce(sum(cost), 0) AS spent FROM entries JOIN models USING (slot) WHERE user_key = ?
GROUP BY model ORDER BY spent DESC, sum(calls) DESC, model LIMIT 1
"""
_ENTRIES_PAGE = """
SELECT "at", model, slot, input_tokens, output_tokens, cost, calls
FROM entries JOIN models USING (slot) WHERE user_key = ?
ORDER BY "at" DESC NULLS LAST, position DESC, visible DESC LIMIT ? OFFSET ?
"""
_FINDINGS = """
SELECT user_id, field, problem, action, count FROM findings JOIN users USING (user_key)
ORDER BY count DESC, user_id, field, problem, action LIMIT ?
"""


def overview(moment: Moment, filters: Filters) -> Overview:
    """The overview cards: all-time totals, the range, what came before it, and how far all that can be trusted.

    The coverage is not capped: above 1, entries cost more than the totals say, and somebody should know.
    """
    shown = _range(moment, filters)
    *totals, users, coverage = _row(moment, _TOTALS)
    flawed, flaws = _row(moment, _FLAWS)
    misdated = _row(moment, _MISDATED, _possible(moment))[0]
    sparks = _sparks(moment, shown)
    active = _row(moment, _ACTIVE, {"first": shown.first, "last": shown.last})
    previous = _previous(moment, filters)
    in_range = [*map(fsum, sparks[:3]), *active]
    cost, calls, tokens, active_users = map(Figure, map(float, totals), map(float, in_range), previous, sparks)
    return Overview(shown, cost, calls, tokens, active_users, users, coverage, flawed, int(flaws), misdated)


def timeline(moment: Moment, filters: Filters) -> Timeline:
    """Cost and calls a bucket, in total and cost by model (models in the order of `model_split`)."""
    shown = _range(moment, filters)
    rows = _rows(moment, _MODEL_BUCKETS, _drawn(shown))
    days = buckets_of(shown)
    costs: dict[tuple[str, int], dict[date, float]] = defaultdict(dict)
    calls: dict[date, int] = defaultdict(int)
    for model, slot, day, cost, count in rows:
        costs[model, slot][day] = cost
        calls[day] += count
    models = [ModelSeries(model, slot, _series(spent, days)) for (model, slot), spent in costs.items()]
    return Timeline(
        days=days,
        bucket=bucket_of(shown),
        cost=tuple(fsum(spent.get(day, 0.0) for spent in costs.values()) for day in days),
        calls=tuple(calls[day] for day in days),
        models=tuple(sorted(models, key=lambda series: (-fsum(series.cost), series.model))),
        unfinished=days[-1] <= moment.today,
    )


def model_split(moment: Moment, filters: Filters) -> tuple[ModelUsage, ...]:
    """What each model cost in the range, dearest first; models without an entry there are left out."""
    shown = _range(moment, filters)
    rows = _rows(moment, _MODELS, {"first": shown.first, "last": shown.last})
    return tuple(ModelUsage(model, slot, cost, int(calls), int(tokens)) for model, slot, cost, calls, tokens in rows)


def users_page(moment: Moment, filters: Filters, query: UserQuery) -> UsersPage:
    """One page of users, sorted and limited in SQL; unknown values come last, ties go by user id."""
    direction = "DESC" if query.descending else "ASC"
    order = f"ORDER BY {_SORT_COLUMNS[query.sort]} {direction} NULLS LAST, user_id LIMIT $limit OFFSET $offset"
    shown = _range(moment, filters)
    page = _nearest_page(query.page, query.page_size, moment.documents)
    limits = {"limit": query.page_size, "offset": page * query.page_size}
    rows = _rows(moment, _USERS + order, {"first": shown.first, "last": shown.last, **limits})
    costs: dict[int, dict[date, float]] = defaultdict(dict)
    for key, day, cost in _rows(moment, _USER_BUCKETS, {**_drawn(shown), "keys": [row[0] for row in rows]}):
        costs[key][day] = cost
    days = buckets_of(shown)
    users = tuple(_user_row(figures, _series(costs[key], days), active) for key, active, _, *figures in rows)
    return UsersPage(users, moment.documents, page, query.page_size, top_share=rows[0][2] if rows else None)


def user_detail(moment: Moment, user_id: str, page: int, page_size: int = 20) -> UserDetail | None:
    """An opened row, entries newest first, `page` from 0; None when the ledger does not know the user."""
    users = _rows(moment, _USER, [user_id])
    if not users:
        return None
    user, created, tokens_per_call, total_cost = users[0]
    count, oldest, cost = _row(moment, _USER_ENTRIES, [user])
    top = next(iter(_rows(moment, _TOP_MODEL, [user])), (None, 0))
    page = _nearest_page(page, page_size, count)
    entries = _rows(moment, _ENTRIES_PAGE, [user, page_size, page * page_size])
    return UserDetail(
        user_id=user_id,
        first_seen=_utc(min((time for time in (created, oldest) if time), default=None)),
        top_model=top[0],
        top_model_share=top[1] / cost if cost else None,
        tokens_per_call=tokens_per_call,
        entries_total=count,
        coverage=cost / total_cost if total_cost else None,
        entries=tuple(EntryRow(_utc(at), *columns) for at, *columns in entries),
        page=page,
        page_size=page_size,
    )


def opened_rows(moment: Moment, page: UsersPage, query: UserQuery) -> dict[str, UserDetail]:
    """The opened ones of a page's rows, by user id."""
    shown = {row.user_id for row in page.rows}
    found = [user_detail(moment, opened.user_id, opened.page) for opened in query.opened if opened.user_id in shown]
    return {detail.user_id: detail for detail in found if detail}


def findings(moment: Moment, limit: int = 200) -> Findings:
    """What was wrong in the documents, at most `limit` rows, the most frequent first."""
    _, total = _row(moment, _FLAWS)
    return Findings(tuple(FindingRow(*row) for row in _rows(moment, _FINDINGS, [limit])), int(total))


def _range(moment: Moment, filters: Filters) -> Range:
    return range_of(filters.range, moment.today, *_row(moment, _FIRST_DAY, _possible(moment)))


def _possible(moment: Moment) -> dict[str, Any]:
    """The days on which usage can have been."""
    return {"earliest": EARLIEST_DAY, "today": moment.today}


def _drawn(shown: Range) -> dict[str, Any]:
    return {"first": shown.first, "last": shown.last, "bucket": bucket_of(shown)}


def _sparks(moment: Moment, shown: Range) -> list[tuple[float, ...]]:
    """Return cost, calls, tokens and active users a bucket."""
    last_key = _row(moment, _LAST_KEY)[0]
    figures = {day: values for day, *values in _rows(moment, _BUCKETS, {**_drawn(shown), "last_key": last_key})}
    columns = zip(*(figures.get(day, (0, 0, 0, 0)) for day in buckets_of(shown)), strict=True)
    return [tuple(map(float, column)) for column in columns]


def _previous(moment: Moment, filters: Filters) -> Sequence[float | None]:
    """Return cost, calls, tokens and active users of the span before the range."""
    span = earlier(filters.range, moment.now, moment.zone)
    if span is None:
        return (None, None, None, None)
    until = span.until.replace(tzinfo=None)
    return [*map(float, _row(moment, _EARLIER, {"first": span.first, "last": span.last, "until": until}))]


def _user_row(figures: list[Any], spark: tuple[float, ...], active: datetime | None) -> UserRow:
    user_id, cost, share, calls, tokens, input_tokens, output_tokens, cost_per_call, range_cost = figures
    return UserRow(
        user_id=user_id,
        cost=cost,
        share=share,
        calls=calls,
        tokens=tokens,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost_per_call=cost_per_call,
        range_cost=range_cost,
        spark=spark,
        last_active=_utc(active),
    )


def _series(costs: Mapping[date, float], days: Sequence[date]) -> tuple[float, ...]:
    return tuple(costs.get(day, 0.0) for day in days)


def _nearest_page(page: int, size: int, total: int) -> int:
    return max(0, min(page, (total - 1) // size))


def _utc(time: datetime | None) -> datetime | None:
    return time and time.replace(tzinfo=UTC)


def _row(moment: Moment, query: str, parameters: object = None) -> tuple[Any, ...]:
    return _rows(moment, query, parameters)[0]


def _rows(moment: Moment, query: str, parameters: object = None) -> list[tuple[Any, ...]]:
    return moment.sql.execute(query, parameters).fetchall()
