"""Questions that cards and charts answer.

Every function takes a moment: whose usage it sees is decided there, so its SQL names the ledger's tables by their bare
names. Figures of a range come from `spending` by its reporting day: entries, what is not itemised, and for who may see
everybody what users who are gone left behind. All-time ones come from the documents' totals, or where models are chosen
from entries too, and from what those left. Sums say how many unknown values they lack. What is dated before OpenAI's
API is in no range, nor are entries that were read before the ledger noted when, if they have no time or a future one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from usage_dash.ledger.counters import NOT_ITEMISED
from usage_dash.reporting.buckets import (
    active_in_buckets,
    by_user,
    last_key,
    new_in_buckets,
    spent,
    spent_in_buckets,
    spent_of_all_models,
)
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import tally
from usage_dash.reporting.filters import By, Filters
from usage_dash.reporting.ranges import Earlier, bucket_of, buckets_of, earlier, end_of
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import range_shown
from usage_dash.reporting.sums import Sum, sum_of, total
from usage_dash.reporting.view_models import Figure, ModelSeries, ModelUsage, Overview, Range, Spent, Timeline

_NO_ENTRY = f"slot = {NOT_ITEMISED}"
# All-time and earlier alike have the columns that `_four` reads. What those who are gone left has no time of day.
_TOTALS = """
SELECT sum(cost) AS cost, sum(cost_lacking) AS cost_lacking, sum(calls) AS calls, sum(calls_lacking) AS calls_lacking,
    sum(tokens) AS tokens, sum(tokens_lacking) AS tokens_lacking, count(*) FILTER (used) AS users
FROM (
    SELECT cost, cost_lacking, calls, calls_lacking, tokens, tokens_lacking, used FROM documents
    UNION ALL SELECT cost, cost_lacking, calls, calls_lacking, tokens, tokens_lacking, FALSE FROM gone
)
"""
_EARLIER = """
SELECT sum(cost) AS cost, count(*) - count(cost) AS cost_lacking, sum(calls) AS calls,
    count(*) - count(calls) AS calls_lacking, sum(total_tokens) AS tokens,
    count(*) - count(total_tokens) AS tokens_lacking,
    coalesce(bit_count(bitstring_agg(user_key, 0, $last_key) FILTER (user_key > 0)), 0) AS users
FROM spending WHERE day BETWEEN $first AND $last AND ("at" <= $until OR user_key = 0)
"""
_ACTIVE = "SELECT count(*) AS users FROM {by_user} WHERE user_key > 0"
_MODELS = """
SELECT model, slot, variants, sum(cost) AS cost, sum(cost_lacking) AS cost_lacking, sum(calls) AS calls,
    sum(calls_lacking) AS calls_lacking, sum(tokens) AS tokens, sum(tokens_lacking) AS tokens_lacking
FROM {spent} JOIN models USING (slot) GROUP BY model, slot, variants
"""
_MODEL_BUCKETS = """
SELECT model, slot, CAST(date_trunc($bucket, day) AS DATE) AS bucket, sum(cost) AS cost,
    sum(cost_lacking) AS cost_lacking
