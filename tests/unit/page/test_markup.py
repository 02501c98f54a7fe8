from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import orjson
import pytest
from dash import dash_table, dcc, html
from hypothesis import given
from hypothesis import strategies as st
from plotly.io.json import to_json_plotly

from usage_dash.page.components.elements import attributes
from usage_dash.page.markup import markup


def html_of(component: Any) -> str:
    return markup(orjson.loads(to_json_plotly(component)))


class Reader(HTMLParser):
    """What a browser makes of HTML: the text, and each tag's attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_elements_keep_their_order_names_and_texts() -> None:
    drawn = html_of(html.H2(["Total cost", html.Em("all time"), 5, None], className="lab", id="one"))
    assert drawn == '<h2 id="one" class="lab">Total cost<em>all time</em>5</h2>'


def test_attributes_are_those_that_dash_sets() -> None:
    part = html.Time(
        "now",
        dateTime="2026-01-02",
        title="a “b”",
        hidden=True,
        n_clicks=3,
        **attributes(data_since="x", aria_live="off"),
    )
    [(tag, found)] = Reader(html_of(part)).tags
    assert tag == "time"
    assert found == {"datetime": "2026-01-02", "title": "a “b”", "hidden": None, "data-since": "x", "aria-live": "off"}
    assert Reader(html_of(html.Div(hidden=False))).tags == [("div", {})]
    assert Reader(html_of(html.Div(tabIndex=0))).tags == [("div", {"tabindex": "0"})]


def test_styles_are_written_as_css() -> None:
    [(_, found)] = Reader(html_of(html.Div(style={"--spark": 'url("data:,x")', "--rows": 3}))).tags
    assert found == {"style": '--spark: url("data:,x"); --rows: 3;'}


@given(st.text())
def test_any_text_stays_text(text: str) -> None:
    readable = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    seen = Reader(html_of(html.P(readable, title=readable)))
    assert seen.text == readable
    assert seen.tags == [("p", {"title": readable})]


def test_what_only_a_script_draws_is_an_empty_place() -> None:
    assert html_of(dcc.Graph(id="chart", className="graph")) == '<div id="chart" class="graph"></div>'
    with pytest.warns(DeprecationWarning, match="DataTable"):
        table = dash_table.DataTable(id="table", data=[{"user": "somebody"}])
    assert html_of(table) == '<div id="table"></div>'
    assert html_of([dcc.Store(id="held"), dcc.Interval(id="timer")]) == ""


def test_a_component_that_nobody_drew_yet_is_an_error() -> None:
    with pytest.raises(KeyError, match="Slider"):
        html_of(dcc.Slider(min=0, max=1))
