"""What the shared passwords and the secret of sessions are worth, and what ways lack."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, session
from pydantic import SecretStr

from usage_dash.access.identity import Identity
from usage_dash.settings import Settings, Way
from usage_dash.web.sign_in.missing import missing
from usage_dash.web.sign_in.password import identify
from usage_dash.web.sign_in.session import Sessions, keep_sessions

VIEWER, ADMIN = SecretStr("for the team"), SecretStr("for administrators")
SECRET = "s" * 32
SOMEBODY = Identity(Way.OIDC, "1", "ada@acme.example", "Ada", frozenset({("groups", "finance"), ("groups", "sales")}))


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ("for the team", "viewer"),
        ("for administrators", "administrator"),
        ("", None),
        ("for the teaM", None),
        ("for the team ", None),
        ("\ud800", None),
        ("ü" * 12, None),
    ],
)
def test_whose_password_it_is(given: str, subject: str | None) -> None:
    found = identify(given, VIEWER, ADMIN)
    assert (found.subject if found else None) == subject


def test_where_there_is_one_password_nobody_is_an_administrator() -> None:
    assert identify("", VIEWER, None) is None
    assert identify("for administrators", VIEWER, None) is None


def test_a_password_may_hold_any_letters() -> None:
    assert identify("pässwörter 🔑", SecretStr("pässwörter 🔑"), None)


def _server(**settings: Any) -> Flask:
    server = Flask("test")
    keep_sessions(server, Settings(**settings))
    return server


def test_a_session_remembers_who_it_is() -> None:
    sessions = Sessions(lambda: 1.0)
    with _server(secret=SECRET).test_request_context():
        key = sessions.begin(SOMEBODY)
        assert sessions.current() == (key, SOMEBODY)
        assert sessions.end() == SOMEBODY
        assert dict(session) == {}
        assert sessions.current() is None
        assert sessions.end() is None


def test_each_session_has_a_key_of_its_own() -> None:
    sessions = Sessions(lambda: 1.0)
    with _server(secret=SECRET).test_request_context():
        assert sessions.begin(SOMEBODY) != sessions.begin(SOMEBODY)


def test_ended_sessions_are_forgotten_once_they_would_have_ended_by_themselves() -> None:
    now = 0.0
    sessions = Sessions(lambda: now)
    for number in range(3):
        sessions.forget(f"session {number}")
        now += 7 * 3_600
    with _server(secret=SECRET).test_request_context():
        session.update(key="session 2", since=now, way="oidc", subject="1", email="", name="", claims=[])
        assert sessions.current() is None
        session["key"] = "session 0"
        assert sessions.current()


def test_the_key_that_signs_depends_on_the_secret_and_the_passwords() -> None:
    variants = [
        {"secret": SECRET},
        {"secret": "t" * 32},
        {"secret": SECRET, "password": "12345678"},
        {"secret": SECRET, "admin_password": "12345678"},
        {"secret": SECRET, "password": "12345678", "admin_password": "87654321"},
        {"secret": SECRET, "password": "87654321", "admin_password": "12345678"},
    ]
    keys = [_server(**settings).secret_key for settings in variants]
    assert len(set(keys)) == len(variants)
    assert keys == [_server(**settings).secret_key for settings in variants]


def test_without_a_secret_it_is_another_one_each_time() -> None:
    assert _server().secret_key != _server().secret_key


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ()),
        ({"auth": ("none",)}, ()),
        ({"auth": ("password",), "admin_password": "12345678"}, ("USAGE_DASH_PASSWORD",)),
        ({"auth": ("password",), "password": "12345678"}, ()),
        ({"auth": ("firebase",), "firebase_api_key": "key"}, ("FIREBASE_PROJECT_ID",)),
        ({"auth": ("firebase",), "firebase_api_key": "key", "project_id": "acme-chatbot"}, ()),
        (
            {"auth": ("proxy",)},
            (
                "USAGE_DASH_PROXY_HEADER",
                "USAGE_DASH_PROXY_JWKS",
                "USAGE_DASH_PROXY_AUDIENCE",
                "USAGE_DASH_PROXY_ISSUER",
            ),
        ),
        ({"auth": ("proxy",), "proxy_header": "X-Name", "proxy_secret": "p" * 32}, ()),
        (
            {"auth": ("proxy",), "proxy_header": "X", "proxy_secret": "p" * 32, "proxy_jwks": "https://a.example/"},
            ("USAGE_DASH_PROXY_AUDIENCE", "USAGE_DASH_PROXY_ISSUER"),
        ),
    ],
    ids=str,
)
def test_what_a_way_lacks(settings: dict[str, Any], names: tuple[str, ...]) -> None:
    assert missing(Settings(**settings)) == names
