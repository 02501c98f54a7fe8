"""The page before anything is known: its document, its assets and its layout."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dash import Dash, dcc, html

from usage_dash.page import ids
from usage_dash.page.components import cards, charts, dialogs, filters, footer, header, notices, users_table
from usage_dash.repository.base import Source

TITLE = "OpenAI usage"
DESCRIPTION = "Live cost and usage of a chatbot’s OpenAI calls."

_FONT = "vendor/fontsource-variable-inter-5.3.0"
_STYLES = (
    "vendor/bootstrap-5.3.9/bootstrap.min.css",
    f"{_FONT}/wght.css",
    "tokens.css",
    "icons.css",
    "app.css",
    "users_table.css",
)
_FIRST_SCRIPTS = ("theme.js",)  # before anything is painted
_SCRIPTS = (
    "vendor/plotly.js-basic-dist-min-4.1.1/plotly-basic.min.js",  # sets window.Plotly: Dash then asks for no other
    "charts.js",
    "clock.js",
    "refresh.js",
    "users_table.js",
)

_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    <meta name="description" content="{DESCRIPTION}">
    <meta name="theme-color" content="#f6f7f9">
    <link rel="icon" type="image/svg+xml" href="ICON">
    <link rel="preload" as="font" type="font/woff2" crossorigin href="FONT">
    HEAD
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <noscript>This page needs JavaScript.</noscript>
    <footer>
      {%config%}
      SCRIPTS
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>
"""


def assets_folder() -> Path:
    """The assets beside this package in an installed wheel, or at the top level of the repository."""
    installed = Path(__file__).parents[1] / "assets"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "assets"


def document(app: Dash) -> str:
    """The HTML around the page; each asset's URL carries its content's hash, or its version, to be cached for good."""

    def url(path: str) -> str:
        versioned = path.startswith("vendor/")
        return str(app.get_asset_url(path)) + ("" if versioned else f"?v={_fingerprint(path)}")

    styles = [f'<link rel="stylesheet" href="{url(path)}">' for path in _STYLES]
    first = [f'<script src="{url(path)}"></script>' for path in _FIRST_SCRIPTS]
    scripts = [f'<script src="{url(path)}"></script>' for path in _SCRIPTS]
    return (
        _DOCUMENT.replace("ICON", url("favicon.svg"))
        .replace("FONT", url(f"{_FONT}/files/inter-latin-wght-normal.woff2"))
        .replace("HEAD", "\n    ".join([*first, *styles]))
        .replace("{DESCRIPTION}", DESCRIPTION)
        .replace("SCRIPTS", "\n      ".join(scripts))
    )


def layout(source: Source, refresh_seconds: float) -> html.Div:
    """The page, everything in place and of its final size, nothing known yet."""
    return html.Div(
        [
            header.layout(source),
            html.Main(
                [
                    html.Div(id=ids.PROBLEM),
                    html.Div(
                        [
                            filters.layout(),
                            html.Div(notices.lasting(source), id=ids.NOTICES),
                            html.Div(cards.skeleton(), id=ids.CARDS, className="grid cards"),
                            html.Div([charts.layout(), html.Div(id=ids.PROGRESS)], className="drawn"),
                            users_table.layout(),
                        ],
                        id=ids.BODY,
                        className="body view-loading",
                    ),
                    footer.layout(),
                ],
                className="page",
            ),
            *dialogs.layout(),
            dcc.Interval(id=ids.REFRESH_INTERVAL, interval=int(refresh_seconds * 1_000)),
            *(
                dcc.Store(id=store)
                for store in (ids.ACTIVITY, ids.ASKED, ids.CHARTS, ids.HELD, ids.OPENED_DIALOG, ids.THEME)
            ),
        ]
    )


def _fingerprint(path: str) -> str:
    return hashlib.blake2b((assets_folder() / path).read_bytes(), digest_size=6).hexdigest()
