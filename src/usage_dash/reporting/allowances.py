"""Which users have spent most of what they may, this month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows
from usage_dash.reporting.sums import Sum, sum_of

_MOST: Final = 100  # users who are named

# Who has an allowance of their own is in `own`; all others have the one of all, if there is one. Nobody is short of it
# by what adding up rounds.
_NEAR = """
WITH own AS (SELECT unnest($users) AS user_id, unnest($limits) AS dollars),
spent AS (
    SELECT user_key, sum(cost) AS cost, count(*) - count(cost) AS cost_lacking FROM spending
    WHERE day BETWEEN $first AND $last AND user_key > 0 GROUP BY user_key
), held AS (
    SELECT user_id, coalesce(cost, 0) AS cost, cost_lacking, coalesce(dollars, $of_all) AS allowance,
        coalesce(cost, 0) >= allowance * (1 - 1e-9) AS is_over
    FROM spent JOIN users USING (user_key) LEFT JOIN own USING (user_id) WHERE allowance IS NOT NULL
), near AS (FROM held WHERE cost >= $share * allowance * (1 - 1e-9)),
counted AS (
    SELECT count(*) FILTER (is_over) AS over, count(*) FILTER (cost_lacking > 0 AND NOT is_over) AS lacking FROM held
)
SELECT near.*, over, lacking, (SELECT count(*) FROM near) AS many FROM counted LEFT JOIN near ON true
ORDER BY cost / allowance DESC, user_id LIMIT $most
"""


@dataclass(frozen=True, slots=True)
class UserSpent:
    """What a user has spent this month, and what they may."""

    user_id: str
    spent: Sum
    allowance: float


@dataclass(frozen=True, slots=True)
class Near:
    """The users who are near their allowance or over it, of so `many`, the furthest first; so many are `over` it.

    Of `lacking` users nobody knows whether they are: some of their costs are unknown.
    """

    users: tuple[UserSpent, ...] = ()
    many: int = 0
    over: int = 0
    lacking: int = 0


def near(moment: Moment, of_all: float | None, own: Mapping[str, float], share: float) -> Near:
    """Return the users who have spent this `share` of their allowance or more this month.

    Their allowance is their `own`, or else that `of_all`; who has none is left out.
    """
    asked = {"first": moment.today.replace(day=1), "last": moment.today, "share": share, "most": _MOST}
    limits = {"of_all": of_all, "users": list(own.keys()), "limits": list(own.values())}
    found = rows(moment, _NEAR, {**asked, **limits})
    users = (
        UserSpent(each.user_id, sum_of(each.cost, each.cost_lacking), each.allowance) for each in found if each.many
    )
    return Near(tuple(users), found[0].many, found[0].over, found[0].lacking)
