"""Who may be served without sign-in."""

from __future__ import annotations

import pytest
from flask import Flask

from usage_dash.settings import SettingsError
from usage_dash.web.exposure import is_loopback, refuse_other_machines, require_safe_address
from usage_dash.web.platforms import platform_of

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the point of these tests
HERE = ["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1"]
ELSEWHERE = ["192.168.0.7", "::ffff:10.0.0.1", "2001:db8::7"]


@pytest.mark.parametrize("host", [*HERE, "localhost", "[::1]"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)
    require_safe_address(host, auth=None)


@pytest.mark.parametrize(
    "host", [*ELSEWHERE, EVERYWHERE, "::", "[::]", "", "usage.example.org", "localhost.example.org", "0"]
)
def test_anything_else_needs_a_word(host: str) -> None:
    with pytest.raises(SettingsError, match=r"no sign-in.*USAGE_DASH_AUTH=none"):
        require_safe_address(host, auth=None)
    require_safe_address(host, auth="none")


@pytest.mark.parametrize(("variable", "platform"), [("DYNO", "Heroku"), ("RENDER", "Render"), ("HOME", None)])
def test_a_platform_makes_itself_known(variable: str, platform: str | None) -> None:
    found = platform_of({variable: "web.1"})
    assert (found.name if found else None) == platform


def _status(auth: str | None, peer: str) -> int:
    server = Flask("test")
    server.add_url_rule("/", view_func=lambda: "usage")
    refuse_other_machines(server, auth)
    return server.test_client().get("/", environ_base={"REMOTE_ADDR": peer}).status_code


@pytest.mark.parametrize("peer", [*HERE, ""], ids=[*HERE, "a Unix socket"])
def test_this_machine_is_served(peer: str) -> None:
    assert _status(None, peer) == 200


@pytest.mark.parametrize("peer", ELSEWHERE)
def test_other_machines_are_served_only_if_that_was_written_down_wherever_a_wsgi_server_listens(peer: str) -> None:
    assert _status(None, peer) == 403
    assert _status("none", peer) == 200
