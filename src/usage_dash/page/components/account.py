"""Who looks: their initials, and behind them who they are, what they may see, and the way out."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Role, Viewer
from usage_dash.page.components.elements import attributes, foreign, icon

_SHOWN_TEAMS = 3


def account(who: Admitted, sign_out: str) -> Component | None:
    """Return the menu of who was let in; None where nobody had to say who they are. `sign_out` is where one leaves."""
    viewer = who.viewer
    name = viewer.name or viewer.email
    if not name and not who.can_leave:
        return None
    leave = [html.Form(html.Button("Sign out", className="b"), action=sign_out, method="post")] if who.can_leave else []
    said: list[Component] = [html.B(foreign(viewer.name))] if viewer.name else []
    said += [html.Div(foreign(viewer.email), className="muted")] if viewer.email else []
    initials = _initials(name)
    label = attributes(aria_label=f"Account {initials}: {name}" if initials else f"Account: {name or 'signed in'}")
    return html.Details(
        [
            html.Summary(initials or icon("key-round"), className="b square", **label),
            html.Div([*said, html.Div(_sees(viewer), className="muted"), *leave], className="menu"),
        ],
        className="account",
    )


def _initials(name: str) -> str:
    """Return the first letters of the first two words, or of an address before its “@”."""
    words = name.partition("@")[0].replace(".", " ").split()
    return "".join(word[0] for word in words[:2] if word[0].isalnum()).upper()


def _sees(viewer: Viewer) -> list[Component | str]:
    """Say what a viewer may see."""
    match viewer.role:
        case Role.ADMIN:
            return ["Admin · sees all users"]
        case Role.VIEWER:
            return ["Viewer · sees all users"]
        case Role.SELF:
            return ["You see your own usage"]
        case Role.LEAD:
            return ["Lead · sees ", *_listed(sorted(viewer.teams))]


def _listed(teams: list[str]) -> list[Component | str]:
    said: list[Component | str] = []
    for number, team in enumerate(teams[:_SHOWN_TEAMS]):
        said += [", "] * (number > 0) + [foreign(team)]
    more = len(teams) - _SHOWN_TEAMS
    return [*said, f" and {more} more"] if more > 0 else said
