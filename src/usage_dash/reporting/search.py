"""Finding a user by what somebody types."""

from __future__ import annotations

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows
from usage_dash.reporting.sums import sum_of
from usage_dash.reporting.view_models import FoundUser, FoundUsers

# Case and accents do not matter. A name or an id that begins so is meant more often than one that holds it.
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
)
SELECT found.user_id, name, email, team, total_cost, CAST(total_cost IS NULL AS INTEGER) AS lacking,
    count(*) OVER () AS total
FROM found JOIN scoped_users USING (user_key)
ORDER BY begins DESC, total_cost DESC NULLS LAST, found.user_id LIMIT $limit
"""


def search(moment: Moment, text: str, limit: int = 8) -> FoundUsers:
    """Return the best of those of the scope whose name, id, e-mail address or team holds the text; the dearest first.

    Nothing typed is held by all.
    """
    found = rows(moment, _SEARCH, {"text": text.strip(), "limit": limit})
    return FoundUsers(
        rows=tuple(
            FoundUser(each.user_id, each.name, each.email, each.team, sum_of(each.total_cost, each.lacking))
            for each in found
        ),
        total=found[0].total if found else 0,
    )
