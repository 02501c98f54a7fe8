"""Documents held against their entries, as a table that a moment's checks share, so that entries are read once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import NEARLY
from usage_dash.reporting.spans import possible
from usage_dash.reporting.tables import made

RECENT: Final = timedelta(days=28)  # four weeks: every weekday as often as any other

# Entries that are `placed` are in some range; `kept` are those that the document still holds, and `recent` of these
# the ones of the last four weeks. `first_day` is that of the oldest entry in any range. What entries lack is unknown,
# so they say at least their sums.
_AUDITED: Final = """
CREATE TEMP TABLE {table} AS
WITH held AS (
    SELECT user_key, count(*) AS entries, count(*) FILTER (visible) AS kept, sum(cost) AS cost, sum(calls) AS calls,
        sum(total_tokens) AS tokens, max(first_read) AS last_read
    FROM entries GROUP BY user_key
), unplaced AS (
    SELECT user_key, sum(cost) AS cost, sum(calls) AS calls, sum(total_tokens) AS tokens
    FROM entries WHERE (day BETWEEN $earliest AND $today) IS NOT TRUE GROUP BY user_key
)
SELECT users.*, coalesce(entries, 0) AS entries, coalesce(kept, 0) AS kept, last_read,
    coalesce(held.cost, 0) AS cost, coalesce(held.calls, 0) AS calls, coalesce(held.tokens, 0) AS tokens,
    held.cost - coalesce(unplaced.cost, 0) AS placed_cost, held.calls - coalesce(unplaced.calls, 0) AS placed_calls,
    held.tokens - coalesce(unplaced.tokens, 0) AS placed_tokens
FROM users LEFT JOIN held USING (user_key) LEFT JOIN unplaced USING (user_key)
"""
