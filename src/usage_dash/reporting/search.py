"""Finding a user by what somebody types."""

from __future__ import annotations

from typing import Any

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.ranges import EARLIEST_DAY
from usage_dash.reporting.rows import rows
from usage_dash.reporting.spans import utc
from usage_dash.reporting.sums import sum_of
from usage_dash.reporting.user_models import FoundUser, FoundUsers

# Case and accents do not matter. A name or an id that begins so is meant more often than one that holds it. When
# somebody was last active is told as in `users`, and looked up for the best alone.
_SEARCH = """
WITH asked AS (
    SELECT strip_accents(lower($text)) AS text
), folded AS (
    SELECT *, strip_accents(lower(name)) AS folded_name, strip_accents(lower(user_id)) AS folded_id
    FROM scoped_people
), found AS (
    SELECT folded.*, starts_with(folded_name, text) OR starts_with(folded_id, text) AS begins
    FROM folded, asked
    WHERE contains(folded_name, text) OR contains(folded_id, text)
        OR contains(strip_accents(lower(email)), text) OR contains(strip_accents(lower(team)), text)
), best AS (
    SELECT user_key, found.user_id, name, email, team, begins, total_cost, last_updated,
        (total_cost > 0 OR total_calls > 0 OR total_tokens > 0) IS TRUE AS counted, count(*) OVER () AS total
    FROM found JOIN scoped_users USING (user_key)
    ORDER BY begins DESC, total_cost DESC NULLS LAST, found.user_id LIMIT $limit
), held AS (
    SELECT user_key, max("at") FILTER (day >= $earliest AND "at" <= $now) AS newest
    FROM scoped_entries SEMI JOIN best USING (user_key) GROUP BY user_key
), booked AS (
    SELECT user_key, max("at") AS "at" FROM bookings WHERE "at" <= $now GROUP BY user_key
)
SELECT user_id, name, email, team, total_cost, CAST(total_cost IS NULL AS INTEGER) AS lacking, total,
    CASE WHEN counted OR held.user_key IS NOT NULL
        THEN coalesce(greatest(newest, booked."at"), last_updated) END AS last_active
FROM best LEFT JOIN held USING (user_key) LEFT JOIN booked USING (user_key)
ORDER BY begins DESC, total_cost DESC NULLS LAST, user_id
"""


def search(moment: Moment, text: str, limit: int = 8) -> FoundUsers:
    """Return the best of those of the scope whose name, id, e-mail address or team holds the text; the dearest first.

    Nothing typed is held by all.
    """
    times = {"earliest": EARLIEST_DAY, "now": moment.now.replace(tzinfo=None)}
    found = rows(moment, _SEARCH, {"text": text.strip(), "limit": limit, **times})
    return FoundUsers(tuple(map(_found_user, found)), total=found[0].total if found else 0)


def _found_user(found: Any) -> FoundUser:
    return FoundUser(
        user_id=found.user_id,
        name=found.name,
        email=found.email,
        team=found.team,
        cost=sum_of(found.total_cost, found.lacking),
        last_active=utc(found.last_active),
    )
