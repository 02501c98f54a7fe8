"""Who looks, as the header tells it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from plotly.io.json import to_json_plotly
from tests.integration.page_client import text

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.page.components.account import account


def shown(viewer: Viewer, *, can_leave: bool = True) -> Any:
    return json.loads(to_json_plotly(account(Admitted(viewer, EVERYBODY, can_leave), "/usage/sign-out")))


@pytest.mark.parametrize(
    ("viewer", "said"),
    [
        (
            Viewer.admin("Mara Keller", "mara@acme.example"),
            "MKMara Kellermara@acme.exampleAdmin · sees all usersSign out",
        ),
        (Viewer.viewer(email="jo.brandt@acme.example"), "JBjo.brandt@acme.exampleViewer · sees all usersSign out"),
        (Viewer.lead(["Support"], "Tove"), "TToveLead · sees SupportSign out"),
        (Viewer.lead(["D", "C", "B", "A"], "Tove"), "TToveLead · sees A, B, C and 1 moreSign out"),
        (Viewer.only(["u-1"], "ada", "ada@acme.example"), "Aadaada@acme.exampleYou see your own usageSign out"),
        (Viewer.viewer(), "Viewer · sees all usersSign out"),
    ],
)
def test_who_looks_and_what_they_see(viewer: Viewer, said: str) -> None:
    assert text(shown(viewer)).replace("\u2068", "").replace("\u2069", "") == said


def test_who_had_not_to_say_who_they_are_has_no_menu() -> None:
    assert shown(Viewer.admin(), can_leave=False) is None


def test_who_has_no_session_of_ours_cannot_end_it() -> None:
    assert "Sign out" not in text(shown(Viewer.admin("Mara"), can_leave=False))


def test_signing_out_is_a_post_to_our_page() -> None:
    menu = shown(Viewer.admin("Mara"))["props"]["children"][1]["props"]["children"]
    form = menu[-1]["props"]
    assert (form["method"], form["action"]) == ("post", "/usage/sign-out")
