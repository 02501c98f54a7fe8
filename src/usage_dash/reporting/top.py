"""Who uses most: the dearest users and teams of a range, beside the chosen also those whom a filter leaves out."""

from __future__ import annotations

from usage_dash.reporting.buckets import by_user
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import range_shown
from usage_dash.reporting.sums import sum_of
from usage_dash.reporting.view_models import TeamUsage, TopUser

_HAS_TEAMS = "SELECT EXISTS (FROM scoped_people WHERE team <> '') AS known"
_USERS = """
SELECT user_id, name, cost, cost_lacking FROM {by_user} JOIN people USING (user_key)
ORDER BY if(cost_lacking > 0, nullif(cost, 0), cost) DESC NULLS LAST, user_id LIMIT $limit
"""
_TEAMS = """
SELECT coalesce(team, '') AS team, sum(cost) AS cost, sum(cost_lacking) AS cost_lacking, sum(calls) AS calls,
    sum(calls_lacking) AS calls_lacking, sum(tokens) AS tokens, sum(tokens_lacking) AS tokens_lacking,
    count(team) AS users
FROM {by_user} LEFT JOIN people USING (user_key) GROUP BY ALL
ORDER BY if(sum(cost_lacking) > 0, nullif(sum(cost), 0), sum(cost)) DESC NULLS LAST, team
"""


def has_teams(moment: Moment) -> bool:
    """Return whether anybody in the scope is in a team, whatever is chosen."""
    return bool(row(moment, _HAS_TEAMS).known)


def top_users(moment: Moment, filters: Filters, limit: int = 6) -> tuple[TopUser, ...]:
    """Return the dearest users of the range, chosen or not; unknown costs come last, ties go by id."""
    chosen = moment.choice.users
    entries = "spending_of_all_users" if chosen else "spending"
    used = by_user(moment, range_shown(moment, filters), entries)
    return tuple(
        TopUser(each.user_id, each.name, sum_of(each.cost, each.cost_lacking), not chosen or each.user_id in chosen)
        for each in rows(moment, _USERS.format(by_user=used), {"limit": limit})
    )


def teams(moment: Moment, filters: Filters) -> tuple[TeamUsage, ...]:
    """Return the teams with usage in the range, chosen or not, dearest first; unknown costs come last, ties by name.

    Who is in no team counts as the team “”; so does what users who are gone left behind, but not as a user.
    """
    chosen = moment.choice.team
    entries = "spending" if chosen is None else "spending_of_all_teams"
    used = by_user(moment, range_shown(moment, filters), entries)
    return tuple(
        TeamUsage(
            team=each.team,
            cost=sum_of(each.cost, each.cost_lacking),
            calls=sum_of(each.calls, each.calls_lacking),
            tokens=sum_of(each.tokens, each.tokens_lacking),
            users=each.users,
            chosen=chosen is None or each.team == chosen,
        )
        for each in rows(moment, _TEAMS.format(by_user=used))
    )
