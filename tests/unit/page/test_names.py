from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.page.names import contained, fenced, labels

OPENED, CLOSED = "\u2068", "\u2069"
LEFT, FORCED_LEFT = "\u202b", "\u202e"
MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2029\n"

long_names = st.text("ab-.", min_size=20, max_size=70)
names = st.lists(long_names | st.text(max_size=40), unique=True, max_size=12)


@given(names)
def test_different_names_have_different_labels(found: list[str]) -> None:
    assert len(set(labels(found))) == len(found)


@given(st.text("ab", min_size=60, max_size=60), st.integers(0, 59))
def test_two_names_that_differ_in_one_place_are_told_apart_in_a_few_letters(name: str, place: int) -> None:
    other = f"{name[:place]}X{name[place + 1 :]}"
    one, two = labels([name, other])
    assert one != two
    assert max(len(one), len(two)) <= 30


def test_labels_of_bedrock_ids_show_where_they_differ() -> None:
    found = labels(
        [
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            "anthropic.claude-3-5-haiku-20241022-v2:0",
            "us.anthropic.claude-opus-4-20250514-v1:0",
            "gpt-5.2",
        ]
    )
    assert found == [
        "…ic.claude-3-5-sonnet-2024102…",
        "…ic.claude-3-5-haiku-20241022…",
        "us.anthropic.c…-20250514-v1:0",
        "gpt-5.2",
    ]


@pytest.mark.parametrize("name", ["ada", f"ad{FORCED_LEFT}a", "عمر", f"{OPENED}ada{CLOSED}"])
def test_a_name_is_fenced_and_stays_as_it_is(name: str) -> None:
    assert fenced(name) == f"{OPENED}{name}{CLOSED}"


@given(st.text(st.sampled_from(MARKS) | st.characters(codec="utf-8")))
def test_no_name_ends_its_fence(name: str) -> None:
    depth = 0
    for letter in contained(name):
        depth += (unicodedata.bidirectional(letter) in {"LRI", "RLI", "FSI"}) - (letter == CLOSED)
        assert depth >= 0
        assert unicodedata.bidirectional(letter) != "B"
    assert depth == 0
