"""The teams: one of them is looked at, or those who are in none, or all. Without teams there is nothing to choose."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import Children, foreign
from usage_dash.page.components.long_list import not_listed, parted
from usage_dash.page.components.popover import choice, menu, pick
from usage_dash.page.components.seen import Seen
from usage_dash.page.ids import TEAM
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import TeamUsage
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount

_NO_TEAM = "No team"


def team_menu(seen: Seen) -> list[Component]:
    """Return the button and its menu, with what each team costs in the range."""
    if seen.person or not seen.has_teams:
        return []
    team = seen.filters.choice.team
    shown, rest = parted(_listed(seen, team), lambda usage: usage.team in {"", team})
    return [
        html.H3("Team"),
        pick(TEAM, "menu", [html.Span("Team"), " ", html.B("All" if team is None else named(team))]),
        menu(TEAM, "Team", _items(seen, shown, team), not_listed(len(rest), "team")),
    ]


def named(team: str) -> Children:
    """Return a team's name, or the words for none."""
    return [foreign(team)] if team else [_NO_TEAM]


def _items(seen: Seen, shown: list[TeamUsage], chosen: str | None) -> list[Component]:
    whole = total(usage.cost for usage in seen.teams)
    teams = sorted(shown, key=lambda usage: not usage.team)  # as they are, “No team” last
    return [
        choice(["All teams"], narrow_amount(whole, formats.money), {"team": None}, chosen=chosen is None),
        *(
            choice(
                named(usage.team),
                narrow_amount(usage.cost, formats.money),
                {"team": usage.team},
                chosen=usage.team == chosen,
            )
            for usage in teams
        ),
    ]


def _listed(seen: Seen, chosen: str | None) -> list[TeamUsage]:
    if chosen is None or any(usage.team == chosen for usage in seen.teams):
        return list(seen.teams)
    return [*seen.teams, TeamUsage(chosen, Sum(), Sum(), Sum(), 0)]
