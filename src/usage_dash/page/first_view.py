"""The page as it reaches a browser first: with the figures in it, to be read before Dash is there and then taken over.

Both are made from one layout, filled with what the first answer would bring: HTML of all that is to be seen, and the
layout's JSON, from which Dash draws the same in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from plotly.io.json import to_json_plotly

from usage_dash.page import ids
from usage_dash.page.answer import OUTPUTS, answer
from usage_dash.page.board import Board
from usage_dash.page.components import charts
from usage_dash.page.markup import markup
from usage_dash.page.request import parse_address

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FirstView:
    """What is to be seen, as HTML, and the same as the layout's JSON, which may stand in a script element."""

    html: str
    layout: str


def first_view(board: Board, layout: bytes, address: Mapping[str, str]) -> FirstView:
    """Return what a new visitor sees; `layout` is the JSON of the empty page, `address` holds choices, if any.

    Nobody waits for the source: it tells what is known now, and the page asks for the news.
    """
    page = orjson.loads(layout)
    asked = parse_address(address)
    changes = orjson.loads(orjson.dumps(answer(board, board.sync.state, asked, {})))
    nodes = {node["props"].get("id"): node for node in _nodes(page)}
    nodes[ids.RANGE]["props"]["value"] = asked.filters.range
    nodes[ids.ASKED]["props"]["data"] |= {"sort": asked.users.sort, "descending": asked.users.descending}
    for name, value in changes.items():
        component, prop = OUTPUTS[name]
        nodes[component]["props"][prop] = value
    for chart, drawn in changes.get("charts", {}).items():
        nodes[charts.caption_id(chart)]["props"]["children"] = drawn["caption"]
        nodes[charts.summary_id(chart)]["props"]["aria-label"] = drawn["summary"]
    header, main, *_unseen = page["props"]["children"]
    return FirstView(markup([header, main]), to_json_plotly(page))


def _nodes(component: Any) -> Iterator[Node]:
    if isinstance(component, list):
        for each in component:
            yield from _nodes(each)
    elif isinstance(component, dict):
        yield component
        yield from _nodes(component["props"].get("children"))
