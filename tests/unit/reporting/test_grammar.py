"""What an address asks for, and how it is written."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.ledger.choice import Choice
from usage_dash.reporting.filters import By, Compare, Days, Filters, RangeName
from usage_dash.reporting.grammar import LONGEST_NAME, Read, filters_of, written

TODAY = date(2026, 11, 25)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5)
CHOSEN = st.sets(NAMES, max_size=4).map(lambda names: tuple(sorted(names)))
DAYS = st.builds(
    lambda end, length: Days(TODAY - timedelta(end + length), TODAY - timedelta(end)),
    st.integers(0, 1_000),
    st.integers(0, 1_000),
)
FILTERS = st.builds(
    Filters,
    range=st.sampled_from(RangeName) | DAYS,
    choice=st.builds(Choice, models=CHOSEN, users=CHOSEN, team=st.none() | st.just("") | NAMES),
    by=st.none() | st.sampled_from(By),
    compare=st.sampled_from(Compare),
)
WORDS = (
    ["range", "from", "to", "model", "user", "team", "by", "compare", "sort"],
    ["7d", "mtd", "2026-11-01", "2026-11-30", "2020-01-01", "day", "none", "", "\ud800", "x" * (LONGEST_NAME + 1)],
)
WILD = st.dictionaries(
    st.sampled_from(WORDS[0]) | st.text(max_size=4),
    st.lists(st.sampled_from(WORDS[1]) | st.text(max_size=10), max_size=3),
)


def read(*pairs: tuple[str, str], today: date = TODAY) -> Read:
    query: dict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        query[name].append(value)
    return filters_of(query, today)


@given(FILTERS)
def test_what_is_written_is_read_as_it_was(filters: Filters) -> None:
    assert read(*written(filters)) == Read(filters, ())


@given(WILD)
def test_whatever_is_in_an_address_gives_filters_that_can_be_written(query: dict[str, list[str]]) -> None:
    found = filters_of(query, TODAY)
    assert read(*written(found.filters)) == Read(found.filters, ())
    days = found.filters.range
    assert isinstance(days, RangeName) or date(2020, 6, 1) <= days.first <= days.last <= TODAY


def test_what_is_as_at_first_is_not_written() -> None:
    assert written(Filters()) == []
    assert read() == Read(Filters(), ())


def test_everything_has_its_name() -> None:
    choice = Choice(models=("a", "b"), users=("u",), team="")
    filters = Filters(Days(date(2026, 11, 3), date(2026, 11, 14)), choice, By.WEEK, Compare.NONE)
    assert written(filters) == [
        ("from", "2026-11-03"),
        ("to", "2026-11-14"),
        ("model", "a"),
        ("model", "b"),
        ("user", "u"),
        ("team", ""),
        ("by", "week"),
        ("compare", "none"),
    ]
    assert written(Filters(RangeName.LAST_MONTH)) == [("range", "last-month")]


def test_names_count_once_and_in_any_order() -> None:
    assert read(("model", "b"), ("model", "a"), ("model", "b")).filters.choice.models == ("a", "b")


@pytest.mark.parametrize(
    ("pairs", "first", "last"),
    [
        ([("from", "2026-11-03"), ("to", "2026-11-03")], date(2026, 11, 3), date(2026, 11, 3)),
        ([("from", "2026-11-03"), ("to", "2027-01-01")], date(2026, 11, 3), TODAY),
        ([("from", "2019-11-03"), ("to", "2020-06-01")], date(2020, 6, 1), date(2020, 6, 1)),
        ([("from", "2026-11-03")], date(2026, 11, 3), TODAY),
        ([("from", "2026-11-25")], TODAY, TODAY),
    ],
)
def test_days_are_those_on_which_there_can_be_usage(pairs: list[tuple[str, str]], first: date, last: date) -> None:
    assert read(*pairs) == Read(Filters(Days(first, last)), ())


@pytest.mark.parametrize(
    "pairs",
    [
        [("from", "2026-11-26")],
        [("from", "2026-11-14"), ("to", "2026-11-03")],
        [("from", "2019-01-01"), ("to", "2020-05-31")],
        [("to", "2026-11-03")],
        [("from", ""), ("to", "2026-11-03")],
        [("from", "2026-11-03"), ("to", "")],
        [("from", "2026-11-31"), ("to", "2026-12-01")],
        [("from", "20261103"), ("to", "2026-11-14")],
        [("from", "2026-W45-2"), ("to", "2026-11-14")],
        [("from", "3 Nov"), ("to", "2026-11-14")],
        [("from", "2026-11-03"), ("from", "2026-11-04"), ("to", "2026-11-14")],
        [("from", "2026-11-03"), ("to", "2026-11-14"), ("to", "2026-11-15")],
        [("from", "2026-11-03"), ("to", "2026-11-14"), ("range", "7d")],
    ],
)
def test_days_that_cannot_be_are_left_out(pairs: list[tuple[str, str]]) -> None:
    assert read(*pairs) == Read(Filters(), ("days that cannot be",))


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("range", "8d")], "“range” that is not one of 7d, 30d, 90d, mtd, last-month, all"),
        ([("range", "7d"), ("range", "90d")], "“range” that is not one of 7d, 30d, 90d, mtd, last-month, all"),
        ([("by", "hour")], "“by” that is not one of day, week, month"),
        ([("compare", "")], "“compare” that is not one of previous, month, none"),
        ([("model", "")], "a model that cannot be one"),
        ([("model", "x" * (LONGEST_NAME + 1))], "a model that cannot be one"),
        ([("user", "\ud800")], "a user that cannot be one"),
        ([("team", "\ud800")], "a team that cannot be one, or several"),
        ([("team", "a"), ("team", "b")], "a team that cannot be one, or several"),
    ],
)
def test_what_cannot_be_is_left_out_and_told_in_words(pairs: list[tuple[str, str]], words: str) -> None:
    assert read(*pairs) == Read(Filters(), (words,))


def test_what_is_right_beside_something_wrong_is_kept() -> None:
    found = read(("range", "7d"), ("by", "hour"), ("model", "gpt-5"), ("model", ""))
    assert found.filters == Filters(RangeName.WEEK, Choice(models=("gpt-5",)))
    assert len(found.left_out) == 2


def test_no_more_than_200_names_are_read() -> None:
    found = read(*(("user", f"{number:03}") for number in range(201)))
    assert found.filters.choice.users == tuple(f"{number:03}" for number in range(200))
    assert found.left_out == ("a user that cannot be one",)
