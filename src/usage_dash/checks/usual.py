"""Whether days cost what is usual: what cost far more, why, and who is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from usage_dash.checks.check import NAMED, Check, Concerned, State
from usage_dash.checks.named import in_a_row, short
from usage_dash.money.unusual import Behind, Unusual, UnusualDay
from usage_dash.money.unusual_days import UnusualDays
from usage_dash.money.unusual_words import MORE, WORTH_SAYING, mostly
from usage_dash.money.usual import LEAST_WEEKDAYS, RATIO, WEEKS
from usage_dash.reporting.dashboard import Moment
from usage_dash.wording import formats

_LATELY: Final = 14  # days up to today, that are looked at
KEY: Final = "days-are-usual"
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CANNOT: Final = "A day is held against days of the same name, of which four have to be known, nearly without gaps."
_TODO: Final = (
    "Choose the day on the overview: it tells which users and models cost most. If it was meant, nothing: one unusual "
    "day changes neither what is usual nor the forecast."
)
_HOW: Final = (
    f"Each day is held against the median of its weekday in the {WEEKS} weeks before; each user against the days on "
    "which they used anything."
)
_WHEN: Final = (
    f"Once a day costs more than {RATIO} times what is usual, and more than such days differ anyway; today as soon as "
    "it does."
)


def days_are_usual(moment: Moment, unusual: UnusualDays) -> Check | None:
    """Return whether the last days cost what is usual; None where nothing was used."""
    today = moment.today
    found = unusual.of(moment, _since(today), today)
    if found.days:
        return _unusual_days(found, today)
    if found.users:
        return _unusual_users(found, today)
    if not found.known:
        return None
    return _usual() if found.since else _unknown()


def tells_of(day: date, today: date) -> bool:
    """Whether it is among the days that the check tells of."""
    return _since(today) <= day <= today


def _since(today: date) -> date:
    return today - timedelta(days=_LATELY - 1)


def _unusual_days(found: Unusual, today: date) -> Check:
    worst = max(found.days, key=lambda each: each.more)
    behind = [Concerned(each.name, f"{formats.money(each.dollars)} more than usual") for each in worst.users]
    others = [each for each in found.days if each is not worst]
    return _look(
        worst,
        title=_title(found.days, worst, today),
        dollars=sum(each.more for each in found.days),
        users=[
            *behind,
            *(each for each in _concerned(found, today) if each.user_id not in {one.user_id for one in behind}),
        ],
        facts=tuple((formats.near_day(each.day, today), _instead(each)) for each in others),
    )


def _unusual_users(found: Unusual, today: date) -> Check:
    worst = max((each.on for each in found.users), key=lambda each: each.more)
    users = _concerned(found, today)
    when, many = _when(worst, today), f"{len(users)} users cost far more on a day than is usual for them"
    return _look(
        worst,
        title=f"{when[0].upper()}{when[1:]} a user cost {_times(worst, 'them')}" if len(users) == 1 else many,
        dollars=sum(each.on.more for each in found.users),
        users=users,
    )


def _look(
    worst: UnusualDay,
    *,
    title: str,
    dollars: float,
    users: Sequence[Concerned],
    facts: tuple[tuple[str, str], ...] = (),
) -> Check:
    return Check(
        key=KEY,
        state=State.LOOK,
        title=title,
        detail=f"{_instead(worst)}, the median of {_compared(worst)}",
        figure=f"+{formats.whole_money(worst.more)}",
        unit="more than usual",
        why=_why(worst),
        todo=_TODO,
        dollars=dollars,
        users=tuple(users[:NAMED]),
        others=len(users[NAMED:]),
        facts=(*_parts(worst), *facts),
    )


def _usual() -> Check:
    return Check(
        key=KEY,
        state=State.GOOD,
        title="No day cost far more than usual",
        detail=f"In {formats.counted(_LATELY, 'day')}, of all and of each user",
        figure="0",
        unit="unusual days",
        why=_HOW,
        todo=_WHEN,
    )


def _unknown() -> Check:
    return Check(
        key=KEY,
        state=State.UNKNOWN,
        title="What a day usually costs is not known yet",
        detail=f"Known after {LEAST_WEEKDAYS} weeks whose cost is known",
        figure=formats.UNKNOWN,
        unit="unusual days",
        why=_CANNOT,
        todo="",
    )


def _title(days: Sequence[UnusualDay], worst: UnusualDay, today: date) -> str:
    if len(days) > 1:
        return f"{len(days)} days cost far more than usual, {formats.near_day(worst.day, today)} most of all"
    if worst.so_far:
        return f"Today has already cost {_times(worst, f'a {_weekday(worst)}')}"
    return f"{formats.near_day(worst.day, today)} cost {_times(worst, f'a {_weekday(worst)}')}"


def _times(day: UnusualDay, whom: str) -> str:
    """Return how many times what is usual a day cost: a number that is worth saying, or the dollars."""
    if day.ratio is None or day.ratio >= WORTH_SAYING:
        return f"{formats.money(day.cost)}, where {formats.money(day.usual)} is usual for {whom}"
    return f"{day.ratio:.1f} times what is usual for {whom}"


def _instead(day: UnusualDay) -> str:
    return f"{'At least ' if day.at_least else ''}{formats.money(day.cost)} instead of {formats.money(day.usual)}"


def _compared(day: UnusualDay) -> str:
    if day.compared > WEEKS:
        return formats.counted(day.compared, "day")
    return f"{day.compared} {_weekday(day)}s"


def _concerned(found: Unusual, today: date) -> list[Concerned]:
    """Return each unusual user once, by their latest day."""
    told = {each.user_id: each.on for each in reversed(found.users)}
    latest = dict.fromkeys(each.user_id for each in found.users)
    return [Concerned(user, f"{_instead(told[user])} {_when(told[user], today)}") for user in latest]


def _why(day: UnusualDay) -> str:
    """Return what made most of it, in words, and the models and teams behind it."""
    models = f"By models: {_behind(day.models)}." if day.models else ""
    teams = f"By teams: {_behind(day.teams)}." if day.teams else ""
    return " ".join(filter(None, [_mostly(day), models, teams]))


def _mostly(day: UnusualDay) -> str:
    said = [f"{MORE[part.factor]} ({_plus(part.dollars)})" for part in mostly(day)]
    return f"Mostly {in_a_row(said)}." if said else ""


def _behind(found: Sequence[Behind]) -> str:
    return in_a_row([f"{_name(each.name)} ({_plus(each.dollars)})" for each in found])


def _name(name: str) -> str:
    return f"“{short(name)}”" if name else "nobody’s"


def _parts(day: UnusualDay) -> tuple[tuple[str, str], ...]:
    """Return the parts, which add up to the last line as they are read; not what is nothing then."""
    cents = formats.in_cents([each.dollars for each in day.parts])
    told = [(each.factor.capitalize(), dollars) for each, dollars in zip(day.parts, cents, strict=True) if dollars]
    amounts = formats.added_up([*(dollars for _, dollars in told), day.more])
    labels = [*(label for label, _ in told), "Together"]
    return tuple((label, _signed(amount)) for label, amount in zip(labels, amounts, strict=True))


def _plus(dollars: float) -> str:
    return _signed(formats.money(dollars))


def _signed(amount: str) -> str:
    return amount if amount.startswith("−") else f"+{amount}"


def _weekday(day: UnusualDay) -> str:
    return _WEEKDAYS[day.day.weekday()]


def _when(day: UnusualDay, today: date) -> str:
    return "today" if day.so_far else f"on {formats.near_day(day.day, today)}"
