"""The names under which the page may be asked for."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.fakes import MemoryRepository

from usage_dash.app import create_app
from usage_dash.settings import Settings
from usage_dash.web.hosts import is_known, known_names, refuse_foreign_names

HOUR = 3_600.0


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8050",
        "127.0.0.1",
        "127.0.0.1:8050",
        "[::1]",
        "[::1]:8050",
        "192.168.0.7:80",
        "[fe80::7]",
    ],
)
def test_this_machine_and_any_address_are_known_unasked(host: str) -> None:
    assert is_known(host, known_names(Settings(), {}))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:8050",
        "127.0.0.1.evil.example",
        "evil.localhost",
        "localhost@evil.example",
        "127.0.0.1@evil.example",
        "127.0.0.1 evil.example",
        "",
    ],
)
def test_any_other_name_is_foreign(host: str) -> None:
    assert not is_known(host, known_names(Settings(), {}))


@pytest.mark.parametrize(
    ("settings", "environ", "known", "foreign"),
    [
        (Settings(hosts="usage.example.com"), {}, "Usage.Example.com:443", "other.example.com"),
        (Settings(hosts=".example.com"), {}, "a.b.example.com", "evilexample.com"),
        (Settings(hosts="bücher.example"), {}, "xn--bcher-kva.example", "bucher.example"),
        (Settings(host="Usage.lan"), {}, "usage.lan:8050", "lan"),
        (
            Settings(),
            {"RENDER": "true", "RENDER_EXTERNAL_HOSTNAME": "u.onrender.com"},
            "u.onrender.com",
            "v.onrender.com",
        ),
        (Settings(), {"DYNO": "web.1"}, "usage-1234.herokuapp.com", "evilherokuapp.com"),
        (
            Settings(),
            {"DYNO": "web.1", "HEROKU_APP_DEFAULT_DOMAIN_NAME": "usage-1234.herokuapp.com"},
            "usage-1234.herokuapp.com",
            "other-5678.herokuapp.com",
        ),
    ],
    ids=["set", "all below", "not ASCII", "listened on", "Render", "Heroku", "Heroku with its name"],
)
def test_names_come_from_the_settings_and_the_platform(
    settings: Settings, environ: dict[str, str], known: str, foreign: str
) -> None:
    names = known_names(settings, environ)
    assert is_known(known, names)
    assert is_known("localhost", names)
    assert not is_known(foreign, names)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(hosts="usage.example.com"), MemoryRepository()).test_client()


@pytest.mark.parametrize("path", ["/", "/_dash-layout", "/_dash-update-component", "/assets/app.css", "/no/such/page"])
def test_a_foreign_name_is_told_which_setting_names_are_in_and_nothing_else(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert "USAGE_DASH_HOSTS=usage.example.com" in answer.text
    assert answer.text.count("\n") == 1


def test_known_names_get_the_page(client: FlaskClient) -> None:
    for host in ("usage.example.com", "localhost:8050", "[::1]:8050"):
        assert client.get("/", headers={"Host": host}).status_code == 200


def test_health_is_told_by_any_name(client: FlaskClient) -> None:
    assert client.get("/health", headers={"Host": "internal.example"}).status_code == 200


def test_refusals_are_logged_once_an_hour_without_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    server = Flask("test")
    refuse_foreign_names(server, ("localhost",), monotonic=lambda: now)
    client = server.test_client()

    def warnings() -> int:
        client.get("/secret", headers={"Host": "evil.example"})
        return len(caplog.messages)

    assert [warnings(), warnings()] == [1, 1]
    now = HOUR - 1
    assert warnings() == 1
    now = HOUR
    assert warnings() == 2
    for message in caplog.messages:
        assert "USAGE_DASH_HOSTS" in message
        assert "evil" not in message
        assert "secret" not in message
