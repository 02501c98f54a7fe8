"""The page as it reaches a browser first: with the figures in it, to be read before Dash is there and then taken over.

Both are made from one layout, filled with what the first answer would bring: HTML of all that is to be seen, and the
layout's JSON, from which Dash draws the same in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson
from plotly.io.json import to_json_plotly

from usage_dash.access.current import Admitted
from usage_dash.page import ids
from usage_dash.page.answer import OUTPUTS, answer
from usage_dash.page.board import Board
from usage_dash.page.components import header
from usage_dash.page.components.account import account
from usage_dash.page.components.chart import TITLES
from usage_dash.page.components.chart_panels import PARTS, panel_id, part_id
from usage_dash.page.markup import markup
from usage_dash.page.request import FEWER_ROWS, TRUST, USERS, of_query
from usage_dash.reporting.grammar import is_name

Node = dict[str, Any]

_PERSON: Final = "user-page"  # in a frame’s address (assets/address.js): whose page it shows
_AT: Final = "at"  # or which other
_LOOKS: Final = ("theme", "hide")  # and what its portal says


@dataclass(frozen=True, slots=True)
class FirstView:
    """What is to be seen, as HTML, and the same as the layout's JSON, which may stand in a script element."""

    html: str
    layout: str


@dataclass(frozen=True, slots=True)
class Address:
    """Which page a visitor has asked for: its path below the dashboard's own, and its query string."""

    path: str
    query: str


def first_view(board: Board, layout: bytes, address: Address, who: Admitted) -> FirstView:
    """Return what a new visitor sees at an address; `layout` is the JSON of the empty page.

    Nobody waits for the source: it tells what is known now, and the page asks for the news.
    """
    page = orjson.loads(layout)
    asked = of_query(who, address.query, board.reports.today, address.path)
    changes = orjson.loads(orjson.dumps(answer(board, board.sync.state, asked, {})))
    nodes = _asking(page, asked.said, asked.at)
    for name, value in changes.items():
        component, prop = OUTPUTS[name]
        nodes[component][prop] = value
    if "charts" in changes:
        _put_charts(nodes, changes["charts"])
    nodes[ids.ACCOUNT]["children"] = orjson.loads(to_json_plotly(account(who, board.links)))
    if who.viewer.rights.source:
        nodes[ids.SOURCE]["children"] = orjson.loads(to_json_plotly(header.source_name(board.source)))
        nodes[ids.BILL]["hidden"] = not board.source.billed
    return _seen(page)


def unseen(layout: bytes, address: Address) -> FirstView:
    """Return what is the same for all, for whom nobody let in yet: the empty page that will ask for the address.

    It is a frame's, whose address says in `user-page` whose page it shows, or in `at` which other, and has words of the
    portal.
    """
    page = orjson.loads(layout)
    pairs = parse_qsl(address.query, keep_blank_values=True)
    query = urlencode([(name, value) for name, value in pairs if name not in {_PERSON, _AT, *_LOOKS}])
    _asking(page, query, _framed_at(pairs))[ids.ASKED]["data"]["rows"] = FEWER_ROWS
    return _seen(page)


def _framed_at(pairs: list[tuple[str, str]]) -> str:
    """Return the path of what a frame shows."""
    said = dict(reversed(pairs))
    if is_name(said.get(_PERSON, "")):
        return f"{USERS}/{said[_PERSON]}"
    return TRUST if said.get(_AT) == TRUST else ""


def _asking(page: Node, query: str, at: str) -> dict[str, Any]:
    """Put into a page what it asks; returns the properties of its components, by id."""
    nodes = {node["props"].get("id"): node["props"] for node in _nodes(page)}
    nodes[ids.ASKED]["data"] = {"query": query, "at": at}
    return nodes


def _put_charts(nodes: dict[str, Any], drawn: dict[str, Any]) -> None:
    """Do what assets/charts.js does, but for the figures, which only a script can draw."""
    for chart in TITLES:
        nodes[panel_id(chart)]["hidden"] = chart not in drawn
        for part, place in PARTS.items() if chart in drawn else ():
            nodes[part_id(chart, part)][place] = drawn[chart][part]


def _seen(page: Node) -> FirstView:
    top, main, *_others = page["props"]["children"]
    return FirstView(markup([top, main]), to_json_plotly(page))


def _nodes(component: Any) -> Iterator[Node]:
    if isinstance(component, list):
        for each in component:
            yield from _nodes(each)
    elif isinstance(component, dict):
        yield component
        yield from _nodes(component["props"].get("children"))
