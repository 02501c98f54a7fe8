"""Which budget stands beside what is chosen: one of just that, in the month that it is of."""

from __future__ import annotations

from collections.abc import Sequence

from usage_dash.ledger.choice import Choice
from usage_dash.money.budgets import Kind, Standing
from usage_dash.page.request import Asked
from usage_dash.reporting.view_models import Range


def held_against(standings: Sequence[Standing], asked: Asked, shown: Range) -> Standing | None:
    """Return the budget of all that is chosen, where the days shown are the month to date.

    That is everybody's, a team's where it alone is chosen, or the allowance of a user whose page it is.
    """
    return next((each for each in standings if _is_of(each, asked) and _is_month_to_date(each, shown)), None)


def _is_of(standing: Standing, asked: Asked) -> bool:
    if standing.kind is Kind.USER:
        return asked.person == standing.name and not asked.filters.choice.models
    return asked.filters.choice == Choice(team=standing.name if standing.kind is Kind.TEAM else None)


def _is_month_to_date(standing: Standing, shown: Range) -> bool:
    return (shown.first, shown.last) == (standing.today.replace(day=1), standing.today)
