"""The budgets of one dashboard, and what is unusual, for whoever asks: page, checks, alerts, programs and metrics.

Everybody's budget is only for who may see everybody, a team's for who may see everybody or leads it, and a user's
allowance for who may see that user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from usage_dash.access.viewer import Role, Viewer
from usage_dash.ledger.scope import ALL_USERS, Scope
from usage_dash.money.budgets import NEAR, Kind, Standing, most_endangered_first, standing
from usage_dash.money.forecast import WEEKS
from usage_dash.money.unusual_days import UnusualDays
from usage_dash.people.directory import People
from usage_dash.reporting.allowances import Near, near
from usage_dash.reporting.daily import daily, daily_of_user
from usage_dash.reporting.dashboard import Moment, Reports
from usage_dash.settings.budgets import Budgets


class Outlook:
    """How the budgets stand this month, and which days are `unusual`; worked out once for all who may see the same.

    For budgets it asks the cache of the reports, so nobody asks it within what that cache works out.
    """

    def __init__(self, reports: Reports, budgets: Callable[[], Budgets] = Budgets) -> None:
        """Ask the `reports`; `budgets` tells what may be spent now."""
        self.unusual = UnusualDays()
        self._reports = reports
        self._budgets = budgets

    @property
    def budgets(self) -> Budgets:
        """What may be spent, of everybody."""
        return self._budgets()

    def standings(self, scope: Scope, viewer: Viewer) -> tuple[Standing, ...]:
        """Return the budgets that somebody may see, everybody's first, then by danger.

        They are everybody's and teams', and the allowance of who sees no more than their own usage.
        """
        if viewer.role is Role.SELF:
            own = (self.allowance(scope, user_id) for user_id in sorted(viewer.users))
            return most_endangered_first(each for each in own if each)
        budgets, all_users = self._budgets(), scope.users is ALL_USERS
        month = budgets.month if all_users else None
        teams = {team: limit for team, limit in budgets.teams.items() if all_users or team in viewer.teams}
        if month is None and not teams:
            return ()

        def work_out() -> tuple[Standing, ...]:
            with self._reports.moment(scope) as moment:
                return standings_on(moment, month, teams, moment.today)

        asked = self._reports.stamp(scope).key("budgets", month, sorted(teams.items()))
        return self._reports.kept(asked, work_out)

    def allowance(self, scope: Scope, user_id: str) -> Standing | None:
        """Return how the allowance of a user in the scope stands; None without one, or such a user."""
        limit = self._budgets().allowance(user_id)
        if limit is None or (scope.users is not ALL_USERS and user_id not in scope.users):
            return None

        def work_out() -> tuple[Standing | None]:
            with self._reports.moment(scope) as moment:
                history = daily_of_user(moment, _first(moment.today), user_id)
                known = None if history is None else standing(Kind.USER, user_id, limit, history, moment.today)
                return (known,)

        return self._reports.kept(self._reports.stamp(scope).key("allowance", user_id, limit), work_out)[0]

    def near(self, scope: Scope) -> Near | None:
        """Return who in the scope has nearly used up their allowance, or has done so; None where nobody has any."""
        budgets = self._budgets()
        own = budgets.users if scope.users is ALL_USERS else budgets.users.keys() & scope.users
        if budgets.user is None and not own:
            return None

        def work_out() -> Near:
            with self._reports.moment(scope) as moment:
                return near(moment, budgets.user, budgets.users, NEAR)

        return self._reports.kept(self._reports.stamp(scope).key("near", budgets.key), work_out)


def standings_on(moment: Moment, month: float | None, teams: Mapping[str, float], day: date) -> tuple[Standing, ...]:
    """Return how everybody's budget and those of teams stood at the end of a day, or stand today."""
    cost = daily(moment, _first(day), teams)
    whole = () if month is None else (standing(Kind.MONTH, "", month, cost.whole, day),)
    of_teams = (standing(Kind.TEAM, team, limit, cost.teams[team], day) for team, limit in teams.items())
    return whole + most_endangered_first(of_teams)


def doubts(budgets: Budgets, people: People) -> Iterator[str]:
    """Say which budgets are of a team that nobody is in: a sentence each."""
    for team in sorted(budgets.teams.keys() - {person.team for person in people.persons.values()}):
        yield f"USAGE_DASH_BUDGETS names the team {team!r}, in which USAGE_DASH_PEOPLE has nobody."


def _first(today: date) -> date:
    """Return the first day that matters: of the month, and of what the forecast looks back at."""
    return min(today.replace(day=1), today - timedelta(weeks=WEEKS))
