"""Who looks: their initials, and behind them who they are, what they may see, and what is theirs to choose."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Role, Viewer
from usage_dash.ledger.scope import ALL_USERS
from usage_dash.page import ids
from usage_dash.page.components.elements import attributes, foreign, icon
from usage_dash.page.components.popover import opens
from usage_dash.page.links import Links

_SHOWN_TEAMS = 3
_THEMES = {"auto": "System", "light": "Light", "dark": "Dark"}  # by their names in assets/theme.js


def account(who: Admitted, links: Links) -> Component | None:
    """Return the menu of who was let in; None where nobody had to say who they are."""
    viewer = who.viewer
    name = viewer.name or viewer.email
    if not name and not who.can_leave:
        return None
    initials = _initials(name)
    label = attributes(aria_label=f"Account {initials}: {name}" if initials else f"Account: {name or 'signed in'}")
    acts = [*_own_page(who, links), _themes(), _shortcuts(), *([_leave(links)] if who.can_leave else [])]
    return html.Div(
        [
            html.Button(
                initials or icon("key-round"),
                className="b square",
                type="button",
                **label,
                **opens(ids.ACCOUNT_MENU, "dialog"),
            ),
            html.Div(
                [_identity(viewer), html.Div(acts, className="acts")],
                id=ids.ACCOUNT_MENU,
                className="pop right",
                **attributes(data_label="Account"),
            ),
        ],
        className="anchor account",
    )


def _identity(viewer: Viewer) -> html.Div:
    said: list[Component] = [html.B(foreign(viewer.name))] if viewer.name else []
    said += [html.Div(foreign(viewer.email), className="muted")] if viewer.email else []
    return html.Div([*said, html.Div(_sees(viewer), className="muted")], className="who")


def _own_page(who: Admitted, links: Links) -> list[Component]:
    """Return the way to the page of who sees one usage document, their own."""
    users = who.scope.users
    if who.viewer.role is not Role.SELF or users is ALL_USERS or len(users) != 1:
        return []
    [own] = users
    goes = attributes(data_go="", data_closes_popover="")
    return [html.A([icon("circle-user-round"), "My usage"], href=links.user_page(own), **goes)]


def _themes() -> html.Div:
    """Return the themes as radio buttons; the browser knows which is chosen."""
    choices = [
        html.Button(said, type="button", role="radio", **attributes(aria_checked="false", data_takes_theme=name))
        for name, said in _THEMES.items()
    ]
    switch = html.Div(choices, className="seg", role="radiogroup", **attributes(aria_label="Theme"))
    return html.Div([icon("theme"), "Theme", switch], className="themes")


def _shortcuts() -> html.Button:
    return html.Button(
        [icon("keyboard"), "Short-cuts", html.Kbd("?", **attributes(aria_hidden="true"))],
        type="button",
        **attributes(data_opens=ids.SHORTCUTS, aria_haspopup="dialog", aria_keyshortcuts="?", data_closes_popover=""),
    )


def _leave(links: Links) -> html.Form:
    return html.Form(html.Button([icon("log-out"), "Sign out"]), action=links.sign_out(), method="post")


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
