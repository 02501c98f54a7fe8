"""Decoding one of Firestore's answers in full gives what parsing the document gives, and stumbles over nothing."""

from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import Client, DocumentReference
from google.cloud.firestore_v1 import _helpers as googles
from google.cloud.firestore_v1.types import Value
from google.cloud.firestore_v1.vector import Vector
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.strategies import Raw, firestore_documents, firestore_values
from tests.unit.wire_builders import READ_TIME, response, value

from usage_dash.documents.canonical_json import canonical
from usage_dash.documents.parse import parse
from usage_dash.documents.sizes import size_of_document
from usage_dash.repository.firestore.messages import decode_document, decode_value, read_time_of, user_id_of

CLIENT = Client(project="acme", credentials=AnonymousCredentials())
MESSAGE = Value.pb()


def decoded(**content: Any) -> object:
    return decode_value(MESSAGE(**content))


def a_map(**fields: Any) -> object:
    return decoded(map_value={"fields": {name: MESSAGE(**content) for name, content in fields.items()}})


@given(firestore_documents)
def test_a_document_decodes_to_what_parsing_it_gives(raw: Raw) -> None:
    assert decode_document(response(raw)) == parse("ada", raw, size_of_document("usage/ada", raw))


@given(firestore_values)
def test_a_value_decodes_to_what_googles_client_gives(raw: object) -> None:
    message = MESSAGE.FromString(value(raw))
    assert canonical(decode_value(message)) == canonical(googles.decode_value(message, CLIENT))


@given(st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1))
def test_a_response_tells_the_id_and_the_clock(user_id: str) -> None:
    answer = response({}, user_id)
    assert (user_id_of(answer), read_time_of(answer)) == (user_id, READ_TIME)


def test_a_response_without_a_document_or_a_clock_tells_neither() -> None:
    assert (user_id_of(b""), read_time_of(b"")) == (None, None)


@pytest.mark.parametrize("project", ["acme", "another-project"])
def test_a_reference_may_lead_into_another_database(project: str) -> None:
    reference = decoded(reference_value=f"projects/{project}/databases/other/documents/usage/ada")
    assert isinstance(reference, DocumentReference)
    assert reference.path == "usage/ada"


@pytest.mark.parametrize("name", ["", "nonsense", "projects/acme/databases/(default)/documents/usage"])
def test_a_reference_to_no_document_stays_as_it_is_written(name: str) -> None:
    assert decoded(reference_value=name) == name


def test_a_vector_is_told_from_a_map_that_looks_like_one() -> None:
    kind, numbers = {"string_value": "__vector__"}, {"array_value": {"values": [MESSAGE(double_value=0.5)]}}
    assert a_map(__type__=kind, value=numbers) == Vector([0.5])
    assert a_map(__type__=kind) == {"__type__": "__vector__"}
    assert a_map(__type__=kind, value={"null_value": 0}) == {"__type__": "__vector__", "value": None}
    assert a_map(value=numbers) == {"value": [0.5]}


@pytest.mark.parametrize("stamp", [{"seconds": 2**60}, {"seconds": -(2**60)}, {"seconds": 2**60, "nanos": 1}])
def test_a_time_outside_of_the_calendar_keeps_its_parts(stamp: dict[str, int]) -> None:
    assert decoded(timestamp_value=stamp) == {"_seconds": stamp["seconds"], "_nanoseconds": stamp.get("nanos", 0)}


def test_a_value_of_no_kind_is_null() -> None:
    assert decoded() is None
