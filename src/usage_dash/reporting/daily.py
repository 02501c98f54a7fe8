"""What each day cost: of all that a scope may see, of teams, and of one user."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows
from usage_dash.reporting.sums import Sum, sum_of, total

Days: TypeAlias = Mapping[date, Sum]  # those with usage

_DAILY = """
WITH wanted AS (SELECT user_key, team FROM people WHERE team IN (SELECT unnest($teams)))
SELECT day, coalesce(team, '') AS team, sum(cost) AS cost, count(*) - count(cost) AS cost_lacking
FROM spending LEFT JOIN wanted USING (user_key) WHERE day BETWEEN $first AND $last GROUP BY day, team
"""
_OF_USER = """
SELECT day, sum(cost) AS cost, count(day) - count(cost) AS cost_lacking
FROM (FROM users WHERE user_id = $user_id) AS one
LEFT JOIN (FROM spending WHERE day BETWEEN $first AND $last) AS lately USING (user_key) GROUP BY day
"""


@dataclass(frozen=True, slots=True)
class Daily:
    """What each day cost in all, and of it what each of some teams did, as its people are now."""

    whole: Days
    teams: Mapping[str, Days]


def daily(moment: Moment, first: date, teams: Iterable[str] = ()) -> Daily:
    """Return what each day from `first` to today cost, in all and by these teams; to be in none is no team."""
    wanted = sorted(set(teams) - {""})
    asked = {"first": first, "last": moment.today, "teams": wanted}
    by_team: dict[str, dict[date, Sum]] = {team: {} for team in ["", *wanted]}
    parts: dict[date, list[Sum]] = defaultdict(list)
    for found in rows(moment, _DAILY, asked):
        cost = sum_of(found.cost, found.cost_lacking)
        by_team[found.team][found.day] = cost
        parts[found.day].append(cost)
    del by_team[""]
    return Daily({day: total(costs) for day, costs in parts.items()}, by_team)


def daily_of_user(moment: Moment, first: date, user_id: str) -> Days | None:
    """Return what each day from `first` to today cost of a user; None where there is no such user."""
    found = rows(moment, _OF_USER, {"first": first, "last": moment.today, "user_id": user_id})
    return {each.day: sum_of(each.cost, each.cost_lacking) for each in found if each.day} if found else None
