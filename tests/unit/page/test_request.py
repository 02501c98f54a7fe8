from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.ledger.choice import Choice
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.page.request import USUAL, Asked, Looks, Measure, Top, of_query, parse, parse_held, person_of
from usage_dash.reporting.filters import (
    By,
    Compare,
    Days,
    Filters,
    OpenedRow,
    RangeName,
    UserQuery,
    UserSort,
    key_of,
)

WHO = Admitted(Viewer.admin(), EVERYBODY)
TODAY = date(2026, 11, 24)
NAMES = ("range", "from", "to", "model", "user", "team", "by", "measure", "compare", "sort", "page", "open", "entries")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)
wild = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["7d", "2026-11-03", "-cost", "2", "0", "cumulative", "%FF", "1:ada", "teams", "2026-W45-2"]),
)
queries = st.lists(st.tuples(st.sampled_from((*NAMES, "sum", "top", "x")), wild), max_size=8).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
several = st.lists(names, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
days = st.tuples(st.dates(date(2020, 6, 1), TODAY), st.dates(date(2020, 6, 1), TODAY)).map(
    lambda two: Days(min(two), max(two))
)
askeds = st.builds(
    Asked,
    st.just(WHO),
    st.builds(
        Filters,
        st.sampled_from(RangeName) | days,
        st.builds(Choice, several, several, st.none() | st.just("") | names),
        st.none() | st.sampled_from(By),
        st.sampled_from(Compare),
    ),
    st.builds(
        UserQuery,
        st.sampled_from(UserSort),
        st.booleans(),
        st.integers(0, 999_999),
        st.just(10),
        st.dictionaries(names, st.integers(0, 30), max_size=3).map(
            lambda rows: tuple(OpenedRow(user, page) for user, page in sorted(rows.items()))
        ),
    ),
    st.builds(Looks, st.sampled_from(Measure), st.booleans(), st.sampled_from(Top), st.booleans()),
)


def test_an_address_asks_for_all_that_can_be_chosen() -> None:
    query = (
        "from=2026-11-03&to=2026-11-14&model=gpt-4o&model=o4-mini&user=ada&team=Support&by=week&compare=month"
        "&measure=tokens&sum=cumulative&top=teams&height=full&sort=calls&page=4&open=b&open=a&entries=3:a"
    )
    assert of_query(WHO, query, TODAY) == Asked(
        WHO,
        Filters(
            Days(date(2026, 11, 3), date(2026, 11, 14)),
            Choice(("gpt-4o", "o4-mini"), ("ada",), "Support"),
            By.WEEK,
            Compare.MONTH,
        ),
        UserQuery(UserSort.CALLS, descending=False, page=3, opened=(OpenedRow("a", 2), OpenedRow("b"))),
        Looks(Measure.TOKENS, cumulative=True, top=Top.TEAMS, full_height=True),
        said=query,
    )


def test_what_scripts_leave_out_is_what_is_not_written() -> None:
    asked = of_query(WHO, urlencode(USUAL), TODAY)
    assert (asked.query, asked.left_out) == ("", ())


def test_nothing_asked_is_the_default() -> None:
    assert parse(WHO, None, TODAY) == of_query(WHO, "", TODAY) == Asked(WHO)
    assert Asked(WHO).query == ""


@given(askeds)
def test_what_is_written_is_read_as_the_same(asked: Asked) -> None:
    read = of_query(WHO, asked.query, TODAY)
    assert (read.filters, read.users, read.looks, read.left_out) == (asked.filters, asked.users, asked.looks, ())
    assert read.query == asked.query


@given(st.fixed_dictionaries({}, optional={"query": json_values | queries, "at": json_values, "rows": json_values}))
def test_anything_at_all_is_read_as_something_sensible(told: object) -> None:
    asked = parse(WHO, told, TODAY)
    assert asked.users.page_size in {5, 10}
    assert 0 <= asked.users.page <= 1_000_000
    assert len(asked.users.opened) <= 50
    assert key_of(asked.filters, asked.users, asked.looks, asked.person, asked.trust, asked.left_out)


@given(queries)
def test_whatever_an_address_says_the_rest_of_it_can_be_written_again(query: str) -> None:
    asked = of_query(WHO, query, TODAY)
    again = of_query(WHO, asked.query, TODAY)
    assert (again.filters, again.users, again.looks) == (asked.filters, asked.users, asked.looks)
    assert again.left_out == ()


@pytest.mark.parametrize(
    "query",
    [
        "range=1e9",
        "range=7d&range=30d",
        "from=2026-11-14&to=2026-11-03",
        "from=2026-11-25&to=2026-11-26",
        "from=20261103&to=2026-11-14",
        "sort=1; DROP",
        "page=0",
        "page=x",
        "page=1&page=2",
        "team=a&team=b",
        "model=",
        "measure=money",
        "sum=all",
        "compare=now",
        "by=hour",
        "model=%FF",
    ],
)
def test_what_cannot_be_is_left_out_and_told(query: str) -> None:
    asked = of_query(WHO, query, TODAY)
    assert len(asked.left_out) == 1
    assert (asked.filters, asked.users, asked.looks) == (Filters(), UserQuery(), Looks())


@pytest.mark.parametrize("query", ["\ud800", "x=\ud800", "range=7d&model=\udfff"])
def test_what_no_address_can_hold_is_answered_in_what_json_can(query: str) -> None:
    found = parse(WHO, {"query": query, "at": ""}, TODAY)
    assert found.said.encode().decode() == found.said
    assert found.filters.choice.models in {(), ("\ufffd",)}


def test_an_address_of_thousands_of_names_is_left_out() -> None:
    query = urlencode([("model", str(number)) for number in range(5_000)])
    assert len(parse_qs(query)["model"]) == 5_000
    assert of_query(WHO, query, TODAY).left_out


def test_on_a_users_page_no_other_user_and_no_team_is_chosen() -> None:
    asked = of_query(WHO, "model=m&user=bob&team=t", TODAY, "users/ada")
    assert asked.shown.choice == Choice(("m",), ("ada",))
    assert asked.filters.choice == Choice(("m",), ("bob",), "t")


@pytest.mark.parametrize(
    ("path", "person"),
    [("/users/ada", "ada"), ("/users/a/b ü", "a/b ü"), ("/users/", None), ("/users", None), ("/", None), ("/x", None)],
)
def test_a_path_tells_whose_page_it_is(path: str, person: str | None) -> None:
    assert person_of(path) == person


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("/trust", "trust"),
        ("trust/", "trust"),
        ("/trust/x", ""),
        ("/Trust", ""),
        ("/users/trust", "users/trust"),
        ("/", ""),
    ],
)
def test_a_path_tells_which_page_it_is(path: str, at: str) -> None:
    for asked in (of_query(WHO, "", TODAY, path), parse(WHO, {"at": path}, TODAY)):
        assert (asked.at, asked.trust) == (at, at == "trust")


@given(json_values)
def test_what_the_browser_holds_is_short_strings_or_nothing(held: object) -> None:
    assert all(isinstance(key, str) and len(key) <= 64 for key in parse_held(held).values())


@pytest.mark.parametrize(
    ("rows", "size"), [(5, 5), (10, 10), (None, 10), (5.0, 10), (True, 10), ("5", 10), (10**9, 10)]
)
def test_a_page_of_the_table_has_ten_rows_or_the_five_of_a_frame(rows: object, size: int) -> None:
    assert parse(WHO, {"rows": rows}, TODAY).users.page_size == size


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        ("", "range=7d&model=gpt-5&team=Support&user=ada"),
        ("trust", "range=7d&model=gpt-5&team=Support&user=ada"),
        ("users/bob", "range=7d&model=gpt-5"),
    ],
)
def test_other_pages_keep_what_is_chosen_but_not_what_the_table_shows(at: str, kept: str) -> None:
    asked = of_query(WHO, "range=7d&model=gpt-5&team=Support&user=ada&sort=calls&page=3", TODAY, at)
    assert sorted(asked.kept.split("&")) == sorted(kept.split("&"))
