"""What was used in a range, as small tables that a moment's questions share, so that entries are read once."""

from __future__ import annotations

from datetime import date

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import By
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import possible, within
from usage_dash.reporting.sums import sum_of
from usage_dash.reporting.tables import made
from usage_dash.reporting.view_models import Range, Spent

_SPENT = """
CREATE TEMP TABLE {table} AS
SELECT day, slot, sum(cost) AS cost, count(*) - count(cost) AS cost_lacking, sum(calls) AS calls,
    count(*) - count(calls) AS calls_lacking, sum(total_tokens) AS tokens,
    count(*) - count(total_tokens) AS tokens_lacking, sum(input_tokens) AS input_tokens,
    count(*) - count(input_tokens) AS input_tokens_lacking,
    sum(output_tokens) AS output_tokens, count(*) - count(output_tokens) AS output_tokens_lacking
FROM spending_of_all_models WHERE day BETWEEN $first AND $last GROUP BY day, slot
"""
_SPENT_OF_CHOSEN = """
CREATE TEMP TABLE {{table}} AS
FROM {spent} WHERE slot IN (SELECT slot FROM scoped_models WHERE model IN (SELECT unnest($models)))
"""
_BY_USER = """
CREATE TEMP TABLE {{table}} AS
SELECT user_key, sum(cost) AS cost, count(*) - count(cost) AS cost_lacking, sum(calls) AS calls,
    count(*) - count(calls) AS calls_lacking, sum(total_tokens) AS tokens,
    count(*) - count(total_tokens) AS tokens_lacking, count(*) FILTER (slot >= 0 AND user_key > 0) AS entries
FROM {spending} WHERE day BETWEEN $first AND $last GROUP BY user_key
"""
_BUCKETS = """
SELECT CAST(date_trunc($bucket, day) AS DATE) AS bucket, sum(cost) AS cost, sum(cost_lacking) AS cost_lacking,
    sum(calls) AS calls, sum(calls_lacking) AS calls_lacking, sum(tokens) AS tokens,
    sum(tokens_lacking) AS tokens_lacking, sum(input_tokens) AS input_tokens,
    sum(input_tokens_lacking) AS input_tokens_lacking, sum(output_tokens) AS output_tokens,
    sum(output_tokens_lacking) AS output_tokens_lacking
FROM {table} WHERE {slots} GROUP BY bucket
"""
# A bit for each user counts them several times as fast as DISTINCT in every group.
_ACTIVE = """
CREATE TEMP TABLE {table} AS
SELECT CAST(date_trunc($bucket, day) AS DATE) AS bucket, bit_count(bitstring_agg(user_key, 0, $last_key)) AS users
FROM spending WHERE day BETWEEN $first AND $last AND user_key > 0 GROUP BY bucket
"""
_LAST_KEY = "SELECT coalesce(max(user_key), 0) AS last_key FROM scoped_users"
# Who has been there for longer than a day before the first entry that is known has lost older ones.
_NEW = """
WITH starts AS (
    SELECT user_key, min("at") AS "at", arg_min(day, "at") AS day FROM scoped_spending
    WHERE day BETWEEN $earliest AND $today AND user_key > 0 GROUP BY user_key
), started AS (
    SELECT user_key, CAST(date_trunc($bucket, day) AS DATE) AS bucket FROM starts JOIN scoped_users USING (user_key)
    WHERE day BETWEEN $first AND $last AND (created_at IS NULL OR created_at >= "at" - INTERVAL 1 DAY)
), active AS (
    SELECT DISTINCT user_key, CAST(date_trunc($bucket, day) AS DATE) AS bucket
    FROM spending SEMI JOIN started USING (user_key) WHERE day BETWEEN $first AND $last
)
SELECT bucket, count(*) AS users FROM started SEMI JOIN active USING (user_key, bucket) GROUP BY bucket
"""


def spent(moment: Moment, shown: Range) -> str:
    """Return the name of a table of what was used on each day of the range of each chosen model.

    In `cost` is what is known of it, in `cost_lacking` how many entries do not say theirs; so with tokens.
    """
    of_all, chosen = spent_of_all_models(moment, shown), list(moment.choice.models)
    if not chosen:
        return of_all
    return made(moment, f"{of_all}_chosen", _SPENT_OF_CHOSEN.format(spent=of_all), {"models": chosen})


def spent_of_all_models(moment: Moment, shown: Range) -> str:
    """Return the name of a table as `spent` does, of models chosen or not."""
    return made(moment, f"spent_{_name(shown)}", _SPENT, within(shown))


def by_user(moment: Moment, shown: Range, spending: str = "spending") -> str:
    """Return the name of a table of what each user, and nobody, used in the range, by the view `spending`."""
    return made(moment, f"{spending}_{_name(shown)}", _BY_USER.format(spending=spending), within(shown))


def spent_in_buckets(moment: Moment, shown: Range, bucket: By, slots: str = "TRUE") -> dict[date, Spent]:
    """Return what was used in each bucket of the range that has any usage, by its first day.

    `slots` is a condition in SQL: of which models.
    """
    found = rows(moment, _BUCKETS.format(table=spent(moment, shown), slots=slots), {"bucket": bucket})
    return {
        each.bucket: Spent(
            cost=sum_of(each.cost, each.cost_lacking),
            calls=sum_of(each.calls, each.calls_lacking),
            tokens=sum_of(each.tokens, each.tokens_lacking),
            input_tokens=sum_of(each.input_tokens, each.input_tokens_lacking),
            output_tokens=sum_of(each.output_tokens, each.output_tokens_lacking),
        )
        for each in found
    }


def active_in_buckets(moment: Moment, shown: Range, bucket: By) -> dict[date, int]:
    """Return how many users were active in each bucket of the range that has any usage, by its first day."""
    asked = {**within(shown), "bucket": bucket, "last_key": last_key(moment)}
    table = made(moment, f"active_by_{bucket}_{_name(shown)}", _ACTIVE, asked)
    return {each.bucket: int(each.users) for each in rows(moment, f"FROM {table}")}


def new_in_buckets(moment: Moment, shown: Range, bucket: By) -> dict[date, int]:
    """Return how many of a bucket's active users are not known to have used anything before it, by its first day."""
    days = {**within(shown), **possible(moment)}
    return {each.bucket: each.users for each in rows(moment, _NEW, {**days, "bucket": bucket})}


def last_key(moment: Moment) -> int:
    """Return the greatest key of a user, up to which a bit for each is needed."""
    key: int = row(moment, _LAST_KEY).last_key
    return key


def _name(shown: Range) -> str:
    return f"{shown.first:%Y%m%d}_{shown.last:%Y%m%d}"
