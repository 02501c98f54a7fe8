"""Short-cuts: keys that do what a control of the page does (assets/shortcuts.js), and the dialog that tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dash import html

from usage_dash.page import ids
from usage_dash.page.components.dialogs import dialog
from usage_dash.page.components.elements import Children, attributes


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys, one after the other, what they do, and the control that does it, as a CSS selector."""

    keys: str
    does: str
    control: str


SHORTCUTS: Final = (
    Shortcut("/", "Find a user", "[data-finds-users] input"),
    Shortcut("m", "Models", "[aria-controls=models]"),
    Shortcut("e", "Export", "[aria-controls=export]"),
    Shortcut("r", "Refresh", f"#{ids.REFRESH_BUTTON}"),
    Shortcut("g o", "Go to the overview", f"#{ids.PAGES} a:first-child"),
    Shortcut("g t", "Go to Trust", f"#{ids.PAGES} a:last-child"),
    Shortcut("?", "These short-cuts", f"[data-opens={ids.SHORTCUTS}]"),
)


def layout() -> html.Dialog:
    """The dialog, closed; the browser knows whether they are used."""
    lines = [html.Tr([html.Th(_pressed(each.keys), scope="row"), html.Td(each.does)]) for each in SHORTCUTS]
    use = html.Button(
        [html.Span(className="tick"), "Use short-cuts"],
        className="quiet check",
        type="button",
        role="checkbox",
        **attributes(aria_checked="true", data_uses_shortcuts=""),
    )
    off = html.P("They rest while you type, and while a menu or a dialog is open.")
    return dialog(ids.SHORTCUTS, "Short-cuts", html.Div([html.Table(html.Tbody(lines), className="list"), off, use]))


def _pressed(keys: str) -> Children:
    said: Children = []
    for number, key in enumerate(keys.split()):
        said += [" then "] * (number > 0) + [html.Kbd(key)]
    return said
