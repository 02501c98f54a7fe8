"""Names from Firestore: what is asked for and paid, whatever the fields hold, and what is said when it fails."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from tests.servers.chatbot import PROJECT
from tests.servers.fault import FaultServer

from usage_dash.documents.people import UNKNOWN, Name
from usage_dash.repository.base import Failure, SourceError
from usage_dash.repository.firestore.names import FirestoreNames

DATABASE = f"projects/{PROJECT}/databases/(default)"

Open = Callable[..., FirestoreNames]


@pytest.fixture
def connect(server: FaultServer) -> Iterator[Open]:
    opened: list[FirestoreNames] = []

    def open_one(*fields: str, **settings: Any) -> FirestoreNames:
        defaults = {"project": PROJECT, "emulator_host": server.host}
        opened.append(FirestoreNames(fields or ("username", "email"), **defaults | settings))
        return opened[-1]

    yield open_one
    for source in opened:
        source.close()


def _put(server: FaultServer, user_id: str, path: str = "users", database: str = DATABASE, **fields: object) -> None:
    server.store.put(f"{database}/documents/{path}/{user_id}", fields)


def test_nothing_but_the_two_fields_leaves_firestore(server: FaultServer, connect: Open) -> None:
    secret = "their whole life " * 10_000
    _put(server, "ada", username="Ada", email="ada@acme.example", diary=secret)
    found = connect().look_up(["ada"])
    assert found.names == {"ada": Name("Ada", "ada@acme.example")}
    assert 0 < found.wire_bytes < 500
    (call,) = server.made("BatchGetDocuments")
    assert list(call.message.mask.field_paths) == ["username", "email"]


def test_each_document_is_paid_for_there_or_not_and_ids_that_are_none_are_not_asked_for(
    server: FaultServer, connect: Open
) -> None:
    _put(server, "ada", username="Ada")
    found = connect().look_up(["ada", "bob", "a/b", "..", "__x__", "", "x" * 1501])
    assert (found.queries, found.reads) == (1, 2)
    (call,) = server.made("BatchGetDocuments")
    assert [name.rpartition("/")[2] for name in call.message.documents] == ["ada", "bob"]
    connect().look_up(["a/b"])
    assert len(server.made("BatchGetDocuments")) == 1


def test_a_dot_leads_into_a_map_and_any_name_of_a_field_will_do(server: FaultServer, connect: Open) -> None:
    _put(server, "ada", profile={"größe & name": "Ada", "note": "not asked for"}, email="a@acme.example")
    _put(server, "bob", profile="no map")
    _put(server, "cyd", profile={"größe & name": {"first": "Cyd"}})
    found = connect("profile.größe & name").look_up(["ada", "bob", "cyd"])
    assert found.names == {"ada": Name("Ada"), "bob": UNKNOWN, "cyd": UNKNOWN}


@pytest.mark.parametrize(
    "value",
    [None, 7, 2.5, True, b"Ada", ["Ada"], {"first": "Ada"}, datetime(2026, 1, 1, tzinfo=UTC), "", "\n", "\u202e"],
)
def test_a_field_that_holds_no_name_is_unknown(server: FaultServer, connect: Open, value: object) -> None:
    _put(server, "ada", username=value, email=value)
    _put(server, "bob")
    assert connect().look_up(["ada", "bob"]).names == {"ada": UNKNOWN, "bob": UNKNOWN}


def test_an_absurdly_long_name_is_cut(server: FaultServer, connect: Open) -> None:
    _put(server, "ada", username="x" * 1_000_000, email="y" * 1_000_000)
    assert connect().look_up(["ada"]).names == {"ada": Name("x" * 99 + "…")}


def test_another_database_and_a_collection_below_a_document(server: FaultServer, connect: Open) -> None:
    named = f"projects/{PROJECT}/databases/chat-eu"
    _put(server, "ada", "apps/web/users", named, username="Ada")
    source = connect(database="chat-eu", collection="apps/web/users")
    assert source.look_up(["ada"]).names == {"ada": Name("Ada")}
    headers = server.calls[-1].headers
    assert headers["google-cloud-resource-prefix"] == named
    assert urllib.parse.unquote(headers["x-goog-request-params"]) == f"database={named}"


def _error(source: FirestoreNames) -> SourceError:
    with pytest.raises(SourceError) as failed:
        source.look_up(["ada"])
    assert "ada" not in str(failed.value)
    return failed.value


def test_a_refusal_names_the_collection_and_the_role(server: FaultServer, connect: Open) -> None:
    server.fail(grpc.StatusCode.PERMISSION_DENIED, "no access to documents/users/ada")
    error = _error(connect())
    assert (error.failure, error.mendable_by_retry) == (Failure.PERMISSION, False)
    assert error.title == "Firestore refused to let usage-dash read “users”"
    assert "roles/datastore.viewer" in error.command


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (grpc.StatusCode.UNAVAILABLE, Failure.UNREACHABLE),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Failure.QUOTA),
        (grpc.StatusCode.UNAUTHENTICATED, Failure.CREDENTIALS),
        (None, Failure.UNREACHABLE),
        (grpc.StatusCode.OK, Failure.INVALID),
    ],
)
def test_a_failure_is_put_into_words(
    server: FaultServer, connect: Open, status: grpc.StatusCode | None, failure: Failure
) -> None:
    _put(server, "ada", username="Ada")
    source = connect(budget=0.5 if status is None else 60)
    server.fail(status, "users/ada")
    assert _error(source).failure is failure
    server.recover()
    assert source.look_up(["ada"]).names == {"ada": Name("Ada")}


def test_where_nobody_listens(deaf: str, connect: Open) -> None:
    assert _error(connect(emulator_host=deaf)).failure is Failure.UNREACHABLE


@pytest.mark.parametrize("path", ["", "users/ada", "a//b"])
def test_a_path_that_is_no_collection_is_refused_at_once(path: str) -> None:
    with pytest.raises(ValueError, match="not the path of a collection"):
        FirestoreNames(("username",), project=PROJECT, collection=path)
