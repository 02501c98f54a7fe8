"""What days cost that are held against each other, and of what they are made.

What was booked over more than a day is left out, since it may be of any of the days between: so is what counters said
before anything could be booked. How much of a day that may be is what of it is `hidden`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any, Final, TypeAlias

from usage_dash.ledger.counters import NOT_ITEMISED
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows

_DAY: Final = timedelta(days=1)
_MOST_BEHIND: Final = 3  # users, teams or models
_LONG: Final = "(since IS NULL OR until - since > INTERVAL 1 DAY)"

# Counters know no model, so where models are chosen, nothing that was booked is in `spending`.
_SPENDING: Final = "SELECT user_key, day, slot, calls, total_tokens AS tokens, cost FROM spending WHERE {days}"
_LESS_BOOKED: Final = f"""
UNION ALL SELECT user_key, day, {NOT_ITEMISED}, NULL, NULL, -cost FROM bookings SEMI JOIN users USING (user_key)
WHERE {{days}} AND cost > 0 AND {_LONG}
"""  # noqa: S608 - constants
_BETWEEN: Final = "day BETWEEN $first AND $last"
_AMONG: Final = "day IN (SELECT unnest($days))"
_OF_USERS: Final = "user_key IN (SELECT user_key FROM users WHERE user_id IN (SELECT unnest($users)))"

_DAYS = """
SELECT day, greatest(sum(cost), 0) AS cost, count(*) AS parts, count(*) FILTER (cost IS NULL) AS lacking
FROM ({judged}) GROUP BY day
"""
_DAYS_OF_USERS = """
SELECT user_id, day, greatest(sum(cost), 0) AS cost, count(*) AS parts, count(*) FILTER (cost IS NULL) AS lacking
FROM ({judged}) JOIN users USING (user_key) WHERE {of_user} GROUP BY user_id, day
"""
_DEAR = """
SELECT DISTINCT user_id FROM (
    SELECT user_key, day FROM ({judged}) WHERE user_key > 0 GROUP BY user_key, day HAVING sum(cost) >= $least
    ORDER BY sum(cost) DESC LIMIT $most
) JOIN users USING (user_key)
"""
# What is at an unknown time between two is spread evenly: from the day of the first on there is so much more a day,
# from the day after the last on so much less. A document that does not say when it began may have begun lately.
_HIDDEN = f"""
WITH hidden AS (
    SELECT user_key, cost, coalesce(since, until - INTERVAL 56 DAY) AS begins, until AS ends FROM bookings WHERE {_LONG}
    UNION ALL
    SELECT user_key, cost, least(coalesce(created_at, first_read - INTERVAL 56 DAY), first_read), first_read
    FROM openings JOIN users USING (user_key)
), rates AS (
    SELECT user_id, CAST(begins AS DATE) AS first, CAST(ends AS DATE) + 1 AS after,
        cost / (after - first) AS rate
    FROM hidden JOIN users USING (user_key) WHERE cost > 0 AND ends >= $first AND {{of_user}}
)
SELECT {{who}} AS who, greatest(first, $first) AS day, sum(rate) AS rate FROM rates GROUP BY ALL
UNION ALL SELECT {{who}}, after, -sum(rate) FROM rates GROUP BY ALL
"""  # noqa: S608 - constants
_KINDS = """
SELECT {who} AS who, day, CASE WHEN user_key = 0 THEN 'gone' WHEN slot = -1 THEN 'not itemised'
        WHEN calls > 0 AND tokens > 0 THEN 'split' ELSE 'unknown' END AS kind,
    CASE kind WHEN 'split' THEN model END AS name, sum(calls) AS calls, sum(tokens) AS tokens, sum(cost) AS cost
FROM ({judged}) JOIN models USING (slot) LEFT JOIN users USING (user_key) WHERE cost IS NOT NULL AND {of_user}
GROUP BY ALL
"""
_ACTIVE = """
SELECT day, count(DISTINCT user_key) AS users FROM ({judged})
WHERE cost IS NOT NULL AND calls > 0 AND tokens > 0 AND slot >= 0 AND user_key > 0 GROUP BY day
"""
_BEHIND = """
WITH held AS (SELECT unnest($held) AS of, unnest($days) AS day, unnest($weights) AS weight)
SELECT of, {whose} AS whose, sum(cost * weight) AS more
FROM ({judged}) JOIN held USING (day) JOIN people USING (user_key) GROUP BY of, {whose} HAVING more > 0
QUALIFY row_number() OVER (PARTITION BY of ORDER BY more DESC, whose) <= $most ORDER BY more DESC, whose
"""

_Steps: TypeAlias = defaultdict[str | None, dict[date, float]]


class Kind(StrEnum):
    """What usage can be, as far as its cost can be split."""

    SPLIT = "split"
    NOT_ITEMISED = "not itemised"
    GONE = "gone"
    UNKNOWN = "unknown"


class Who(StrEnum):
    """Who can be behind a change, by their names in SQL."""

    USER = "user_id"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class DayCost:
    """What is known of a day's cost; of its `parts` so many are `lacking`, and so many dollars more may be `hidden`."""

    cost: float = 0.0
    parts: int = 0
    lacking: int = 0
    hidden: float = 0.0


