"""Whether this month's budgets hold, and whether users keep to what they may spend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from usage_dash.checks.check import NAMED, Check, Concerned, State
from usage_dash.checks.named import short
from usage_dash.money import words
from usage_dash.money.budgets import NEAR, Kind, Outcome, Standing, most_endangered_first
from usage_dash.reporting.allowances import Near, UserSpent
from usage_dash.reporting.sums import beyond
from usage_dash.wording import formats
from usage_dash.wording.amounts import amount

_WHY: Final = (
    "More users or calls than the budget was made for, a dearer model, or an unusual day: another check tells of those."
)
_TODO: Final = (
    "Choose “Month to date” on the overview: it tells which teams, users and models cost most. If that is meant, raise "
    "the budget in `USAGE_DASH_BUDGETS`. A budget stops no call; limits that OpenAI keeps do."
)
_HOW: Final = "What was spent this month, and what the days to come usually cost."
_WHEN: Final = "Once the forecast passes a budget it turns to “look”, and to “act” once a budget is used up."
_STATES: Final = {
    Outcome.USED_UP: State.ACT,
    Outcome.RUNS_OUT: State.LOOK,
    Outcome.UNKNOWN: State.UNKNOWN,
    Outcome.LASTS: State.GOOD,
}
_ADVICE: Final = {State.ACT: (_WHY, _TODO), State.LOOK: (_WHY, _TODO), State.GOOD: (_HOW, _WHEN)}
_MANY: Final = {
    Outcome.USED_UP: "{} budgets are used up",
    Outcome.RUNS_OUT: "{} budgets will be used up this month",
    Outcome.UNKNOWN: "It is not known whether {} budgets last the month",
    Outcome.LASTS: "{} budgets last the month",
}
_OVER_WHY: Final = "They use more than most, or a program works under their name."
_OVER_TODO: Final = (
    "Look at their pages: which models, on which days. If it is meant, give them an allowance of their own in "
    "`USAGE_DASH_BUDGETS`, as user:anna=100. An allowance stops no call."
)
_WITHIN_HOW: Final = "What each user has spent this month, beside what they may."
_WITHIN_WHEN: Final = "Once somebody has spent all of theirs it turns to “look”."
_UNKNOWN_WHY: Final = "Some of what they used this month has no known cost."
_UNKNOWN_TODO: Final = "Let the writer count the cost of each call: another check tells which entries lack theirs."
_OF_ALLOWANCES: Final = {
    State.LOOK: (_OVER_WHY, _OVER_TODO),
    State.UNKNOWN: (_UNKNOWN_WHY, _UNKNOWN_TODO),
    State.GOOD: (_WITHIN_HOW, _WITHIN_WHEN),
}


def budgets_hold(standings: Sequence[Standing]) -> Check | None:
    """Return whether the budgets of everybody and of teams hold; None where there is none."""
    found = most_endangered_first(each for each in standings if each.kind is not Kind.USER)
    if not found:
        return None
    worst = found[0]
    state = _STATES[worst.outcome]
    why, todo = _ADVICE.get(state, ("", ""))
    alike = sum(each.outcome is worst.outcome for each in found)
    return Check(
        key="budgets-hold",
        state=state,
        title=_title(worst, alike),
        detail=f"{_spent(worst, named=alike > 1)}; {_inside(words.expected(worst))}",
        figure=formats.rough_share(_expected(worst) / worst.limit),
        unit="spent" if worst.used_up or not worst.forecast else "forecast",
        why=why,
        todo=todo,
        dollars=sum(max(_expected(each) - each.limit, 0.0) for each in found),
        facts=tuple((_whose(each), f"{_spent(each)}; {_inside(words.outcome(each))}") for each in found),
    )


def allowances_hold(near: Near | None) -> Check | None:
    """Return whether users keep to their allowances; None where nobody has any.

    Who is over is worth a look: whoever gave the allowance knows whether that is meant.
    """
    if near is None:
        return None
    over = [_concerned(each) for each in near.users if not beyond(each.allowance, each.spent.known)]
    state = State.LOOK if over else State.UNKNOWN if near.lacking else State.GOOD
    why, todo = _OF_ALLOWANCES[state]
    return Check(
        key="allowances-hold",
        state=state,
        title=_kept(near),
        detail=_nearly(near),
        figure=formats.number(near.over),
        unit="over their allowance",
        why=why,
        todo=todo,
        dollars=sum(max(each.spent.known - each.allowance, 0.0) for each in near.users),
        users=tuple(over[:NAMED]),
        others=near.over - len(over[:NAMED]),
    )


def _kept(near: Near) -> str:
    if near.over:
        return f"{formats.counted(near.over, 'user')} {formats.agree(near.over, 'has', 'have')} used up their allowance"
    if near.lacking:
        return "It is not known whether everybody is within their allowance"
    return "Everybody is within their allowance"


def _title(worst: Standing, alike: int) -> str:
    if alike > 1:
        return _MANY[worst.outcome].format(alike)
    called = words.called(worst)
    return f"{f'{_whose(worst)}, {called}' if worst.name else called}: {_inside(words.outcome(worst))}"


def _whose(standing: Standing) -> str:
    """Return whose budget it is; anybody may have named a team."""
    return short(standing.name) if standing.name else "Everybody"


def _spent(standing: Standing, *, named: bool = False) -> str:
    said = words.spent_of_it(standing)
    return f"{_whose(standing)}: {_inside(said)}" if named else said


def _inside(sentence: str) -> str:
    """Return a sentence for the middle of another."""
    return f"{sentence[0].lower()}{sentence[1:]}"


def _expected(standing: Standing) -> float:
    """Return what will be spent by the end of the month, as far as is known; of what is used up, what was."""
    return standing.spent.known if standing.used_up or not standing.forecast else standing.forecast.month.known


def _concerned(user: UserSpent) -> Concerned:
    spent = amount(user.spent, formats.whole_money)
    return Concerned(user.user_id, f"{spent} of {formats.whole_money(user.allowance)}")


def _nearly(near: Near) -> str:
    lacking = f"; costs of {formats.counted(near.lacking, 'user')} are unknown" if near.lacking else ""
    if near.many == near.over:
        return f"Nobody {'else ' if near.over else ''}is known to have spent {NEAR:.0%} of theirs{lacking}"
    others = formats.counted(near.many - near.over, "other user" if near.over else "user")
    return f"{others} spent {NEAR:.0%} of theirs or more{lacking}"
