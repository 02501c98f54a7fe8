"""What people's data has for names, and what of it is shown."""

from __future__ import annotations

import unicodedata
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.documents.people import NAMES, UNKNOWN, Name, name_of

ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(),
    st.text(st.characters()),
    st.text(st.characters(categories=["Cs", "Cc", "Cf", "Lu", "Zs"])),
    st.lists(st.text()),
    st.dictionaries(st.text(), st.text()),
)


@given(ANYTHING, ANYTHING)
def test_whatever_is_there_becomes_two_lines_that_can_be_shown_and_kept(name: Any, email: Any) -> None:
    found = name_of(name, email)
    for text, longest in ((found.name, 100), (found.email, 254)):
        assert len(text) <= longest
        assert text == " ".join(text.split())
        assert all(unicodedata.category(each)[0] != "C" or each in "\u200c\u200d" for each in text)
    table = pa.table([["a"], [found.name], [found.email]], schema=NAMES)
    assert table.to_pylist() == [{"user_id": "a", "name": found.name, "email": found.email}]


@pytest.mark.parametrize("value", [None, "", "   ", "\n\t", 7, 1.5, True, b"Ada", ["Ada"], {"name": "Ada"}, "\u202e"])
def test_what_is_no_text_or_cannot_be_seen_is_unknown(value: object) -> None:
    assert name_of(value, value) == UNKNOWN


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  Ada \n Lovelace ", "Ada Lovelace"),
        ("\u202eada\u202c", "ada"),
        ("a\ud800b", "a b"),
        ("می\u200cروم", "می\u200cروم"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 99 + "…"),
        ("x" * 1_000_000, "x" * 99 + "…"),
    ],
)
def test_a_name_is_one_line_that_fits(name: str, shown: str) -> None:
    assert name_of(name, None) == Name(shown)


def test_an_email_is_as_in_the_lists_of_who_may_look_or_unknown_when_it_is_too_long_for_one() -> None:
    assert name_of(None, " Ada@Acme.example ") == Name("", "ada@acme.example")
    assert name_of(None, f"{'x' * 242}@acme.example") == UNKNOWN
