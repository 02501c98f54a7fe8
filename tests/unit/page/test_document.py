from __future__ import annotations

import json
import re

from plotly.io.json import to_json_plotly

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.page.components import contact
from usage_dash.page.components.users_table import first_choices
from usage_dash.page.document import json_block
from usage_dash.page.request import parse
from usage_dash.reporting.filters import Filters, RangeName, UserQuery
from usage_dash.reporting.ranges import OFFERS


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


def test_each_range_can_be_named_as_the_one_that_is_still_shown() -> None:
    still = contact.contact()["still"]
    assert still.keys() == {*RangeName, "table"}
    for name in RangeName:
        assert f"“{OFFERS[name].switch}”" in str(still[name])


def test_what_the_table_shows_at_first_is_what_is_asked_by_default() -> None:
    asked = parse(Admitted(Viewer.admin(), EVERYBODY), None, first_choices())
    assert asked.users == UserQuery()
    assert asked.filters == Filters()
