"""docs/addresses.md: it has every name and value of the grammar, and nothing else."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl

import pytest

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.ledger.choice import Choice
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.page.request import Asked, Looks, Measure, Top, of_query
from usage_dash.reporting.filters import By, Compare, Days, Filters, OpenedRow, RangeName, UserQuery, UserSort

DOC: Final = (Path(__file__).parents[3] / "docs" / "addresses.md").read_text(encoding="utf-8")
EXAMPLES: Final = [*re.findall(r"^(/\S*)$", DOC, re.MULTILINE), *re.findall(r"^\| `(/\S+)` \|", DOC, re.MULTILINE)]
TODAY: Final = date(2026, 11, 25)
WHO: Final = Admitted(Viewer.admin(), EVERYBODY)
DAY: Final = date(2026, 11, 3)

CHOSEN: Final = Asked(
    WHO,
    Filters(RangeName.WEEK, Choice(("gpt-4o",), ("u-1",), "Support"), By.WEEK, Compare.NONE),
    UserQuery(UserSort.CALLS, page=1, opened=(OpenedRow("u-1", page=1),)),
    Looks(Measure.TOKENS, cumulative=True, top=Top.TEAMS, full_height=True),
)
BY_DAYS: Final = Asked(WHO, Filters(Days(DAY, DAY)))
VALUES: Final[dict[str, Any]] = {
    "range": RangeName,
    "by": By,
    "compare": Compare,
    "measure": Measure,
    "sum": ["cumulative"],
    "height": ["full"],
    "top": Top,
    "sort": UserSort,
}


def _rows() -> dict[str, str]:
    """The tables' rows by the names that they tell of."""
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| (.*)$", DOC, re.MULTILINE)
    return {name: row for names, row in rows for name in re.findall(r"`(.+?)`", names)}


def test_every_name_that_an_address_can_have_is_told_and_no_other() -> None:
    assert _rows().keys() == parse_qs(CHOSEN.query).keys() | parse_qs(BY_DAYS.query).keys()


@pytest.mark.parametrize("name", VALUES)
def test_every_value_is_told(name: str) -> None:
    told = re.findall(r"`(.+?)`", _rows()[name])
    assert {str(value) for value in VALUES[name]} <= set(told)


@pytest.mark.parametrize("example", EXAMPLES)
def test_of_an_example_nothing_is_left_out(example: str) -> None:
    path, _, query = example.partition("?")
    query = re.sub(r"&(user-page|at|theme|hide)=[^&]*", "", query) if path == "/embed" else query
    asked = of_query(WHO, query, TODAY, path)
    assert asked.left_out == ()
    assert sorted(parse_qsl(asked.query, keep_blank_values=True)) == sorted(parse_qsl(query, keep_blank_values=True))
    assert (asked.person is None) == (not path.startswith("/users/"))
    assert asked.trust == (path == "/trust")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 10
