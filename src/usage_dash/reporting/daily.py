"""What each day cost, of all that a moment sees and of each team: all days that are known, from one pass."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows
from usage_dash.reporting.spans import possible
from usage_dash.reporting.sums import Sum, sum_of

_DAYS = """
SELECT day, sum(cost) AS cost, count(*) - count(cost) AS lacking FROM spending
WHERE day BETWEEN $earliest AND $today GROUP BY day
"""
_TEAM_DAYS = """
SELECT coalesce(team, '') AS team, day, sum(cost) AS cost, count(*) - count(cost) AS lacking
FROM spending LEFT JOIN people USING (user_key) WHERE day BETWEEN $earliest AND $today GROUP BY ALL
"""


def daily(moment: Moment) -> dict[date, Sum]:
    """Return what each day cost that had any usage."""
    return {each.day: sum_of(each.cost, each.lacking) for each in rows(moment, _DAYS, possible(moment))}


def daily_of_teams(moment: Moment) -> dict[str, dict[date, Sum]]:
    """Return what each day cost that had any usage, by team; by "" what is in none."""
    found: dict[str, dict[date, Sum]] = defaultdict(dict)
    for each in rows(moment, _TEAM_DAYS, possible(moment)):
        found[each.team][each.day] = sum_of(each.cost, each.lacking)
    return dict(found)