History: TypeAlias = Mapping[date, DayCost]  # each day from the first usage on


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What a part of a day adds up to, of all users or of one: what was used of a model, or a `kind` that has none."""

    user_id: str | None
    day: date
    kind: Kind
    model: str | None
    calls: float
    tokens: float
    cost: float


@dataclass(frozen=True, slots=True)
class More:
    """By how many dollars a user, by id, or a team cost more on a day; “” is who is in no team."""

    name: str
    dollars: float


def history(moment: Moment, first: date, last: date) -> History:
    """Return what each day cost, from the first of these days with usage on."""
    span = {"first": first, "last": last}
    found = {each.day: _day_cost(each) for each in rows(moment, _DAYS.format(judged=_judged(moment, _BETWEEN)), span)}
    return _filled(found, _hidden(moment, span)[None], span)


def histories(moment: Moment, first: date, last: date, users: Collection[str]) -> dict[str, History]:
    """Return what each day cost of these users, each from the first of these days with usage on."""
    if not users:
        return {}
    span = {"first": first, "last": last}
    hidden = _hidden(moment, span, users)
    found: dict[str, dict[date, DayCost]] = defaultdict(dict)
    query = _DAYS_OF_USERS.format(judged=_judged(moment, _BETWEEN), of_user=_OF_USERS)
    for each in rows(moment, query, {**span, "users": sorted(users)}):
        found[each.user_id][each.day] = _day_cost(each)
    return {user: _filled(days, hidden[user], span) for user, days in found.items()}


def dear_users(moment: Moment, first: date, last: date, least: float, most: int) -> list[str]:
    """Return the users with a day that cost so many dollars at least; of very many those with the dearest days."""
    asked = {"first": first, "last": last, "least": least, "most": most}
    found = rows(moment, _DEAR.format(judged=_judged(moment, _BETWEEN)), asked)
    return sorted(each.user_id for each in found)


def active_users(moment: Moment, days: Collection[date]) -> dict[date, int]:
    """Return how many users made calls on each of some days whose tokens and cost are known."""
    found = rows(moment, _ACTIVE.format(judged=_judged(moment, _AMONG)), {"days": sorted(days)})
    return {each.day: each.users for each in found}


def made_of(moment: Moment, days: Collection[date], users: Collection[str] = ()) -> list[MadeOf]:
    """Return of what each of some days was made: in all, or of each of these users."""
    who, of_user = ("user_id", _OF_USERS) if users else ("NULL", "TRUE")
    asked = {"days": sorted(days), **({"users": sorted(users)} if users else {})}
    query = _KINDS.format(judged=_judged(moment, _AMONG), who=who, of_user=of_user)
    return [
        MadeOf(
            each.who, each.day, Kind(each.kind), each.name, float(each.calls or 0), float(each.tokens or 0), each.cost
        )
        for each in rows(moment, query, asked)
    ]


def behind(moment: Moment, who: Who, held: Mapping[date, Collection[date]]) -> dict[date, list[More]]:
    """Return who cost most above what they did, on average, on the days that each day is `held` against."""
    weights = [
        (day, each, 1.0 if each == day else -1 / len(days)) for day, days in held.items() for each in (day, *days)
    ]
    of, days, weighing = map(list, zip(*weights, strict=True))
    asked = {"held": of, "days": days, "weights": weighing, "most": _MOST_BEHIND}
    found: dict[date, list[More]] = defaultdict(list)
    judged = _judged(moment, "day IN (SELECT unnest($days))")
    for each in rows(moment, _BEHIND.format(judged=judged, whose=who), asked):
        found[each.of].append(More(each.whose, each.more))
    return found


def _judged(moment: Moment, days: str) -> str:
    return (_SPENDING if moment.choice.models else _SPENDING + _LESS_BOOKED).format(days=days)


def _day_cost(found: Any) -> DayCost:
    return DayCost(found.cost or 0.0, found.parts, found.lacking)


def _hidden(moment: Moment, span: Mapping[str, date], users: Collection[str] = ()) -> _Steps:
    """Return from which day on how much more a day is hidden, of all by None or of each of these users.

    Where models are chosen that is nothing: counters know no model.
    """
    found: _Steps = defaultdict(dict)
    if not moment.choice.models:
        who, of_user = ("user_id", _OF_USERS) if users else ("NULL", "TRUE")
        asked = {"first": span["first"], **({"users": sorted(users)} if users else {})}
        for each in rows(moment, _HIDDEN.format(who=who, of_user=of_user), asked):
            found[each.who][each.day] = found[each.who].get(each.day, 0.0) + each.rate
    return found


def _filled(found: Mapping[date, DayCost], steps: Mapping[date, float], span: Mapping[str, date]) -> History:
    """Return all days from the first one found on, with what is hidden of each."""
    days = [span["first"] + number * _DAY for number in range((span["last"] - span["first"]).days + 1)]
    hidden = accumulate(steps.get(day, 0.0) for day in days)
    first = min(found, default=span["last"] + _DAY)
    return {
        day: replace(found.get(day, DayCost()), hidden=max(rate, 0.0))
        for day, rate in zip(days, hidden, strict=True)
        if day >= first
    }
