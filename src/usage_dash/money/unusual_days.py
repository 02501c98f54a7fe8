"""Finds unusual days and users, and explains them.

What an unusual day is split against is the usual one: the day whose cost is the median, or the average of the two that
are, so that the parts add up to what the day is above usual. Today is told only once it is unusual already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from usage_dash.money.days_used import average, usage_of
from usage_dash.money.decomposition import Usage, split
from usage_dash.money.unusual import Behind, Unusual, UnusualDay, UnusualUser
from usage_dash.money.usual import DOLLARS, LOOKS_BACK, WEEKS, Usual, median_day, unusual_days, usual
from usage_dash.reporting import usual as costs
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.lately import Lately
from usage_dash.reporting.usual import DayCost, History, MadeOf, More, Who

_LATELY: Final = timedelta(days=91)  # before today, of which all is worked out together
_USERS: Final = timedelta(days=13)  # before the last day, of which users are told
_BEFORE: Final = LOOKS_BACK + timedelta(weeks=WEEKS)
_DEAR: Final = 0.1  # of a usual day of all, below which no user is unusual
_MOST_DEAR: Final = 500  # days of users that are looked at
_MOST_USERS: Final = 20  # unusual ones that are told
_MOST_NAMED: Final = 3  # models behind a change
_WORTH_NAMING: Final = 0.1  # of a change


class UnusualDays:
    """Tells what is unusual to all who ask, and works it out every five minutes at most."""

    def __init__(self) -> None:
        self._lately = Lately()

    def of(self, moment: Moment, first: date, last: date) -> Unusual:
        """Return what is unusual of what is chosen, on the days from `first` to `last` that are not after today."""
        last = min(last, moment.today)
        lately = moment.today - _LATELY
        begin, end = (lately, moment.today) if lately <= first <= last else (first, last)
        return _within(self._lately.of(moment, lambda: unusual(moment, begin, end), begin, end), first, last)


def unusual(moment: Moment, first: date, last: date) -> Unusual:
    """Return what is unusual of what is chosen, on the days from `first` to `last`, of which none is after today.

    Users are told of the last two weeks of these days; where all is one user's, that user is told by the days.
    """
    of_one = moment.documents == 1 or len(moment.choice.users) == 1
    history = costs.history(moment, first - _BEFORE, last)
    found = unusual_days(history, first, last, of_one=of_one)
    since = next((day for day in history if day >= first and usual(history, day, of_one=of_one)), None)
    days = _explained(moment, history, found)
    users = () if of_one else _users(moment, history, max(first, last - _USERS), last)
    return Unusual(first, last, since, days, users, known=bool(history))


def _within(found: Unusual, first: date, last: date) -> Unusual:
    """Return what of it is on some of its days."""
    return Unusual(
        first,
        last,
        max(found.since, first) if found.since and found.since <= last else None,
        tuple(each for each in found.days if first <= each.day <= last),
        tuple(each for each in found.users if first <= each.on.day <= last),
        found.known,
    )


def _explained(moment: Moment, history: History, found: Mapping[date, Usual]) -> tuple[UnusualDay, ...]:
    """Return unusual days with their parts, and who is behind them, the latest first."""
    if not found:
        return ()
    held = {day: by.middle for day, by in found.items()}
    among = {each for day, middle in held.items() for each in (day, *middle)}
    active = costs.active_users(moment, among)
    used = {day: usage_of(parts, active.get(day, 0)) for (_, day), parts in _by_day(moment, among).items()}
    users, teams = costs.behind(moment, Who.USER, held), costs.behind(moment, Who.TEAM, held)
    days = []
    for day, by in sorted(found.items(), reverse=True):
        told = _day(moment, day, history[day], by, used)
        who, which = _worth_naming(users[day], told.more), _worth_naming(teams[day], told.more)
        days.append(replace(told, users=who, teams=which if any(each.name for each in which) else ()))
    return tuple(days)


def _users(moment: Moment, history: History, first: date, last: date) -> tuple[UnusualUser, ...]:
    """Return unusual users with the parts of each, the latest first, of a day the dearest first."""
    least = max(DOLLARS, _DEAR * median_day(history, last))
    dear = costs.dear_users(moment, first, last, least, _MOST_DEAR)
    found = [
        (day, user, of_user[day], by)
        for user, of_user in costs.histories(moment, first - _BEFORE, last, dear).items()
        for day, by in unusual_days(of_user, first, last, least, of_one=True).items()
    ]
    found = sorted(found, key=lambda each: (each[0], each[2].cost), reverse=True)[:_MOST_USERS]
    among = {each for day, _, _, by in found for each in (day, *by.middle)}
    parts = _by_day(moment, among, {user for _, user, _, _ in found}) if found else {}
    used: dict[str, dict[date, Usage]] = defaultdict(dict)
    for (user, day), of_day in parts.items():
        used[user or ""][day] = usage_of(of_day, 1)
    return tuple(UnusualUser(user, _day(moment, day, cost, by, used[user])) for day, user, cost, by in found)


def _by_day(
    moment: Moment, days: Collection[date], users: Collection[str] = ()
) -> Mapping[tuple[str | None, date], list[MadeOf]]:
    found: dict[tuple[str | None, date], list[MadeOf]] = defaultdict(list)
    for each in costs.made_of(moment, days, users):
        found[each.user_id, each.day].append(each)
    return found


def _day(moment: Moment, day: date, cost: DayCost, by: Usual, used: Mapping[date, Usage]) -> UnusualDay:
    after, before = used.get(day, Usage()), average([used.get(each, Usage()) for each in by.middle])
    more = [More(name, after.of(name).cost - before.of(name).cost) for name in {**before.models, **after.models}]
    dearest = sorted((each for each in more if each.dollars > 0), key=lambda each: (-each.dollars, each.name))
    return UnusualDay(
        day=day,
        cost=cost.cost,
        usual=by.median,
        compared=by.compared,
        so_far=day == moment.today,
        at_least=cost.lacking > 0,
        parts=tuple(part for part in split(before, after) if part.dollars),
        models=_worth_naming(dearest[:_MOST_NAMED], cost.cost - by.median),
    )


def _worth_naming(found: Iterable[More], change: float) -> tuple[Behind, ...]:
    return tuple(
        Behind(each.name, each.dollars, each.dollars / change)
        for each in found
        if each.dollars >= _WORTH_NAMING * change
    )
