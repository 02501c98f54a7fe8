"""Documents with their entries tallied, as a table that a moment's questions share."""

from __future__ import annotations

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.spans import possible

# `placed` entries are in some range. Who made no calls and has no entries is `idle`: what such a document does not say
# is zero. What another does not say is at least what its entries add up to, and `lacks` says so; it is NULL when they
# say nothing either. Who has any usage is `used`: in the totals, or by an entry.
_TALLY = """
CREATE TEMP TABLE documents AS
WITH held AS (
    SELECT user_key, count(*) AS entries, sum(cost) AS cost,
        sum(cost) FILTER (day BETWEEN $earliest AND $today) AS placed_cost,
        max("at") FILTER (day >= $earliest AND "at" <= $now) AS newest
    FROM entries GROUP BY user_key
), instead AS (
    SELECT user_key, sum(calls) AS calls, sum(total_tokens) AS tokens, sum(input_tokens) AS input_tokens,
        sum(output_tokens) AS output_tokens
    FROM entries SEMI JOIN (
        SELECT user_key FROM users
        WHERE total_calls IS NULL OR total_tokens IS NULL OR total_input_tokens IS NULL OR total_output_tokens IS NULL
    ) AS incomplete USING (user_key)
    GROUP BY user_key
)
SELECT user_key, user_id, last_updated, newest, total_cost,
    coalesce(held.cost, 0) AS itemised, coalesce(placed_cost, 0) AS placed,
    entries IS NULL AND total_calls IS NOT DISTINCT FROM 0 AS idle,
    entries IS NOT NULL OR (total_cost > 0 OR total_calls > 0 OR users.total_tokens > 0) IS TRUE AS used,
    CASE WHEN idle THEN 0 END AS nothing,
    coalesce(total_cost, nullif(held.cost, 0), nothing) AS cost,
    coalesce(total_calls, nullif(instead.calls, 0), nothing) AS calls,
    coalesce(users.total_tokens, nullif(instead.tokens, 0), nothing) AS tokens,
    coalesce(total_input_tokens, nullif(instead.input_tokens, 0), nothing) AS input_tokens,
    coalesce(total_output_tokens, nullif(instead.output_tokens, 0), nothing) AS output_tokens,
    total_cost IS NULL AND NOT idle AS cost_lacks,
    total_calls IS NULL AND NOT idle AS calls_lack,
    users.total_tokens IS NULL AND NOT idle AS tokens_lack,
    total_input_tokens IS NULL AND NOT idle AS input_tokens_lack,
    total_output_tokens IS NULL AND NOT idle AS output_tokens_lack,
    CASE WHEN placed >= total_cost * $nearly THEN total_cost ELSE placed END AS explained,
    itemised * $nearly > total_cost AS exceeds
FROM users LEFT JOIN held USING (user_key) LEFT JOIN instead USING (user_key)
"""
# Totals are added up one by one, in another order than entries: within a millionth they are the same.
NEARLY = 1 - 1e-6


def tally(moment: Moment) -> None:
    """Make the table `documents` for the rest of the moment, unless a question has made it already."""
    if "documents" not in moment.made:
        moment.sql.execute(_TALLY, {**possible(moment), "now": moment.now.replace(tzinfo=None), "nearly": NEARLY})
        moment.made.add("documents")
