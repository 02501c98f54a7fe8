"""Who looks, as the header tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from plotly.io.json import to_json_plotly
from tests.integration.page_client import text

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.page.components.account import account
from usage_dash.page.links import Links

CHOICES = "ThemeSystemLightDarkShort-cuts?"


def shown(viewer: Viewer, *, can_leave: bool = True) -> Any:
    scope = Scope(viewer.users) if viewer.users else EVERYBODY
    return json.loads(to_json_plotly(account(Admitted(viewer, scope, can_leave), Links("/usage/"))))


def elements(component: Any, kind: str) -> Iterator[dict[str, Any]]:
    """The properties of all elements of a kind."""
    for each in component if isinstance(component, list) else [component]:
        if isinstance(each, dict):
            yield from [each["props"]] if each["type"] == kind else []
            yield from elements(each["props"].get("children"), kind)


@pytest.mark.parametrize(
    ("viewer", "said"),
    [
        (Viewer.admin("Mara Keller", "mara@acme.example"), "MKMara Kellermara@acme.exampleAdmin · sees all users"),
        (Viewer.viewer(email="jo.brandt@acme.example"), "JBjo.brandt@acme.exampleViewer · sees all users"),
        (Viewer.lead(["Support"], "Tove"), "TToveLead · sees Support"),
        (Viewer.lead(["D", "C", "B", "A"], "Tove"), "TToveLead · sees A, B, C and 1 more"),
        (Viewer.only(["u-1", "u-2"], "ada", "ada@acme.example"), "Aadaada@acme.exampleYou see your own usage"),
        (Viewer.viewer(), "Viewer · sees all users"),
    ],
)
def test_who_looks_and_what_they_see(viewer: Viewer, said: str) -> None:
    assert text(shown(viewer)).replace("\u2068", "").replace("\u2069", "") == f"{said}{CHOICES}Sign out"


def test_who_had_not_to_say_who_they_are_has_no_menu() -> None:
    assert shown(Viewer.admin(), can_leave=False) is None


def test_who_has_no_session_of_ours_cannot_end_it() -> None:
    assert "Sign out" not in text(shown(Viewer.admin("Mara"), can_leave=False))


def test_signing_out_is_a_post_to_our_page() -> None:
    [form] = elements(shown(Viewer.admin("Mara")), "Form")
    assert (form["method"], form["action"]) == ("post", "/usage/sign-out")


def test_who_sees_one_usage_document_has_a_way_to_its_page() -> None:
    [link] = elements(shown(Viewer.only(["u/1"], "ada")), "A")
    assert (text(link["children"]), link["href"]) == ("My usage", "/usage/users/u%2F1")
    for others in (Viewer.admin("Mara"), Viewer.only([], "ada"), Viewer.only(["u-1", "u-2"], "ada")):
        assert list(elements(shown(others), "A")) == []
