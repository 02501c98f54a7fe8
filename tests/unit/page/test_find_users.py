from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dash.development.base_component import Component
from hypothesis import given
from hypothesis import strategies as st
from plotly.io.json import to_json_plotly

from usage_dash.page.components.times import Clock
from usage_dash.page.find_users import listed, marked
from usage_dash.page.markup import markup
from usage_dash.page.names import contained
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.user_models import FoundUser, FoundUsers

MARIA = FoundUser(
    "maria.oduya",
    "Maria Oduya",
    "mo@acme.example",
    "Research",
    Sum(2_841.22),
    datetime(2026, 11, 24, 11, 9, tzinfo=UTC),
)
BOT = FoundUser("svc/bot ü", "", "", "", Sum(0.0, lacking=1))
CLOCK = Clock(datetime(2026, 11, 24, 12, tzinfo=UTC), ZoneInfo("UTC"))


def html_of(component: Component) -> str:
    return markup(json.loads(to_json_plotly(component)))


def pieces(name: str, text: str) -> list[Any]:
    children = marked(name, text).children
    return [getattr(each, "children", each) for each in children] if isinstance(children, list) else [children]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("Maria Oduya", "mar", ["", "Mar", "ia Oduya"]),
        ("Maria Oduya", "ODU", ["Maria ", "Odu", "ya"]),
        ("José Ñuñez", "jose n", ["", "José Ñ", "uñez"]),
        ("m.hale", "mar", ["m.hale"]),
        ("İstanbul", "stan", ["İ", "stan", "bul"]),
        ("Maria", "", ["Maria"]),
    ],
)
def test_what_was_typed_is_marked_whatever_its_case_and_accents(name: str, text: str, said: list[str]) -> None:
    assert pieces(name, text) == said


@given(st.text(), st.text())
def test_marking_loses_nothing_of_a_name(name: str, text: str) -> None:
    assert "".join(pieces(name, text)) == contained(name)


def test_each_user_found_is_an_option_with_name_id_address_team_cost_and_last_activity() -> None:
    drawn = html_of(listed(FoundUsers((MARIA, BOT), 2), "mar", CLOCK))
    assert drawn.count('role="option"') == 2
    assert "<b><bdi><mark>Mar</mark>ia Oduya</bdi></b>" in drawn
    assert "<small><bdi><mark>mar</mark>ia.oduya</bdi> · <bdi>mo@acme.example</bdi></small>" in drawn
    assert "Research" in drawn
    assert re.search(r"\$2,841\.22<small><time [^>]*>51 min ago</time></small>", drawn)
    assert "2 users" in drawn


def test_who_has_no_name_keeps_the_id_once_and_an_unknown_cost_is_no_zero() -> None:
    drawn = html_of(listed(FoundUsers((MARIA, BOT), 2), "bot", CLOCK))
    option = drawn.partition('id="found-list-1"')[2]
    assert "<b><bdi>svc/<mark>bot</mark> ü</bdi></b><small></small>" in option
    assert 'data-user="svc%2Fbot%20%C3%BC"' in option
    assert "No team" in option
    assert '<span class="r num">–</span>' in option


def test_more_than_are_listed_are_counted() -> None:
    assert "1 of 1,214, type on" in html_of(listed(FoundUsers((MARIA,), 1_214), "m", CLOCK))


def test_nobody_is_told_in_the_same_words_whether_they_are_or_may_not_be_seen() -> None:
    drawn = html_of(listed(FoundUsers((), 0), "<xyz>", CLOCK))
    assert "Nobody called “\u2068&lt;xyz&gt;\u2069” among the users you may see." in drawn
    assert "listbox" not in drawn
