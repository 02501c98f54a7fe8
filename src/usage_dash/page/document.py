"""The page before anything is known: its document, its assets and its layout."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from string import Template
from urllib.parse import quote

import dash
from dash import Dash, dcc, html
from dash.fingerprint import build_fingerprint
from flask import request
from plotly.io.json import to_json_plotly

from usage_dash import __version__
from usage_dash.access.current import Admitted, somebody
from usage_dash.page import ids
from usage_dash.page.components import (
    bar,
    cards,
    charts,
    contact,
    dialogs,
    footer,
    header,
    shortcuts,
    trust_page,
    users_table,
)
from usage_dash.page.first_view import Address, FirstView, unseen
from usage_dash.page.markup import markup
from usage_dash.page.request import USUAL
from usage_dash.reporting.filters import UserSort
from usage_dash.wording import formats

_STORES = (ids.ADDRESS, ids.CHARTS, ids.CLOCK, ids.HELD, ids.OPENED_DIALOG, ids.THEME)

TITLE = "OpenAI usage"
DESCRIPTION = "Live cost and usage of a chatbot’s OpenAI calls."

_FONT = "vendor/fontsource-variable-inter-5.3.0"
# In the document: the first frame waits for no file that it can do without, and icons show when none can be had.
_INLINE_STYLES = ("tokens.css", "app.css", "icons.css")
_RESET, _LETTER_STYLE = "vendor/bootstrap-5.3.9/bootstrap-reboot.min.css", f"{_FONT}/wght.css"
_STYLES = (
    _RESET,
    _LETTER_STYLE,
    "explore.css",
    "budgets.css",
    "charts.css",
    "users_table.css",
    "user_page.css",
    "trust.css",
)
PLAIN_STYLES = (_RESET, _LETTER_STYLE, *_INLINE_STYLES)  # of pages that are no dashboard
_LETTERS = f"{_FONT}/files/inter-latin-wght-normal.woff2"  # asked for at once, or words move when it comes
_THEME, _FIRST_PAINT = "theme.js", "first_paint.js"  # in the document as well
_PLOTLY = "vendor/plotly.js-basic-dist-min-4.1.1/plotly-basic.min.js"
_IMAGE, _PLAIN = re.compile(r"vendor/[^\"]+\.svg"), " /:=,.-"
_POLYFILL = re.compile(r'<script src="[^"]*/polyfill@[^"]*"></script>')
_SCRIPTS = (
    "vendor/regenerator-runtime-0.14.1/runtime.js",  # all that Dash needs of its polyfill in browsers of this decade
    "fetch.js",
    "address.js",
    "trust.js",
    "contact.js",
    "popovers.js",  # before what opens dialogs, or the focus would come back to what it has closed
    "aloud.js",
    "refresh.js",
    "charts.js",
    "chart_tools.js",
    "clock.js",
    "shortcuts.js",
    "users_table.js",
    "export.js",
    "local_times.js",
    "copy.js",
    "calendar.js",
    "find_user.js",
    "copy_link.js",
)
_KEEP_ELEMENTS = "keep_elements.js"  # between Dash's React and its renderer

_DOCUMENT = Template("""<!DOCTYPE html>
<html lang="en" data-viewer="$viewer">
  <head>
    $metas
    <title>$title</title>
    <meta name="description" content="$description">
    <meta name="theme-color" content="#f6f7f9">
    <link rel="icon" type="image/svg+xml" href="$icon">
    <script>$theme</script>
    <link rel="preload" as="font" type="font/woff2" crossorigin href="$letters">
    $styles
    $css
    <style>$inline_styles</style>
  </head>
  <body>
    $before
    <div id="still">$still</div>
    <noscript>
      <style>.drawn, .tbl { display: none; }</style>
      <p class="scriptless">Charts and users need JavaScript.</p>
    </noscript>
    $app_entry
    $config
    $facts
    $layout
    $dependencies
    <template id="ended">$ended</template>
    <template id="plotly"><script src="$plotly"></script></template>
    <template id="scripts">$our_scripts $scripts $keep_elements $renderer</template>
    <script>$first_paint</script>
  </body>
