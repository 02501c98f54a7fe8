"""Questions that cards and charts answer.

Every function takes a moment: whose usage it sees is decided there, so its SQL names the ledger's tables by their bare
names. Figures of a range come from entries by their reporting day, all-time ones from the documents' totals. Sums say
how many unknown values they lack. Entries without a time, or dated before OpenAI's API or after today, are in no range.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import tally
from usage_dash.reporting.filters import By, Filters
from usage_dash.reporting.ranges import bucket_of, buckets_of, earlier
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import in_buckets, range_shown, within
from usage_dash.reporting.sums import Sum, sum_of, total
from usage_dash.reporting.view_models import Figure, ModelSeries, ModelUsage, Overview, Range, Timeline

# All-time and range alike have the columns that `_four` reads.
_TOTALS = """
SELECT sum(cost) AS cost, count(*) FILTER (cost_lacks) AS cost_lacking, sum(calls) AS calls,
    count(*) FILTER (calls_lack) AS calls_lacking, sum(tokens) AS tokens,
    count(*) FILTER (tokens_lack) AS tokens_lacking, count(*) FILTER (used) AS users
FROM documents
"""
_SPENT = """
SELECT sum(cost) AS cost, count(*) FILTER (cost IS NULL) AS cost_lacking, sum(calls) AS calls, 0 AS calls_lacking,
    sum(total_tokens) AS tokens, count(*) FILTER (total_tokens IS NULL) AS tokens_lacking, """

# A bit for each user counts them several times as fast as DISTINCT in every group.
_BUCKETS = (
    _SPENT
    + """CAST(date_trunc($bucket, day) AS DATE) AS bucket,
    bit_count(bitstring_agg(user_key, 0, $last_key)) AS users
FROM entries WHERE day BETWEEN $first AND $last GROUP BY bucket
"""
)
_LAST_KEY = "SELECT coalesce(max(user_key), 0) AS last_key FROM users"
_ACTIVE = "SELECT count(DISTINCT user_key) AS users FROM entries WHERE day BETWEEN $first AND $last"
_EARLIER = (
    _SPENT
    + """count(DISTINCT user_key) AS users
FROM entries WHERE day BETWEEN $first AND $last AND "at" <= $until
"""
)
_MODELS = (
    _SPENT
    + """model, slot
FROM entries JOIN models USING (slot) WHERE day BETWEEN $first AND $last GROUP BY model, slot
"""
)
_MODEL_BUCKETS = (
    _SPENT
    + """model, slot, CAST(date_trunc($bucket, day) AS DATE) AS bucket
FROM entries JOIN models USING (slot) WHERE day BETWEEN $first AND $last GROUP BY model, slot, bucket
"""
)


def overview(moment: Moment, filters: Filters) -> Overview:
    """Return the overview cards: all-time totals, the range, and what came before it."""
    tally(moment)
    shown = range_shown(moment, filters)
    buckets = _buckets(moment, shown, filters.by)
    active = Sum(row(moment, _ACTIVE, within(shown)).users)
    figures = [
        Figure(*four)
        for four in zip(
            _four(row(moment, _TOTALS)),
            [*map(total, buckets[:3]), active],
            _previous(moment, filters),
            [tuple(bucket.least for bucket in figure) for figure in buckets],
            strict=True,
        )
    ]
    cost, calls, tokens, active_users = figures
    return Overview(shown, cost, calls, tokens, active_users)


def timeline(moment: Moment, filters: Filters) -> Timeline:
    """Return cost and calls a bucket, in total and cost by model (models in the order of `model_split`)."""
    shown = range_shown(moment, filters)
    days = buckets_of(shown, filters.by)
    costs: dict[tuple[str, int], dict[date, Sum]] = defaultdict(dict)
    calls: dict[date, int] = defaultdict(int)
    for found in rows(moment, _MODEL_BUCKETS, in_buckets(shown, filters.by)):
        costs[found.model, found.slot][found.bucket] = sum_of(found.cost, found.cost_lacking)
        calls[found.bucket] += int(found.calls)
    models = [
        ModelSeries(model, slot, tuple(spent.get(day, Sum()) for day in days)) for (model, slot), spent in costs.items()
    ]
    return Timeline(
        days=days,
        bucket=bucket_of(shown, filters.by),
        cost=tuple(total(series.cost[number] for series in models) for number in range(len(days))),
        calls=tuple(calls[day] for day in days),
        models=tuple(sorted(models, key=lambda series: _dearest_first(total(series.cost), series.model))),
    )


def model_split(moment: Moment, filters: Filters) -> tuple[ModelUsage, ...]:
    """Return what each model cost in the range, dearest first; models without an entry there are left out."""
    found = rows(moment, _MODELS, within(range_shown(moment, filters)))
    split = [
        ModelUsage(
            model=usage.model,
            slot=usage.slot,
            cost=sum_of(usage.cost, usage.cost_lacking),
            calls=int(usage.calls),
            tokens=sum_of(usage.tokens, usage.tokens_lacking),
        )
        for usage in found
    ]
    return tuple(sorted(split, key=lambda usage: _dearest_first(usage.cost, usage.model)))


def _dearest_first(cost: Sum, model: str) -> tuple[bool, float, str]:
    """The key of an order in which unknown costs come last, and ties go by name."""
    return cost.least is None, -cost.known, model


def _four(found: Any) -> tuple[Sum, Sum, Sum, Sum]:
    """Return cost, calls, tokens and active users."""
    return (
        sum_of(found.cost, found.cost_lacking),
        sum_of(found.calls, found.calls_lacking),
        sum_of(found.tokens, found.tokens_lacking),
        Sum(found.users),
    )


def _buckets(moment: Moment, shown: Range, by: By | None) -> list[tuple[Sum, ...]]:
    """Return cost, calls, tokens and active users, each a bucket of the range."""
    last_key = {"last_key": row(moment, _LAST_KEY).last_key}
    figures = {found.bucket: _four(found) for found in rows(moment, _BUCKETS, {**in_buckets(shown, by), **last_key})}
    return list(zip(*(figures.get(day, (Sum(),) * 4) for day in buckets_of(shown, by)), strict=True))


def _previous(moment: Moment, filters: Filters) -> Sequence[Sum | None]:
    """Return cost, calls, tokens and active users of the span before the range."""
    span = earlier(filters, moment.now, moment.zone)
    if span is None:
        return (None,) * 4
    until = span.until.replace(tzinfo=None)
    return _four(row(moment, _EARLIER, {"first": span.first, "last": span.last, "until": until}))
