from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.page.request import Asked, choices, parse, parse_held
from usage_dash.reporting.filters import Filters, OpenedRow, RangeName, UserQuery, UserSort, key_of

WHO = Admitted(Viewer.admin(), EVERYBODY)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)
tables = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("sort", "descending", "page", "opened", "rows"), json_values),
)
opened_rows = st.fixed_dictionaries({}, optional={"user": json_values, "page": json_values})


def test_choices_are_read() -> None:
    table = {"sort": "calls", "descending": False, "page": 3, "opened": [{"user": "b"}, {"user": "a", "page": 2}]}
    asked = parse(WHO, "90d", table)
    opened = (OpenedRow("a", 2), OpenedRow("b"))
    query = UserQuery(UserSort.CALLS, descending=False, page=3, opened=opened)
    assert asked == Asked(WHO, Filters(RangeName.QUARTER), query)


def test_nothing_asked_is_the_default() -> None:
    assert parse(WHO, None, None) == Asked(WHO, Filters(), UserQuery())


@given(json_values, json_values | tables | st.builds(lambda rows: {"opened": rows}, st.lists(opened_rows)))
def test_anything_at_all_is_read_as_something_sensible(range_name: object, table: object) -> None:
    asked = parse(WHO, range_name, table)
    assert asked.filters.range in RangeName
    assert asked.users.sort in UserSort
    assert 0 <= asked.users.page <= 1_000_000
    assert len(asked.users.opened) <= 50
    assert all(len(row.user_id) > 0 and 0 <= row.page <= 1_000_000 for row in asked.users.opened)
    assert key_of(asked.filters, asked.users)


@given(json_values)
def test_what_the_browser_holds_is_short_strings_or_nothing(held: object) -> None:
    assert all(isinstance(key, str) and len(key) <= 64 for key in parse_held(held).values())


@pytest.mark.parametrize(
    ("address", "filters", "sort", "descending"),
    [
        ({}, Filters(), UserSort.COST, True),
        ({"range": "7d", "sort": "user", "order": "asc"}, Filters(RangeName.WEEK), UserSort.USER, False),
        ({"range": "all", "sort": "calls", "order": "desc"}, Filters(RangeName.ALL), UserSort.CALLS, True),
        ({"range": "<script>", "sort": "1; DROP", "order": "x"}, Filters(), UserSort.COST, True),
    ],
)
def test_an_address_may_carry_choices(
    address: dict[str, str],
    filters: Filters,
    sort: UserSort,
    descending: bool,  # noqa: FBT001 - a case of the table
) -> None:
    shown, users = choices(address)
    assert shown == filters
    assert (users.sort, users.descending) == (sort, descending)
    assert users.opened == ()


@pytest.mark.parametrize(
    ("rows", "size"), [(5, 5), (10, 10), (None, 10), (5.0, 10), (True, 10), ("5", 10), (10**9, 10)]
)
def test_a_page_of_the_table_has_ten_rows_or_the_five_of_a_frame(rows: object, size: int) -> None:
    assert parse(WHO, None, {"rows": rows}).users.page_size == size
