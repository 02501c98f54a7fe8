"""Documents held against their entries, as a table that a moment's checks share, so that entries are read once."""

from __future__ import annotations

from typing import Final

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.growth import RECENT
from usage_dash.reporting.spans import possible
from usage_dash.reporting.tables import made

# What a user's entries add up to, of any time, beside what the counters say; `placed_…` those that are in some range.
# Entries that are `kept` are still in the document, `recent` ones of the last four weeks, the oldest of `first_day`.
# What entries do not say is left out, so that these sums are the least that can be.
_AUDITED: Final = """
CREATE TEMP TABLE {table} AS
WITH held AS (
    SELECT user_key, count(*) AS entries, sum(cost) AS cost, sum(calls) AS calls, sum(total_tokens) AS tokens,
        max(first_read) AS last_read, min(day) AS first_day,
        count(*) FILTER (day BETWEEN $recent + 1 AND $today) AS recent
    FROM entries GROUP BY user_key
), trimmed AS (
    SELECT user_key, count(*) AS entries FROM entries WHERE NOT visible GROUP BY user_key
), unplaced AS (
    SELECT user_key, sum(cost) AS cost, sum(calls) AS calls, sum(total_tokens) AS tokens
    FROM entries WHERE day IS NULL OR day < $earliest OR day > $today GROUP BY user_key
)
SELECT users.*, last_read, first_day, coalesce(recent, 0) AS recent,
    coalesce(held.entries, 0) AS entries, coalesce(held.entries - coalesce(trimmed.entries, 0), 0) AS kept,
    coalesce(held.cost, 0) AS cost, coalesce(held.calls, 0) AS calls, coalesce(held.tokens, 0) AS tokens,
    coalesce(held.cost - coalesce(unplaced.cost, 0), 0) AS placed_cost,
    coalesce(held.calls - coalesce(unplaced.calls, 0), 0) AS placed_calls,
    coalesce(held.tokens - coalesce(unplaced.tokens, 0), 0) AS placed_tokens
FROM users LEFT JOIN held USING (user_key) LEFT JOIN trimmed USING (user_key) LEFT JOIN unplaced USING (user_key)
"""


def audit(moment: Moment) -> None:
    """Make `audited` for the rest of the moment: a row for each chosen user."""
    made(moment, "audited", _AUDITED, {**possible(moment), "recent": moment.today - RECENT})