FROM {spent} JOIN models USING (slot) GROUP BY model, slot, bucket
"""


def overview(moment: Moment, filters: Filters) -> Overview:
    """Return the overview cards: all-time totals, the range, and what came before it."""
    tally(moment)
    shown, span = range_shown(moment, filters), earlier(filters, moment.now, moment.zone)
    buckets = _four_in_buckets(moment, shown, bucket_of(shown, filters.by))
    active_users = Sum(row(moment, _ACTIVE.format(by_user=by_user(moment, shown))).users)
    figures = [
        Figure(*four)
        for four in zip(
            _four(row(moment, _TOTALS)),
            [*map(total, buckets[:3]), active_users],
            _previous(moment, span),
            [tuple(bucket.least for bucket in figure) for figure in buckets],
            strict=True,
        )
    ]
    cost, calls, tokens, users = figures
    compared = Range(span.first, span.last, "") if span else None
    return Overview(shown, cost, calls, tokens, users, compared, itemised=bool(moment.choice.models))


def timeline(moment: Moment, filters: Filters) -> Timeline:
    """Return figures a bucket, in total, and cost by model too (models in the order of `model_split`)."""
    shown = range_shown(moment, filters)
    bucket = bucket_of(shown, filters.by)
    days = buckets_of(shown, bucket)
    found = spent_in_buckets(moment, shown, bucket)
    sums = [found.get(day, Spent()) for day in days]
    rest = spent_in_buckets(moment, shown, bucket, _NO_ENTRY)
    active, new = active_in_buckets(moment, shown, bucket), new_in_buckets(moment, shown, bucket)
    return Timeline(
        days=days,
        bucket=bucket,
        cost=tuple(each.cost for each in sums),
        calls=tuple(each.calls for each in sums),
        models=_model_series(moment, shown, bucket),
        tokens=tuple(each.tokens for each in sums),
        input_tokens=tuple(each.input_tokens for each in sums),
        output_tokens=tuple(each.output_tokens for each in sums),
        active=tuple(active.get(day, 0) for day in days),
        new=tuple(new.get(day, 0) for day in days),
        not_itemised=tuple(rest.get(day, Spent()) for day in days) if rest else (),
        cut_first=days[0] < shown.first,
        cut_last=shown.last < end_of(days[-1], bucket) or shown.last == moment.today,
    )


def model_split(moment: Moment, filters: Filters) -> tuple[ModelUsage, ...]:
    """Return what each chosen model cost in the range, dearest first; models without usage there are left out."""
    return _models(moment, spent(moment, range_shown(moment, filters)))


def all_models(moment: Moment, filters: Filters) -> tuple[ModelUsage, ...]:
    """Return what each model cost in the range, whether chosen or not; else as `model_split` does."""
    return _models(moment, spent_of_all_models(moment, range_shown(moment, filters)))


def _models(moment: Moment, spent: str) -> tuple[ModelUsage, ...]:
    chosen = moment.choice.models
    split = [
        ModelUsage(
            model=usage.model,
            slot=usage.slot,
            cost=sum_of(usage.cost, usage.cost_lacking),
            calls=sum_of(usage.calls, usage.calls_lacking),
            tokens=sum_of(usage.tokens, usage.tokens_lacking),
            variants=tuple(usage.variants),
            chosen=not chosen or (usage.slot != NOT_ITEMISED and usage.model in chosen),
        )
        for usage in rows(moment, _MODELS.format(spent=spent))
    ]
    return tuple(sorted(split, key=lambda usage: _dearest_first(usage.slot, usage.cost, usage.model)))


def _model_series(moment: Moment, shown: Range, bucket: By) -> tuple[ModelSeries, ...]:
    costs: dict[tuple[str, int], dict[date, Sum]] = defaultdict(dict)
    for found in rows(moment, _MODEL_BUCKETS.format(spent=spent(moment, shown)), {"bucket": bucket}):
        costs[found.model, found.slot][found.bucket] = sum_of(found.cost, found.cost_lacking)
    days = buckets_of(shown, bucket)
    series = [
        ModelSeries(model, slot, tuple(cost.get(day, Sum()) for day in days)) for (model, slot), cost in costs.items()
    ]
    return tuple(sorted(series, key=lambda each: _dearest_first(each.slot, total(each.cost), each.model)))


def _dearest_first(slot: int, cost: Sum, model: str) -> tuple[bool, bool, float, str]:
    """The key of an order in which unknown costs come last, what is not itemised after all, and ties go by name."""
    return slot == NOT_ITEMISED, cost.least is None, -cost.known, model


def _four(found: Any) -> tuple[Sum, Sum, Sum, Sum]:
    """Return cost, calls, tokens and active users."""
    return (
        sum_of(found.cost, found.cost_lacking),
        sum_of(found.calls, found.calls_lacking),
        sum_of(found.tokens, found.tokens_lacking),
        Sum(found.users),
    )


def _four_in_buckets(moment: Moment, shown: Range, bucket: By) -> list[tuple[Sum, ...]]:
    """Return cost, calls, tokens and active users, each a bucket of the range."""
    found, active = spent_in_buckets(moment, shown, bucket), active_in_buckets(moment, shown, bucket)
    sums = [(found.get(day, Spent()), active.get(day, 0)) for day in buckets_of(shown, bucket)]
    return list(zip(*((each.cost, each.calls, each.tokens, Sum(users)) for each, users in sums), strict=True))


def _previous(moment: Moment, span: Earlier | None) -> Sequence[Sum | None]:
    """Return cost, calls, tokens and active users of the span before the range."""
    if span is None:
        return (None,) * 4
    until = span.until.replace(tzinfo=None)
    asked = {"first": span.first, "last": span.last, "until": until, "last_key": last_key(moment)}
    return _four(row(moment, _EARLIER, asked))
