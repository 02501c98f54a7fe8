"""Names from Firebase Auth: what is said when it fails, which holds nothing that the server said."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.servers.one_answer import OneAnswer

from usage_dash.documents.people import UNKNOWN, Name
from usage_dash.repository.base import Failure, SourceError
from usage_dash.repository.firestore.auth_names import AuthNames

PROJECT = "acme-chatbot"

Open = Callable[..., AuthNames]


@pytest.fixture
def answering() -> Iterator[OneAnswer]:
    with OneAnswer() as server:
        yield server


@pytest.fixture
def mute() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    opened: list[AuthNames] = []

    def open_one(host: str, **settings: Any) -> AuthNames:
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", host)
        opened.append(AuthNames(**{"project": PROJECT, "emulator_host": host, "budget": 60.0} | settings))
        return opened[-1]

    yield open_one
    for source in opened:
        source.close()


def _error(source: AuthNames) -> SourceError:
    with pytest.raises(SourceError) as failed:
        source.look_up(["ada"])
    assert "ada" not in str(failed.value)
    return failed.value


def _host(server: OneAnswer) -> str:
    return server.address.removeprefix("http://")


def _said(code: int, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "errors": [{"message": message}]}}


@pytest.mark.parametrize(
    ("answer", "failure", "part"),
    [
        ((403, _said(403, "The caller does not have permission to look up ada")), Failure.PERMISSION, "viewer"),
        ((400, _said(400, "INSUFFICIENT_PERMISSION")), Failure.PERMISSION, "roles/firebaseauth.viewer"),
        ((400, _said(400, "CONFIGURATION_NOT_FOUND")), Failure.NOT_FOUND, "no Firebase Auth in project acme-chatbot"),
        ((401, _said(401, "Invalid token of ada")), Failure.CREDENTIALS, "Google rejected the credentials"),
        ((429, _said(429, "Quota of ada exceeded")), Failure.UNREACHABLE, "can't be reached"),
        ((200, "<html>ada</html>"), Failure.UNREACHABLE, "can't be reached"),
        ((200, {"users": ["ada"]}), Failure.UNREACHABLE, "can't be reached"),
        ((404, "ada"), Failure.NOT_FOUND, "no Firebase Auth"),
    ],
)
def test_a_failure_is_put_into_words(
    answering: OneAnswer, connect: Open, answer: tuple[int, object], failure: Failure, part: str
) -> None:
    answering.status, answering.body = answer
    error = _error(connect(_host(answering)))
    assert error.failure is failure
    assert part in f"{error} {error.command}"
    assert set(answering.paths) == {f"/identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts:lookup"}


def test_whatever_accounts_hold_becomes_names(answering: OneAnswer, connect: Open) -> None:
    answering.status = 200
    answering.body = {
        "users": [
            {"localId": "ada", "displayName": "\ud800 Ada \u202e", "email": "Ada@Acme.example"},
            {"localId": "bob", "displayName": 7, "email": ["b"]},
            {"localId": "cyd"},
        ]
    }
    found = connect(_host(answering)).look_up(["ada", "bob", "cyd", "dan"])
    assert found.names == {"ada": Name("Ada", "ada@acme.example"), "bob": UNKNOWN, "cyd": UNKNOWN}
    assert (found.queries, found.reads) == (1, 0)


def test_where_nobody_listens(deaf: str, connect: Open) -> None:
    assert _error(connect(deaf)).failure is Failure.UNREACHABLE


def test_a_port_that_never_answers_is_noticed_within_the_budget(mute: str, connect: Open) -> None:
    started = time.monotonic()
    assert _error(connect(mute, budget=0.5)).failure is Failure.UNREACHABLE
    assert time.monotonic() - started < 30


def test_an_emulator_needs_a_project(answering: OneAnswer, connect: Open) -> None:
    assert _error(connect(_host(answering), project=None)).title == "No Firebase project is named"


def test_credentials_that_cannot_be_used_are_told_without_them(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps({"type": "service_account", "client_email": "ada"}))
    source = AuthNames(project=PROJECT, credentials=file)
    assert _error(source).title == "The credentials for Firestore cannot be used"
    source.close()
