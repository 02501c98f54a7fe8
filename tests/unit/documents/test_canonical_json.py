"""Canonical JSON: the same text for the same value, another text for another one."""

import json
import math
from datetime import UTC, datetime
from random import Random

import pytest
from google.cloud.firestore import DocumentReference, GeoPoint
from google.cloud.firestore_v1.vector import Vector
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.strategies import google_time, wild_values

from usage_dash.documents.canonical_json import MAX_DEPTH, canonical
from usage_dash.documents.values import MISSING

NOON = datetime(2024, 7, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
        ({"a": [True, 1, 1.5, "x"]}, '{"a":[true,1,1.5,"x"]}'),
        ({"a": 5.0}, '{"a":5}'),
        ({"a": -0.0}, '{"a":0}'),
        ({"a": 1e300}, '{"a":1e+300}'),
        ({"a": math.nan}, '{"a":{"$float":"nan"}}'),
        ({"a": -math.inf}, '{"a":{"$float":"-inf"}}'),
        ({"a": 2**64}, '{"a":{"$int":"0x10000000000000000"}}'),
        ({"a": MISSING}, '{"a":{"$missing":null}}'),
        ({"a": NOON}, '{"a":{"$time":"2024-07-25T12:00:00.000000+00:00"}}'),
        ({"a": google_time(NOON, nanoseconds=7)}, '{"a":{"$time":"2024-07-25T12:00:00.000000+00:00 7 ns"}}'),
        ({"a": b"\x00\xff"}, '{"a":{"$bytes":"00ff"}}'),
        ({"a": GeoPoint(1, 2)}, '{"a":{"$GeoPoint":"GeoPoint(latitude=1, longitude=2)"}}'),
        ({"a": DocumentReference("usage", "ada")}, '{"a":{"$DocumentReference":"usage/ada"}}'),
        ({"a": Vector([1])}, '{"a":{"$Vector":"Vector<1.0,>"}}'),
        ({"a": 1j}, '{"a":{"$complex":null}}'),
        ({"$time": 1, "a": {"$x": 2}}, '{"$$time":1,"a":{"$$x":2}}'),
        ({"ü\ud800": "é"}, '{"\\u00fc\\ud800":"\\u00e9"}'),
        ({1: "a"}, '{"1":"a"}'),
    ],
)
def test_text_of_values(value: object, text: str) -> None:
    assert canonical(value) == (text, True)


def test_a_number_too_long_for_python_to_print_is_kept() -> None:
    assert canonical({"a": 10**5000}) == (f'{{"a":{{"$int":"{10**5000:#x}"}}}}', True)


@given(wild_values)
def test_any_value_becomes_ascii_json(value: object) -> None:
    text, _ = canonical({"value": value})
    assert text.isascii()
    assert list(json.loads(text)) == ["value"]


@given(st.dictionaries(st.text(max_size=3), wild_values, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(value: dict[str, object], random: Random) -> None:
    items = list(value.items())
    random.shuffle(items)
    assert canonical(dict(items)) == canonical(value)


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("$a", max_size=2), inner, max_size=2),
    max_leaves=4,
)


def same(a: object, b: object) -> bool:
    """Equality that tells True from 1, also deep inside."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and a == b


@given(json_like, json_like)
def test_different_values_have_different_texts(a: object, b: object) -> None:
    assert (canonical(a) == canonical(b)) == same(a, b)


def nested(levels: int, *, innermost: object) -> object:
    value = innermost
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def test_as_many_levels_as_firestore_allows_are_kept() -> None:
    text, complete = canonical(nested(MAX_DEPTH, innermost="deep"))
    assert complete
    assert '"deep"' in text


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 100_000])
def test_what_lies_deeper_is_cut_and_told(levels: int) -> None:
    text, complete = canonical(nested(levels, innermost="deep"))
    assert not complete
    assert '"deep"' not in text
    assert text.count('{"a":') == MAX_DEPTH // 2


def test_a_map_that_holds_itself_comes_to_an_end() -> None:
    endless: dict[str, object] = {}
    endless["a"] = endless
    assert canonical(endless)[1] is False
