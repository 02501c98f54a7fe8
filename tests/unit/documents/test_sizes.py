"""Sizes as Firestore counts them: the example of its documentation, and each kind of value."""

from datetime import UTC, datetime

import pytest
from google.cloud.firestore import DocumentReference, GeoPoint
from google.cloud.firestore_v1.vector import Vector
from hypothesis import given
from tests.unit.strategies import json_values

from usage_dash.documents.sizes import size_of_document, size_of_value


def test_the_example_of_firestores_documentation() -> None:
    fields = {"type": "Personal", "done": False, "priority": 1, "description": "Learn Cloud Firestore"}
    assert size_of_document("users/jeff/tasks/my_task_id", fields) == 147


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, 1),
        (True, 1),
        (2**60, 8),
        (0.5, 8),
        (datetime(2026, 1, 1, tzinfo=UTC), 8),
        ("", 1),
        ("naïve", 7),
        ("\ud800", 4),
        (b"1234", 4),
        ([], 0),
        ([1, "a", [None]], 11),
        ({"a": {"b": 1}, "ü": True}, 2 + 2 + 8 + 3 + 1),
        (GeoPoint(1, 2), 16),
        (DocumentReference("users", "jeff"), 6 + 5 + 16),
        (Vector([1.0, 2.0, 3.0]), 24),
    ],
)
def test_each_kind_of_value_has_its_size(value: object, size: int) -> None:
    assert size_of_value(value) == size


def test_what_is_nested_deeper_than_python_calls_is_counted() -> None:
    value: object = 1
    for _ in range(100_000):
        value = [value]
    assert size_of_value(value) == 8


@given(json_values, json_values)
def test_an_array_and_a_map_take_what_is_in_them(one: object, other: object) -> None:
    both = size_of_value(one) + size_of_value(other)
    assert size_of_value([one, other]) == both
    assert size_of_value({"a": one, "b": other}) == 4 + both
