"""Who may be served without sign-in."""

from __future__ import annotations

import pytest
from flask import Flask

from usage_dash.settings import Settings, SettingsError, Way
from usage_dash.settings.addresses import is_loopback
from usage_dash.web.exposure import refuse_other_machines, require_safe_address
from usage_dash.web.platforms import platform_of

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the point of these tests
OPEN = Settings(auth=(Way.NONE,))
HERE = ["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1"]
ELSEWHERE = ["192.168.0.7", "::ffff:10.0.0.1", "2001:db8::7"]


@pytest.mark.parametrize("host", [*HERE, "localhost", "[::1]"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)
    require_safe_address(host, Settings())


@pytest.mark.parametrize(
    "host", [*ELSEWHERE, EVERYWHERE, "::", "[::]", "", "usage.example.org", "localhost.example.org", "0"]
)
def test_anything_else_needs_a_word(host: str) -> None:
    with pytest.raises(SettingsError, match=r"no way to sign in.*USAGE_DASH_AUTH"):
        require_safe_address(host, Settings())
    require_safe_address(host, OPEN)


@pytest.mark.parametrize(("variable", "platform"), [("DYNO", "Heroku"), ("RENDER", "Render"), ("HOME", None)])
def test_a_platform_makes_itself_known(variable: str, platform: str | None) -> None:
    found = platform_of({variable: "web.1"})
    assert (found.name if found else None) == platform


def _status(settings: Settings, peer: str, **headers: str) -> int:
    server = Flask("test")
    server.add_url_rule("/", view_func=lambda: "usage")
    refuse_other_machines(server, settings)
    return server.test_client().get("/", environ_base={"REMOTE_ADDR": peer}, headers=headers).status_code


@pytest.mark.parametrize("peer", [*HERE, ""], ids=[*HERE, "a Unix socket"])
def test_this_machine_is_served(peer: str) -> None:
    assert _status(Settings(), peer) == 200


@pytest.mark.parametrize("peer", ELSEWHERE)
def test_other_machines_are_served_only_if_that_was_written_down_wherever_a_wsgi_server_listens(peer: str) -> None:
    assert _status(Settings(), peer) == 403
    assert _status(OPEN, peer) == 200


def test_who_comes_through_a_proxy_of_this_machine_is_another_machine() -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    assert _status(Settings(), "127.0.0.1", **forwarded) == 403
    assert _status(OPEN, "127.0.0.1", **forwarded) == 200


DANGERS = [
    (Settings(auth=(Way.PASSWORD,)), "USAGE_DASH_SECRET"),
    (Settings(auth=(Way.FIREBASE,)), "USAGE_DASH_SECRET"),
    (Settings(auth=(Way.PROXY, Way.OIDC)), "USAGE_DASH_SECRET"),
    (Settings(auth=(Way.NONE,), auth_emulator_host="127.0.0.1:9099"), "FIREBASE_AUTH_EMULATOR_HOST"),
    (Settings(auth=(Way.PASSWORD,), secret="s" * 32, auth_emulator_host="127.0.0.1:9099"), "FIREBASE_AUTH_EMULATOR"),
]


@pytest.mark.parametrize(("settings", "named"), DANGERS, ids=[str(settings.auth) for settings, _ in DANGERS])
def test_what_is_not_kept_safe_stays_on_this_machine(settings: Settings, named: str) -> None:
    require_safe_address("127.0.0.1", settings)
    with pytest.raises(SettingsError, match=named):
        require_safe_address(EVERYWHERE, settings)
    assert _status(settings, "127.0.0.1") == 200
    assert _status(settings, "192.168.0.7") == 403


@pytest.mark.parametrize(
    "settings", [Settings(auth=(Way.PASSWORD,), secret="s" * 32), Settings(auth=(Way.PROXY,)), OPEN], ids=str
)
def test_a_way_that_is_kept_safe_may_be_served(settings: Settings) -> None:
    require_safe_address(EVERYWHERE, settings)
    assert _status(settings, "192.168.0.7") == 200
