"""Which users cost more than a limit in a day or a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows
from usage_dash.reporting.sums import Sum, sum_of

MOST: Final = 500  # users of each day or month
_NEAR: Final = 12

# What was booked over more than a day may be of other days, so it makes nobody dear on one; on which of two months it
# is matters less. Rounding makes nobody dearer than a limit.
_PLACED: Final = {"day": "until - since <= INTERVAL 1 DAY", "month": "TRUE"}
_DEAR = """
WITH used AS (
    SELECT user_key, day, cost FROM entries UNION ALL SELECT user_key, day, cost FROM bookings WHERE {placed}
), costs AS (
    SELECT user_key, CAST(date_trunc($period, day) AS DATE) AS first, sum(cost) AS cost,
        count(*) - count(cost) AS cost_lacking
    FROM used WHERE day BETWEEN $first AND $today GROUP BY ALL
)
SELECT first, user_id, name, cost, cost_lacking, cost > $limit * (1 + 1e-9) AS dear,
    row_number() OVER (PARTITION BY first ORDER BY cost DESC, user_id) AS place
FROM costs JOIN people USING (user_key) WHERE cost IS NOT NULL
QUALIFY (dear AND place <= $most) OR (first = $current AND place <= $near)
ORDER BY first DESC, place
"""


@dataclass(frozen=True, slots=True)
class DearUser:
    """What a user cost in the day or month that begins with `first`; who has no name has an empty one."""

    first: date
    user_id: str
    name: str
    cost: Sum


@dataclass(frozen=True, slots=True)
class Dear:
    """Who cost more than a limit, the latest period first and in it the dearest.

    `highest` is what the dearest user of the current period cost, and `near` has the ids of the first of its users, who
    may be next.
    """

    users: tuple[DearUser, ...]
    highest: Sum | None
    near: tuple[str, ...] = ()


def dear_users(moment: Moment, period: Literal["day", "month"], limit: float, first: date) -> Dear:
    """Return who cost more than so many dollars in a day or a month, from that of `first` to that of today."""
    begin, current = (each.replace(day=1) if period == "month" else each for each in (first, moment.today))
    bounds = {"first": begin, "current": current, "today": moment.today, "most": MOST, "near": _NEAR}
    found = rows(moment, _DEAR.format(placed=_PLACED[period]), {**bounds, "period": period, "limit": limit})
    users = [DearUser(each.first, each.user_id, each.name, sum_of(each.cost, each.cost_lacking)) for each in found]
    near = [user for user in users if user.first == current][:_NEAR]
    return Dear(
        tuple(user for user, each in zip(users, found, strict=True) if each.dear),
        near[0].cost if near else None,
        tuple(user.user_id for user in near),
    )
