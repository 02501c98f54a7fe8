"""Documents with their entries tallied, as tables that a moment's questions share."""

from __future__ import annotations

from datetime import datetime

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.ranges import EARLIEST_DAY
from usage_dash.reporting.spans import possible
from usage_dash.reporting.tables import made

# What counters say: of all models, since they know none. `placed` entries are in some range. Who made no calls and has
# no entries is `idle`: what such a document does not say is zero. What another does not say is at least what its
# entries add up to, and `lacking` counts it; it is NULL when they say nothing either. Who has any usage is `used`: in
# the totals, or by an entry.
_COUNTED = """
CREATE TEMP TABLE {table} AS
WITH held AS (
    SELECT user_key, count(*) AS entries, sum(cost) AS cost,
        sum(cost) FILTER (day BETWEEN $earliest AND $today) AS placed_cost,
        max("at") FILTER (day >= $earliest AND "at" <= $now) AS newest
    FROM entries_of_all_models GROUP BY user_key
), booked AS (
    SELECT user_key, max("at") AS "at" FROM bookings WHERE "at" <= $now GROUP BY user_key
), instead AS (
    SELECT user_key, sum(calls) AS calls, sum(total_tokens) AS tokens, sum(input_tokens) AS input_tokens,
        sum(output_tokens) AS output_tokens
    FROM entries_of_all_models SEMI JOIN (
        SELECT user_key FROM users_of_all_models
        WHERE total_calls IS NULL OR total_tokens IS NULL OR total_input_tokens IS NULL OR total_output_tokens IS NULL
    ) AS incomplete USING (user_key)
    GROUP BY user_key
)
SELECT user_key, user_id, last_updated, greatest(newest, booked."at") AS newest, total_cost,
    coalesce(held.cost, 0) AS itemised, coalesce(placed_cost, 0) AS placed,
    entries IS NULL AND total_calls IS NOT DISTINCT FROM 0 AS idle,
    entries IS NOT NULL OR (total_cost > 0 OR total_calls > 0 OR known.total_tokens > 0) IS TRUE AS used,
    CASE WHEN idle THEN 0 END AS nothing,
    coalesce(total_cost, nullif(held.cost, 0), nothing) AS cost,
    coalesce(total_calls, nullif(instead.calls, 0), nothing) AS calls,
    coalesce(known.total_tokens, nullif(instead.tokens, 0), nothing) AS tokens,
    coalesce(total_input_tokens, nullif(instead.input_tokens, 0), nothing) AS input_tokens,
    coalesce(total_output_tokens, nullif(instead.output_tokens, 0), nothing) AS output_tokens,
    CAST(total_cost IS NULL AND NOT idle AS INTEGER) AS cost_lacking,
    CAST(total_calls IS NULL AND NOT idle AS INTEGER) AS calls_lacking,
    CAST(known.total_tokens IS NULL AND NOT idle AS INTEGER) AS tokens_lacking,
    CAST(total_input_tokens IS NULL AND NOT idle AS INTEGER) AS input_tokens_lacking,
    CAST(total_output_tokens IS NULL AND NOT idle AS INTEGER) AS output_tokens_lacking,
    CASE WHEN placed >= total_cost * $nearly THEN total_cost ELSE placed END AS explained,
    itemised * $nearly > total_cost AS exceeds
FROM users_of_all_models AS known LEFT JOIN held USING (user_key) LEFT JOIN booked USING (user_key)
LEFT JOIN instead USING (user_key)
"""
# What entries of the chosen models say, of any time. They do not tell when somebody last used another.
_ITEMISED = """
CREATE TEMP TABLE {table} AS
WITH held AS (
    SELECT user_key, max("at") FILTER (day >= $earliest AND "at" <= $now) AS newest,
        sum(cost) AS cost, count(*) - count(cost) AS cost_lacking, sum(calls) AS calls,
        sum(total_tokens) AS tokens, count(*) - count(total_tokens) AS tokens_lacking,
        sum(input_tokens) AS input_tokens, count(*) - count(input_tokens) AS input_tokens_lacking,
        sum(output_tokens) AS output_tokens, count(*) - count(output_tokens) AS output_tokens_lacking
    FROM entries GROUP BY user_key
)
SELECT user_key, user_id, CAST(NULL AS TIMESTAMP) AS last_updated, newest, TRUE AS used,
    CASE WHEN cost_lacking = 0 THEN cost ELSE nullif(cost, 0) END AS cost, cost_lacking, calls, 0 AS calls_lacking,
    CASE WHEN tokens_lacking = 0 THEN tokens ELSE nullif(tokens, 0) END AS tokens, tokens_lacking,
    CASE WHEN input_tokens_lacking = 0 THEN input_tokens ELSE nullif(input_tokens, 0) END AS input_tokens,
    input_tokens_lacking,
    CASE WHEN output_tokens_lacking = 0 THEN output_tokens ELSE nullif(output_tokens, 0) END AS output_tokens,
    output_tokens_lacking
FROM held JOIN scoped_users USING (user_key)
"""
# What users who are gone left behind, in the columns of `documents`: one row, or none.
_GONE = """
CREATE TEMP TABLE {table} AS
SELECT 0 AS user_key, CAST(NULL AS VARCHAR) AS user_id, CAST(NULL AS TIMESTAMP) AS last_active,
    CASE WHEN cost_lacking = 0 THEN cost ELSE nullif(cost, 0) END AS cost, cost_lacking,
    CASE WHEN calls_lacking = 0 THEN calls ELSE nullif(calls, 0) END AS calls, calls_lacking,
    CASE WHEN tokens_lacking = 0 THEN tokens ELSE nullif(tokens, 0) END AS tokens, tokens_lacking,
    CASE WHEN input_tokens_lacking = 0 THEN input_tokens ELSE nullif(input_tokens, 0) END AS input_tokens,
    input_tokens_lacking,
    CASE WHEN output_tokens_lacking = 0 THEN output_tokens ELSE nullif(output_tokens, 0) END AS output_tokens,
    output_tokens_lacking
FROM (
    SELECT sum(cost) AS cost, count(*) - count(cost) AS cost_lacking,
        sum(calls) AS calls, count(*) - count(calls) AS calls_lacking,
        sum(total_tokens) AS tokens, count(*) - count(total_tokens) AS tokens_lacking,
        sum(input_tokens) AS input_tokens, count(*) - count(input_tokens) AS input_tokens_lacking,
        sum(output_tokens) AS output_tokens, count(*) - count(output_tokens) AS output_tokens_lacking
    FROM spending WHERE user_key = 0 HAVING count(*) > 0
)
"""
# Totals are added up one by one, in another order than entries: within a millionth they are the same.
NEARLY = 1 - 1e-6


def tally(moment: Moment) -> None:
    """Make `documents` for the rest of the moment: what is chosen, a user a row; where models are, from entries.

    What is chosen of users who are gone is in `gone`.
    """
    made(moment, "gone", _GONE)
    if moment.choice.models:
        made(moment, "documents", _ITEMISED, {"earliest": EARLIEST_DAY, "now": _now(moment)})
    else:
        tally_counters(moment)
        made(moment, "documents", "CREATE TEMP VIEW {table} AS FROM counted")


def tally_counters(moment: Moment) -> None:
    """Make `counted` for the rest of the moment: what the counters of the chosen users say, whichever the models."""
    made(moment, "counted", _COUNTED, {**possible(moment), "now": _now(moment), "nearly": NEARLY})


def _now(moment: Moment) -> datetime:
    """Return the time as the ledger writes times."""
    return moment.now.replace(tzinfo=None)
