"""Names in messages name somebody and do nothing else, whatever they are and wherever they arrive."""

# ruff: noqa: RUF001 - what looks alike is the point

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.worlds import PROPERTY

from usage_dash.alerts.plain import plain, unquoted

WILD = st.one_of(
    st.text(max_size=100),
    st.text("*_~`<>[]|@:/ \n\r\t\0\u2028\u202e\u2066é", max_size=30),
    st.lists(st.sampled_from(["@here", "<!channel>", "**", "__", "](http://", "a", "_", " ", "\n"])).map("".join),
)


@pytest.mark.parametrize(
    "name",
    [
        "Anna Petrov",
        "anna.petrov@acme.example",
        "svc_support_bot",
        "Zoë O’Brien-Müller",
        "李小龍",
        "u1",
        "C3PO & Co #1",
    ],
)
def test_usual_names_stay_as_they_are(name: str) -> None:
    assert plain(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@here", "＠here"),
        ("hi @channel", "hi ＠channel"),
        ("<!here>", "‹!here›"),
        ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),
        ("**Anna**", "∗∗Anna∗∗"),
        ("_Anna_", "＿Anna＿"),
        ("__init__", "＿＿init＿＿"),
        ("`rm`", "ˋrmˋ"),
        ("~~gone~~", "∼∼gone∼∼"),
        ("[Anna](http://evil.example)", "［Anna］(http∶//evil.example)"),
        ("||spoiler||", "¦¦spoiler¦¦"),
        ("Anna\nBcc: all@acme.example", "Anna Bcc: all@acme.example"),
        ("Anna\r\n\r\n$0.00", "Anna $0.00"),
        ("a\0b\x1b[31mc", "a b ［31mc"),
        ("gpj\u202etxt", "gpj txt"),
        ("", "?"),
        (" \n\u200b ", "?"),
    ],
)
def test_what_a_program_could_take_for_more_than_text_is_replaced(name: str, expected: str) -> None:
    assert plain(name) == expected


def test_a_name_from_the_right_leaves_what_is_beside_it() -> None:
    assert plain("نورا") == "\u2068نورا\u2069"


def test_a_long_name_loses_its_middle() -> None:
    found = plain("a" * 50 + "b" * 50)
    assert found == f"{'a' * 30}…{'b' * 29}"
    assert len(found) == 60


@PROPERTY
@given(WILD)
@example("@" * 61)
@example("_" * 61)
def test_whatever_a_name_is_it_is_one_short_line_of_text(name: str) -> None:
    found = plain(name)
    assert 0 < len(found) <= 62
    assert found == found.strip()
    assert not set("*`~<>[]|\n\r\t") & set(found)
    inner = found.removeprefix("\u2068").removesuffix("\u2069")
    assert all(unicodedata.category(each)[0] != "C" for each in inner)
    assert not re.search(r"(?<!\w)@|(?<!\w)_|_(?!\w)|:/", inner)
    assert plain(inner) == found


def test_words_of_checks_lose_the_marks_of_code() -> None:
    assert unquoted("The chatbot adds to `recentUsage`.") == "The chatbot adds to recentUsage."
