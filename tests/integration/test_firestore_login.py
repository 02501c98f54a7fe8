"""Credentials: where they come from, that they reach Firestore, and that trouble with them ends in a sentence."""

from __future__ import annotations

import json
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.servers.fault import FaultServer

from usage_dash.documents.batch import EVERYTHING
from usage_dash.repository.base import Failure, SourceError
from usage_dash.repository.firestore import requests
from usage_dash.repository.firestore.calls import Connection, open_emulator_channel
from usage_dash.repository.firestore.errors import Place, explain
from usage_dash.repository.firestore.login import AUTH_SCOPES, FIRESTORE_SCOPES, log_in
from usage_dash.repository.firestore.source import FirestoreRepository
from usage_dash.service_account import parse

Key = dict[str, Any]

EMAIL = "dash@acme-chatbot.iam.gserviceaccount.com"
BUDGET = 0.4  # seconds, where nobody answers
SOON = 60.0  # seconds; enough for whoever answers, and far less than it takes without a budget
COLLECTION = requests.Collection("acme-chatbot", "(default)", "usage")


class TokenServer(ThreadingHTTPServer):
    """Gives tokens as Google does, or answers with `error`; `given` counts them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TokenHandler)
        self.error = ""
        self.given = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/token"


class _TokenHandler(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.given += not self.server.error
        answer = {"access_token": f"token {self.server.given}", "expires_in": 3600}
        if self.server.error:
            answer = {"error": self.server.error, "error_description": f"about {EMAIL}'s key"}
        self.send_response(400 if self.server.error else 200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    with TokenServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def mute() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def dribbling() -> Iterator[int]:
    """A port that answers for hours, a byte at a time, so that no time limit between two bytes ends it."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def dribble() -> None:
            with suppress(OSError), listener.accept()[0] as connection:  # callers may hang up, and be late
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not over.wait(0.1):
                    connection.sendall(b"x")

        threading.Thread(target=dribble, daemon=True).start()
        yield listener.getsockname()[1]
        over.set()


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def key(private_key: str, tokens: TokenServer) -> Key:
    """A service account's key whose tokens come from the test's own server."""
    return {
        "type": "service_account",
        "project_id": "acme-chatbot",
        "private_key_id": "1",
        "private_key": private_key,
        "client_email": EMAIL,
        "client_id": "1",
        "token_uri": tokens.address,
    }


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: TokenServer) -> None:
    """A machine that offers no credentials: it is none of Google's, and nobody has signed in."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "FIREBASE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "no gcloud here"))
    monkeypatch.setenv("GCE_METADATA_IP", f"127.0.0.1:{tokens.server_port}")  # where no metadata are


def _error(**settings: Any) -> SourceError:
    repository = FirestoreRepository(**settings)
    with pytest.raises(SourceError) as failed:
        repository.count()
    repository.close()
    return failed.value


def _write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_token_is_fetched_once_and_sent_with_each_call(server: FaultServer, tokens: TokenServer, key: Key) -> None:
    login = log_in(key, None, SOON)
    connection = Connection(open_emulator_channel(server.host), COLLECTION.database_name, login.headers)
    for _ in range(2):
        assert list(connection.call(requests.count(COLLECTION, EVERYTHING), SOON))
    assert [call.headers["authorization"] for call in server.calls] == ["Bearer token 1"] * 2
    assert (login.project, login.email, tokens.given) == ("acme-chatbot", EMAIL, 1)
    connection.close()
    login.close()


@pytest.mark.parametrize("instead", ["\\\\n", "\n", " "], ids=["escaped twice", "real", "lost"])
def test_a_key_whose_line_breaks_suffered_signs_in(tokens: TokenServer, key: Key, instead: str) -> None:
    login = log_in(parse(json.dumps(key).replace("\\n", instead)).info, None, 5)
    assert dict(login.headers())["authorization"] == "Bearer token 1"
    assert tokens.given == 1
    login.close()


def test_a_refusal_names_the_account_and_its_command(server: FaultServer, key: Key) -> None:
    server.fail(grpc.StatusCode.PERMISSION_DENIED)
    login = log_in(key, None, SOON)
    connection = Connection(open_emulator_channel(server.host), COLLECTION.database_name, login.headers)
    with pytest.raises(grpc.RpcError) as refused:
        list(connection.call(requests.count(COLLECTION, EVERYTHING), SOON))
    error = explain(refused.value, Place(login.project, "(default)", "usage", login.email))
    assert error.remedy.startswith(f"The service account {EMAIL} has no permission to read documents")
    assert f"--member=serviceAccount:{EMAIL} " in error.command
    connection.close()
    login.close()


def test_two_accounts_live_in_one_process(key: Key) -> None:
    one, other = log_in(key, None, SOON), log_in(key, "another-project", SOON)
    one.close()
    assert dict(other.headers())["authorization"].startswith("Bearer token")
    assert other.project == "another-project"
    other.close()


def test_the_project_comes_from_the_key_unless_it_is_set(tmp_path: Path, key: Key) -> None:
    path = _write(tmp_path / "key.json", key)
    repositories = [
        FirestoreRepository(credentials=key),
        FirestoreRepository(credentials=path),
        FirestoreRepository(credentials=path, project="set"),
    ]
    assert [repository.source.place for repository in repositories] == ["acme-chatbot", "acme-chatbot", "set"]
    for repository in repositories:
        repository.close()


@pytest.mark.usefixtures("nowhere")
def test_a_persons_own_sign_in_names_no_project(tmp_path: Path, tokens: TokenServer) -> None:
    person = {"type": "authorized_user", "client_id": "1", "client_secret": "2", "refresh_token": "3"}
    path = _write(tmp_path / "person.json", person | {"token_uri": tokens.address})
    error = _error(credentials=path)
    assert (error.failure, error.title) == (Failure.NOT_FOUND, "No Firebase project is named")
    login = log_in(path, "acme-chatbot", SOON)
    assert (login.project, login.email) == ("acme-chatbot", None)
    login.close()


def test_a_file_signs_in_for_what_it_is_meant_for_alone(tmp_path: Path, key: Key) -> None:
    path = _write(tmp_path / "key.json", key)
    for scopes in (FIRESTORE_SCOPES, AUTH_SCOPES):
        login = log_in(path, None, SOON, scopes)
        assert login.app.credential.get_credential().scopes == scopes
        login.close()


@pytest.mark.usefixtures("nowhere")
def test_the_project_of_the_firebase_configuration_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokens: TokenServer
) -> None:
    person = {"type": "authorized_user", "client_id": "1", "client_secret": "2", "refresh_token": "3"}
    path = _write(tmp_path / "person.json", person | {"token_uri": tokens.address})
    monkeypatch.setenv("FIREBASE_CONFIG", json.dumps({"projectId": "hosted"}))
    repository = FirestoreRepository(credentials=path)
    assert repository.source.place == "hosted"
    repository.close()


@pytest.mark.parametrize(
    "change",
    [
        {"type": "authorized_user"},
        {"private_key": "-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----\n"},
        {"private_key": 7},
        {"client_email": None},
        {"token_uri": None},
    ],
    ids=",".join,
)
def test_a_broken_key_is_refused_without_quoting_it(tmp_path: Path, key: Key, change: Key) -> None:
    broken = {name: value for name, value in (key | change).items() if value is not None}
    for credentials in (broken, _write(tmp_path / "key.json", broken)):
        error = _error(credentials=credentials)
        assert (error.failure, error.mendable_by_retry) == (Failure.CREDENTIALS, False)
        assert error.title == "The credentials for Firestore cannot be used"
        assert error.remedy.index("copy its content again") < error.remedy.index("make a new key")
        shown = "".join(traceback.format_exception(error))
        assert "BEGIN" not in shown
        assert EMAIL not in shown


@pytest.mark.parametrize("content", ["", "not JSON", "[]", "{}", '{"type": "something else"}'])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    error = _error(credentials=_write(tmp_path / "key.json", content))
    assert error.title == "The credentials for Firestore cannot be used"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert _error(credentials=tmp_path / "no such file").failure is Failure.CREDENTIALS


@pytest.mark.usefixtures("nowhere")
def test_no_credentials_at_all_are_missed_at_once() -> None:
    started = time.monotonic()
    error = _error(project="acme-chatbot", budget=2 * SOON)
    assert time.monotonic() - started < SOON
    assert (error.failure, error.mendable_by_retry) == (Failure.CREDENTIALS, False)
    assert error.title == "No credentials for Firestore were found"
    assert error.command == "gcloud auth application-default login"


@pytest.mark.usefixtures("nowhere")
def test_the_source_is_known_without_credentials_when_the_project_is_set() -> None:
    assert FirestoreRepository(project="acme-chatbot").source.identity == "firestore:acme-chatbot/(default)/usage"


@pytest.mark.usefixtures("nowhere")
def test_an_endless_metadata_server_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, dribbling: int) -> None:
    monkeypatch.setenv("GCE_METADATA_IP", f"127.0.0.1:{dribbling}")
    started = time.monotonic()
    error = _error(project="acme-chatbot", budget=BUDGET)
    assert BUDGET <= time.monotonic() - started < SOON
    assert error.title == "No credentials for Firestore were found"


def test_a_key_that_google_rejects_is_said_to_be_rejected(tokens: TokenServer, key: Key) -> None:
    tokens.error = "invalid_grant"
    error = _error(credentials=key)
    assert (error.failure, error.mendable_by_retry) == (Failure.CREDENTIALS, False)
    assert error.title == "Google rejected the credentials"
    assert EMAIL in error.remedy


def test_a_token_server_that_is_silent_counts_as_unreachable(key: Key, mute: int) -> None:
    started = time.monotonic()
    error = _error(credentials=key | {"token_uri": f"http://127.0.0.1:{mute}/token"}, budget=BUDGET)
    assert BUDGET <= time.monotonic() - started < SOON
    assert (error.failure, error.mendable_by_retry) == (Failure.UNREACHABLE, True)


def test_a_token_server_that_is_down_counts_as_unreachable(key: Key, deaf: str) -> None:
    error = _error(credentials=key | {"token_uri": f"http://{deaf}/token"}, budget=SOON)
    assert error.failure is Failure.UNREACHABLE
