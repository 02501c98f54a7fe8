"""Users found as somebody types, over HTTP: among whom, by what, and for whom."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.browser.scenes import document, entry
from tests.fakes import DEADLINE, MemoryRepository

from usage_dash.app import create_app
from usage_dash.settings import Settings, Way

EMBED_SECRET = "e" * 32
NOW = datetime.now(UTC)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    people = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text("user_id,name,email,team\nu-ada,Ada Lovelace,ada@acme.example,Support\nu-zoe,Zoë Ada,,\n")
    users = ("u-ada", "u-bob", "u-zoe", HOSTILE)
    documents = {user: document(user, [entry(NOW - timedelta(minutes=1), 1.0)]) for user in users}
    settings = Settings(
        auth=(Way.NONE,), embed_secret=(EMBED_SECRET,), embed_origins=("https://portal.example",), people_file=people
    )
    made = create_app(settings, MemoryRepository(documents))
    made.extensions["usage_dash_board"].sync.refresh(wait=DEADLINE)
    yield made
    made.extensions["usage_dash_board"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _frames(**see: Any) -> dict[str, str]:
    """The headers of a portal's frame that may see this."""
    now = int(time.time())
    claims = {"aud": "usage-dash", "iat": now, "exp": now + 600, "sub": "ada", "see": see or "all"}
    token = jwt.encode(claims, EMBED_SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}", "X-Usage-Dash-Frame": "1"}


def _found(client: FlaskClient, text: str, headers: dict[str, str] | None = None) -> list[str]:
    answer = client.get("/find-users", query_string={"text": text}, headers=headers or {})
    assert answer.status_code == 200
    return [part.partition('"')[0] for part in answer.text.split('data-user="')[1:]]


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("lovelace", ["u-ada"]),
        (" LOVE ", ["u-ada"]),
        ("ada@", ["u-ada"]),
        ("support", ["u-ada"]),
        ("zoe", ["u-zoe"]),
        ("u-b", ["u-bob"]),
        ("ada", ["u-ada", "u-zoe"]),
        ("nobody", []),
    ],
)
def test_users_are_found_by_name_id_address_and_team(client: FlaskClient, text: str, users: list[str]) -> None:
    assert sorted(_found(client, text)) == users


def test_nobody_beyond_the_scope_is_found(client: FlaskClient) -> None:
    own = _frames(users=["u-bob"])
    assert _found(client, "u-", own) == ["u-bob"]
    assert _found(client, "", own) == ["u-bob"]
    hidden, nobody = (client.get(f"/find-users?text={text}", headers=own).text for text in ("u-ada", "u-xyz"))
    assert hidden.replace("u-ada", "…") == nobody.replace("u-xyz", "…")


def test_what_cannot_be_text_is_answered_all_the_same(client: FlaskClient) -> None:
    for text in ("%00", "%ED%A0%80", "%E2%80%AE", "%25_", "'", "x" * 5_000):
        assert client.get(f"/find-users?text={text}").status_code == 200
    assert client.get("/find-users").status_code == 200


def test_names_are_text(client: FlaskClient) -> None:
    answer = client.get("/find-users", query_string={"text": "onerror"})
    assert "&lt;img src=x <mark>onerror</mark>" in answer.text
    assert "<img" not in answer.text
    assert "<img" not in client.get("/find-users", query_string={"text": f"{HOSTILE}!"}).text


def test_answers_are_kept_by_nobody_and_nothing_typed_is_logged(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = client.get("/find-users?text=lovelace")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "/find-users" in caplog.text
    assert "lovelace" not in caplog.text.lower().replace("get /find-users?text=lovelace", "")


def test_a_page_made_for_somebody_else_and_a_frame_without_a_token_find_nobody(client: FlaskClient) -> None:
    for headers in ({"X-Usage-Dash-Viewer": "somebody-else"}, {"X-Usage-Dash-Frame": "1"}):
        assert client.get("/find-users?text=ada", headers=headers).status_code == 401
