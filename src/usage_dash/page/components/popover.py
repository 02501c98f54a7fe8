"""What popovers are made of: the button that opens one, and the rows in it (assets/popovers.js, assets/explore.css).

A popover is open while it has `data-open`, which only the script sets, so that it stays open when an answer comes. A
dialog's role and its name, `data-label`, are set along with it: on a phone some of them are parts of a sheet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import Children, attributes, icon
from usage_dash.page.components.seen import Seen

Change = Mapping[str, str | list[str] | None]  # of the address: each name's new value, None for none


def sets(change: Change) -> dict[str, Any]:
    """Return the attribute by which a press of a control changes the address."""
    return attributes(data_set=json.dumps(change, ensure_ascii=False, separators=(",", ":")))


def clears(seen: Seen) -> dict[str, Any]:
    """Return the attribute by which a press of a control takes all filters away; on a person’s page, by models."""
    return sets({"model": None}) if seen.person else attributes(data_clear="")


def opens(popover: str, kind: str) -> dict[str, Any]:
    """Return the attributes of a button that opens a popover of a kind, “menu” or “dialog”."""
    return attributes(aria_haspopup=kind, aria_expanded="false", aria_controls=popover)


def pick(popover: str, kind: str, said: Children, *, disabled: bool = False, why: str = "") -> html.Button:
    """Return a button that says what is chosen and opens the popover to choose from."""
    return html.Button(
        [*said, icon("chevron-down")],
        className="b pick",
        type="button",
        disabled=disabled,
        title=why or None,
        **opens(popover, kind),
    )


def menu(popover: str, label: str, items: list[Component], foot: list[Component], *, aside: str = "") -> html.Div:
    """Return a menu with what stands beneath it."""
    listed = html.Div(items, className="choices", role="menu", **attributes(aria_label=label))
    return html.Div([listed, *foot], id=popover, className=f"pop {aside}".rstrip())


def choice(said: Children, end: str, change: Change, *, chosen: bool) -> html.Button:
    """Return an item of which one is chosen; pressing it closes the menu."""
    return html.Button(
        [html.Span(said, className="what"), html.Span(end, className="end num")],
        type="button",
        role="menuitemradio",
        tabIndex=-1,
        **attributes(aria_checked=str(chosen).lower(), data_closes_popover=""),
        **sets(change),
    )


def field(label: str, **more: str) -> html.Div:
    """Return the place of a text field, which the script makes: to Dash each key would be a matter of its own."""
    return html.Div(
        [
            icon("search"),
            html.Button(label, className="stand-in", type="button"),
            html.Span(**attributes(data_field=label, **more)),
        ],
        className="find",
    )
