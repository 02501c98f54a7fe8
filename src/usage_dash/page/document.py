"""The page before anything is known: its document, its assets and its layout."""

from __future__ import annotations

import hashlib
from pathlib import Path

import dash
from dash import Dash, dcc, html
from plotly.io.json import to_json_plotly

from usage_dash import __version__
from usage_dash.page import formats, ids
from usage_dash.page.components import cards, charts, contact, dialogs, filters, footer, header, notices, users_table
from usage_dash.reporting.filters import UserSort
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
_LATER = tuple(f"vendor/lucide-static-1.62.0/{name}.svg" for name in contact.ICONS)  # shown when no file can be had
_SCRIPTS = (
    "vendor/plotly.js-basic-dist-min-4.1.1/plotly-basic.min.js",  # sets window.Plotly: Dash then asks for no other
    "fetch.js",
    "contact.js",
    "refresh.js",
    "charts.js",
    "clock.js",
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
    later = [f'<link rel="prefetch" as="image" href="{url(path)}">' for path in _LATER]
    first = [f'<script src="{url(path)}"></script>' for path in _FIRST_SCRIPTS]
    scripts = [f'<script src="{url(path)}"></script>' for path in _SCRIPTS]
    return (
        _DOCUMENT.replace("ICON", url("favicon.svg"))
        .replace("FONT", url(f"{_FONT}/files/inter-latin-wght-normal.woff2"))
        .replace("HEAD", "\n    ".join([*first, *styles, *later]))
        .replace("{DESCRIPTION}", DESCRIPTION)
        .replace("SCRIPTS", "\n      ".join([_facts(), *scripts]))
    )


def _facts() -> str:
    """What the scripts know of Python's: the page's version, what sorts the table, and the words that they use."""
    facts = {
        "version": version(),
        "sorts": list(UserSort),
        "ages": formats.AGES,
        "waits": formats.WAITS,
        "contact": contact.contact(),
    }
    return json_block("facts", facts)


def json_block(block_id: str, value: object) -> str:
    """Return a part of the document that holds JSON for the scripts; it runs no script itself."""
    return f'<script type="application/json" id="{block_id}">{to_json_plotly(value)}</script>'


def version() -> str:
    """Return what tells this page from one of another deploy: it changes with any of its files and with the package."""
    parts = (*_STYLES, *_FIRST_SCRIPTS, *_SCRIPTS)
    prints = [path if path.startswith("vendor/") else _fingerprint(path) for path in parts]
    return hashlib.blake2b(repr((__version__, dash.__version__, prints)).encode(), digest_size=6).hexdigest()


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
                            html.Div(id=ids.CONTACT),
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
            dcc.Store(id=ids.ASKED, data=users_table.first_choices()),
            *(dcc.Store(id=store) for store in (ids.CHARTS, ids.HELD, ids.OPENED_DIALOG, ids.THEME)),
        ]
    )


def _fingerprint(path: str) -> str:
    return hashlib.blake2b((assets_folder() / path).read_bytes(), digest_size=6).hexdigest()
