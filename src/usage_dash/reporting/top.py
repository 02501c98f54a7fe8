"""Who uses most: the dearest users and teams of a range, beside the chosen also those whom a filter leaves out."""

from __future__ import annotations

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.rows import rows
from usage_dash.reporting.spans import range_shown, within
from usage_dash.reporting.sums import sum_of
from usage_dash.reporting.view_models import TeamUsage, TopUser

_USERS = """
WITH spent AS (
    SELECT user_key, sum(cost) AS cost, count(*) FILTER (cost IS NULL) AS lacking
    FROM entries_of_all_users WHERE day BETWEEN $first AND $last GROUP BY user_key
)
SELECT user_id, name, cost, lacking FROM spent JOIN people USING (user_key)
ORDER BY if(lacking > 0, nullif(cost, 0), cost) DESC NULLS LAST, user_id LIMIT $limit
"""
_TEAMS = """
SELECT team, sum(cost) AS cost, count(*) FILTER (cost IS NULL) AS lacking, sum(calls) AS calls,
    sum(total_tokens) AS tokens, count(*) FILTER (total_tokens IS NULL) AS tokens_lacking,
    count(DISTINCT user_key) AS users
FROM entries_of_all_teams JOIN people USING (user_key) WHERE day BETWEEN $first AND $last GROUP BY team
ORDER BY if(lacking > 0, nullif(sum(cost), 0), sum(cost)) DESC NULLS LAST, team
"""


def top_users(moment: Moment, filters: Filters, limit: int = 6) -> tuple[TopUser, ...]:
    """Return the dearest users of the range, chosen or not; unknown costs come last, ties go by id."""
    chosen = moment.choice.users
    found = rows(moment, _USERS, {**within(range_shown(moment, filters)), "limit": limit})
    return tuple(
        TopUser(each.user_id, each.name, sum_of(each.cost, each.lacking), not chosen or each.user_id in chosen)
        for each in found
    )


def teams(moment: Moment, filters: Filters) -> tuple[TeamUsage, ...]:
    """Return the teams with usage in the range, chosen or not, dearest first; unknown costs come last, ties by name.

    Who is in no team counts as the team “”.
    """
    chosen = moment.choice.team
    return tuple(
        TeamUsage(
            team=each.team,
            cost=sum_of(each.cost, each.lacking),
            calls=int(each.calls),
            tokens=sum_of(each.tokens, each.tokens_lacking),
            users=each.users,
            chosen=chosen is None or each.team == chosen,
        )
        for each in rows(moment, _TEAMS, within(range_shown(moment, filters)))
    )
