"""Which budget stands beside what is chosen: one of just that, in the month that it is of."""

from __future__ import annotations

from collections.abc import Sequence

from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.money.budgets import Kind, Standing
from usage_dash.page.request import Asked
from usage_dash.reporting.view_models import Range


def held_against(standings: Sequence[Standing], asked: Asked, shown: Range) -> Standing | None:
    """Return the budget of all that is chosen, where the days shown are the month to date.

    That is everybody's, a team's where it alone is chosen, or the allowance of a user whose page it is. Who may see no
    more than one team, or one user, has chosen it already.
    """
    return next((each for each in standings if _is_of(each, asked) and _is_month_to_date(each, shown)), None)


def _is_of(standing: Standing, asked: Asked) -> bool:
    """Whether it is of just what is shown, because that is chosen or because nothing else may be seen."""
    choice, viewer = asked.filters.choice, asked.who.viewer
    match standing.kind:
        case Kind.MONTH:
            return choice == ALL_CHOSEN
        case Kind.TEAM:
            alone = viewer.teams == {standing.name} and choice == ALL_CHOSEN
            return alone or choice == Choice(team=standing.name)
        case Kind.USER:
            alone = viewer.users == {standing.name} and choice == ALL_CHOSEN
            return alone or (asked.person == standing.name and not choice.models)


def _is_month_to_date(standing: Standing, shown: Range) -> bool:
    return (shown.first, shown.last) == (standing.today.replace(day=1), standing.today)