</html>
""")


class Page(Dash):
    """A Dash app whose document carries what it shows first.

    That is `first_view` of the empty page's JSON, the address, and who was let in. Nobody was let in where a portal's
    frame is to ask with a token: `before` then stands in its document, which has no data.
    """

    first_view: Callable[[bytes, Address, Admitted], FirstView]
    before: str

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override] # as Dash documents it
        """Return the document for one visitor."""
        empty = to_json_plotly(self.get_layout()).encode()
        who = somebody()
        address = Address(request.path, request.query_string.decode(errors="replace"))
        view = unseen(empty, address) if who is None else self.first_view(empty, address, who)
        return _DOCUMENT.substitute(
            parts | _fixed(self),
            viewer="" if who is None else who.viewer.key,
            before=self.before if who is None else "",
            scripts=_POLYFILL.sub("", parts["scripts"]),
            still=view.html,
            layout=json_block("carried-layout", view.layout),
            dependencies=json_block("carried-dependencies", self.dependencies().get_data(as_text=True)),
        )

    def csp_hashes(self, hash_algorithm: str = "sha256") -> list[str]:
        """Return the hashes of all scripts that stand in the document."""
        digests = (hashlib.new(hash_algorithm, text(path).encode()).digest() for path in (_THEME, _FIRST_PAINT))
        ours = [f"'{hash_algorithm}-{base64.b64encode(digest).decode()}'" for digest in digests]
        return [*super().csp_hashes(hash_algorithm), *ours]


def assets_folder() -> Path:
    """The assets beside this package in an installed wheel, or at the top level of the repository."""
    installed = Path(__file__).parents[1] / "assets"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "assets"


def asset_url(app: Dash, path: str) -> str:
    """Return an asset's URL, which carries its content's hash, or its version, so that it is kept for good."""
    versioned = path.startswith("vendor/")
    return str(app.get_asset_url(path)) + ("" if versioned else f"?v={_fingerprint(path)}")


def _fixed(app: Dash) -> dict[str, str]:
    """Return what is the same for all."""
    url = partial(asset_url, app)
    return {
        "description": DESCRIPTION,
        "icon": url("favicon.svg"),
        "letters": url(_LETTERS),
        "inline_styles": "".join(_with_its_images(text(path)) for path in _INLINE_STYLES),
        "styles": "".join(f'<link rel="stylesheet" href="{url(path)}">' for path in _STYLES),
        "ended": markup(json.loads(to_json_plotly(contact.ended()))),
        "facts": json_block("facts", to_json_plotly(_facts(app))),
        "plotly": url(_PLOTLY),
        "keep_elements": f'<script src="{url(_KEEP_ELEMENTS)}"></script>',
        "our_scripts": "".join(f'<script src="{url}"></script>' for url in (*map(url, _SCRIPTS), _graph(app))),
        "theme": text(_THEME),
        "first_paint": text(_FIRST_PAINT),
    }


def _graph(app: Dash) -> str:
    """Return the URL of the part of Dash that draws charts; Dash would ask for it late, and draw the table first."""
    path = build_fingerprint("dcc/async-graph.js", dash.__version__, 0)
    return str(app.get_relative_path(f"/_dash-component-suites/dash/{path}"))


def text(path: str) -> str:
    """Return the content of an asset."""
    return (assets_folder() / path).read_text()


def _with_its_images(style: str) -> str:
    """Return the style with the images that it names in it: of their bytes, headers would be the half."""
    return _IMAGE.sub(lambda found: f"data:image/svg+xml,{quote(text(found[0]), _PLAIN)}", style)


def _facts(app: Dash) -> dict[str, object]:
    """What the scripts know of Python's: the page's version and path, what sorts the table, and their words."""
    return {
        "root": app.get_relative_path("/"),
        "usual": USUAL,
        "version": version(),
        "sorts": list(UserSort),
        "ages": formats.AGES,
        "waits": formats.WAITS,
        "contact": contact.contact(),
        "shortcuts": {each.keys: each.control for each in shortcuts.SHORTCUTS},
    }


def json_block(block_id: str, json: str) -> str:
    """Return a part of the document that holds JSON for the scripts, from `to_json_plotly`: it holds no tags."""
    return f'<script type="application/json" id="{block_id}">{json}</script>'


def version() -> str:
    """Return what tells this page from one of another deploy: it changes with any of its files and with the package."""
    parts = (*_INLINE_STYLES, *_STYLES, _THEME, _FIRST_PAINT, _PLOTLY, *_SCRIPTS, _KEEP_ELEMENTS)
    prints = [path if path.startswith("vendor/") else _fingerprint(path) for path in parts]
    return hashlib.blake2b(repr((__version__, dash.__version__, prints)).encode(), digest_size=6).hexdigest()


def layout(refresh_seconds: float) -> html.Div:
    """The page, everything in place and of its final size, nothing known yet; it is the same for all."""
    return html.Div(
        [
            header.layout(),
            html.Main(
                [
                    html.Div(id=ids.PROBLEM),
                    html.Div(
                        [
                            html.Div(id=ids.PERSON, className="person"),
                            bar.layout(),
                            html.Div(id=ids.PERSON_FACTS),
                            html.Div(id=ids.CONTACT),
                            html.Div(id=ids.NOTICES),
                            html.Div(
                                trust_page.layout(),
                                className="trust-page",
                            ),
                            html.Div(cards.skeleton(), id=ids.CARDS, className="grid cards"),
                            html.Div(id=ids.BUDGETS),
                            html.Div([charts.layout(), html.Div(id=ids.PROGRESS)], className="drawn"),
                            html.Div(id=ids.PERSON_PANELS, className="grid parts"),
                            users_table.layout(),
                            html.Div(id=ids.ENTRIES),
                        ],
                        id=ids.BODY,
                        className="body view-loading",
                    ),
                    footer.layout(),
                ],
                className="page",
            ),
            *dialogs.layout(),
            shortcuts.layout(),
            dcc.Interval(id=ids.REFRESH_INTERVAL, interval=int(refresh_seconds * 1_000)),
            dcc.Store(id=ids.ASKED, data={"query": "", "at": ""}),
            *map(dcc.Store, _STORES),
        ]
    )


def _fingerprint(path: str) -> str:
    return hashlib.blake2b((assets_folder() / path).read_bytes(), digest_size=6).hexdigest()
