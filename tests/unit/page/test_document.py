from __future__ import annotations

import json
import re

from plotly.io.json import to_json_plotly

from usage_dash.page.components import contact
from usage_dash.page.document import json_block


def test_a_block_of_json_cannot_be_left_from_within() -> None:
    value = {"said": "</script><script>alert(1)</script><!--"}
    block = json_block("some-id", to_json_plotly(value))
    opened = re.fullmatch(r'<script type="application/json" id="some-id">([^<>]*)</script>', block)
    assert opened
    assert json.loads(opened[1]) == value


def test_each_state_that_only_a_browser_knows_has_a_pill_of_its_name_and_a_notice() -> None:
    said = contact.contact()
    for state in ("offline", "outdated"):
        assert said[state]["pill"].to_plotly_json()["props"]["data-state"] == state
        assert said[state]["notice"].className == "note warn"


def test_it_can_be_told_that_figures_or_the_table_are_not_those_that_were_chosen() -> None:
    assert {what: notice.className for what, notice in contact.contact()["still"].items()} == {
        "figures": "note warn",
        "table": "note warn",
    }
