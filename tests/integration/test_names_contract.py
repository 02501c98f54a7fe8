"""What every source of names keeps to. A new kind is one more maker in `MAKERS`."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.cloud import firestore
from tests.fake_names import Account, MemoryNames
from tests.servers.chatbot import PROJECT
from tests.servers.emulator import Emulator
from tests.servers.fault import FaultServer
from tests.servers.firebase_auth import AuthEmulator

from usage_dash.documents.people import Name
from usage_dash.repository.firestore.auth_names import AuthNames
from usage_dash.repository.firestore.names import FirestoreNames
from usage_dash.repository.names import NameSource

Accounts = dict[str, Account]
Make = Callable[[Accounts], NameSource]

RUN = uuid.uuid4().hex[:8]  # accounts of Firebase Auth are in one room with those of other tests
LONG_ID = f"{RUN}-{'x' * 119}"  # 128 characters, the most that Firebase Auth has
ODD_IDS = ["", "a/b", ".", "..", "__a__", "x" * 1501, "ü" * 751, "x" * 129, "line 3"]


def _on_emulator(request: pytest.FixtureRequest, accounts: Accounts) -> NameSource:
    client: firestore.Client = request.getfixturevalue("emulator_client")
    emulator: Emulator = request.getfixturevalue("emulator")
    collection: str = request.getfixturevalue("collection")
    for user_id, (name, email) in accounts.items():
        client.collection(collection).document(user_id).set(_document(name, email))
    return FirestoreNames(("username", "email"), project=PROJECT, collection=collection, emulator_host=emulator.host)


def _on_server(request: pytest.FixtureRequest, accounts: Accounts) -> NameSource:
    server: FaultServer = request.getfixturevalue("server")
    for user_id, (name, email) in accounts.items():
        server.store.put(f"projects/{PROJECT}/databases/(default)/documents/users/{user_id}", _document(name, email))
    return FirestoreNames(("username", "email"), project=PROJECT, emulator_host=server.host)


def _in_auth(request: pytest.FixtureRequest, accounts: Accounts) -> NameSource:
    emulator: AuthEmulator = request.getfixturevalue("auth_emulator")
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", emulator.host)
    for user_id, (name, email) in accounts.items():
        emulator.add(str(email), "a password", uid=user_id, name=None if name is None else str(name))
    return AuthNames(project=emulator.project, emulator_host=emulator.host)


def _in_memory(_request: pytest.FixtureRequest, accounts: Accounts) -> NameSource:
    return MemoryNames(accounts)


MAKERS = {
    "firestore-emulator": _on_emulator,
    "firestore-server": _on_server,
    "auth-emulator": _in_auth,
    "fake": _in_memory,
}


def _document(name: object, email: object) -> dict[str, Any]:
    """A user's document, as the chatbot has it: with more in it than a name."""
    return {"username": name, "email": email, "createdAt": "2026-01-01", "plan": {"username": "not this one"}}


def _mail(who: str) -> str:
    return f"{who}-{RUN}@acme.example"


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[NameSource] = []

    def maker(accounts: Accounts) -> NameSource:
        made.append(MAKERS[request.param](request, accounts))
        return made[-1]

    yield maker
    for source in made:
        source.close()


def test_who_is_known_is_found_by_id_and_nobody_else(make: Make) -> None:
    accounts: Accounts = {
        f"ada-{RUN}": ("Ada Lovelace", _mail("ada")),
        f"zoë {RUN}": ("Zoë", _mail("ZOE")),
        LONG_ID: ("Somebody", _mail("long")),
        f"other-{RUN}": ("Not asked for", _mail("other")),
    }
    source = make(accounts)
    asked = [f"zoë {RUN}", f"nobody-{RUN}", f"ada-{RUN}", LONG_ID]
    assert dict(source.look_up(asked).names) == {
        f"ada-{RUN}": Name("Ada Lovelace", _mail("ada")),
        f"zoë {RUN}": Name("Zoë", _mail("zoe")),
        LONG_ID: Name("Somebody", _mail("long")),
    }


def test_who_has_no_name_is_found_without_one(make: Make) -> None:
    source = make({f"mute-{RUN}": (None, _mail("mute"))})
    assert dict(source.look_up([f"mute-{RUN}"]).names) == {f"mute-{RUN}": Name("", _mail("mute"))}


def test_a_whole_batch_is_one_look_up(make: Make) -> None:
    source = make({f"last-{RUN}": ("Last", _mail("last"))})
    asked = [f"u{number}-{RUN}" for number in range(source.batch - 1)] + [f"last-{RUN}"]
    found = source.look_up(asked)
    assert set(found.names) == {f"last-{RUN}"}
    assert found.queries == 1


def test_ids_that_could_have_no_name_are_simply_unknown(make: Make) -> None:
    source = make({f"odd-{RUN}": ("Odd", _mail("odd"))})
    assert set(source.look_up([*ODD_IDS, f"odd-{RUN}"]).names) == {f"odd-{RUN}"}
    assert dict(source.look_up(["", "x" * 1501]).names) == {}
    assert dict(source.look_up([]).names) == {}


def test_a_source_names_its_place_without_being_asked_anything(make: Make) -> None:
    source = make({})
    assert source.identity == source.identity != ""


def test_an_auth_emulator_that_only_one_of_us_would_know_is_refused() -> None:
    assert "FIREBASE_AUTH_EMULATOR_HOST" not in os.environ
    with pytest.raises(Exception, match="must stand in the environment itself"):
        AuthNames(project=PROJECT, emulator_host="127.0.0.1:9099")
