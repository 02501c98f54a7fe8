"""The documents of frames: empty until the portal's page has handed over a token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from string import Template

from dash import Dash, html
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from usage_dash.page import document
from usage_dash.page.components.elements import attributes, icon
from usage_dash.page.markup import markup

_STATE = "frame-state"  # public: its data-state is waiting, live, ended or refused
# What it says: which of them, with which icon, what is so, and what helps; all but the first offer another try.
_SAID = (
    ("waiting", "hourglass", "Waiting for the portal", "Usage shows as soon as it says who you are."),
    ("in-vain", "hourglass", "The portal has not answered", "It has to say who you are."),
    ("silent", "cloud-off", "The portal does not answer", "Usage comes back as soon as it does."),
    ("ended", "clock", "Your sign-in in the portal has ended", "Sign in there again, and this part goes on by itself."),
    ("refused", "lock-keyhole", "You may not see this usage", "If you should, ask whoever runs the portal."),
)
_SMALL = Template("""<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>$title</title>
    <script src="$theme"></script>
    $styles
  </head>
  <body>
    $before
    <main id="my-usage" aria-busy="true"></main>
    <script src="$script"></script>
  </body>
</html>
""")


def before(app: Dash, origins: Sequence[str], **facts: object) -> str:
    """Return what stands before everything in a frame's document: its states, and the script that waits for a token."""
    style, script = (document.asset_url(app, path) for path in ("frame.css", "frame.js"))
    states = markup(json.loads(to_json_plotly(_states())))
    told = document.json_block("frame-facts", to_json_plotly({"origins": list(origins), **facts}))
    return f'<link rel="stylesheet" href="{style}">{states}{told}<script src="{script}"></script>'


def my_usage_document(app: Dash, origins: Sequence[str], refresh_seconds: float) -> str:
    """Return the document of the small card, which is the same for all."""
    address = app.get_relative_path("/embed/me/card")
    styles = "".join(
        f'<link rel="stylesheet" href="{document.asset_url(app, path)}">' for path in document.PLAIN_STYLES
    )
    return _SMALL.substitute(
        title="My usage",
        styles=styles,
        theme=document.asset_url(app, "theme.js"),
        before=before(app, origins, address=address, seconds=refresh_seconds),
        script=document.asset_url(app, "my_usage.js"),
    )


def _states() -> html.Div:
    """All that a frame may say in place of usage; assets/frame.css shows what applies."""
    return html.Div([_state(*state) for state in _SAID], id=_STATE, role="status", **attributes(data_state="waiting"))


def _state(name: str, image: str, what: str, more: str) -> html.Main:
    """All that a document shows, so it is its main part."""
    again = html.Button("Try again", className="b", type="button", **attributes(data_again=""))
    parts: list[Component] = [icon(image), html.H1(what), html.P(more), *([] if name == "waiting" else [again])]
    return html.Main(parts, **attributes(data_for=name))
