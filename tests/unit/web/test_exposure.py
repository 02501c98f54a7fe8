"""Who may be served without sign-in."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from usage_dash.settings import SettingsError
from usage_dash.web.exposure import (
    is_loopback,
    listening_hosts,
    require_safe_address,
    require_safe_process,
    serving_hosts,
)

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the point of these tests
GUNICORN = {"SERVER_SOFTWARE": "gunicorn/27.0.1"}


@contextlib.contextmanager
def _listening(family: socket.AddressFamily, address: object) -> Iterator[socket.socket]:
    with socket.socket(family) as sock:
        sock.bind(address)
        sock.listen()
        yield sock


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.8.7", "localhost", "::1", "[::1]", "::ffff:127.0.0.1", "unix:/run/usage.sock"]
)
def test_loopback(host: str) -> None:
    assert is_loopback(host)
    require_safe_address([host], auth=None)


@pytest.mark.parametrize(
    "host",
    [EVERYWHERE, "::", "[::]", "", "192.168.0.7", "::ffff:10.0.0.1", "usage.example.org", "localhost.example.org", "0"],
)
def test_anything_else_needs_a_word(host: str) -> None:
    with pytest.raises(SettingsError, match=r"no sign-in.*USAGE_DASH_AUTH=none"):
        require_safe_address(["127.0.0.1", host], auth=None)
    require_safe_address([host], auth="none")


@pytest.mark.parametrize(("variable", "platform"), [("DYNO", "Heroku"), ("RENDER", "Render")])
def test_a_hosting_platform_serves_to_everybody(variable: str, platform: str) -> None:
    hosts = serving_hosts({variable: "web.1"}, ["127.0.0.1"])
    with pytest.raises(SettingsError, match=f"refuses to serve on {platform}"):
        require_safe_address(hosts, auth=None)


def test_elsewhere_the_sockets_tell() -> None:
    assert serving_hosts({}, []) == []
    assert serving_hosts(GUNICORN, ["127.0.0.1"]) == ["127.0.0.1"]


def test_a_preloaded_app_cannot_know_where_it_will_be_served() -> None:
    with pytest.raises(SettingsError, match="not known yet"):
        require_safe_address(serving_hosts(GUNICORN, []), auth=None)


def test_a_process_that_listens_everywhere_needs_a_word() -> None:
    with _listening(socket.AF_INET, (EVERYWHERE, 0)):
        with pytest.raises(SettingsError, match=r"0\.0\.0\.0"):
            require_safe_process(auth=None)
        require_safe_process(auth="none")


def test_listening_sockets_are_found() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        _listening(socket.AF_UNIX, str(Path(folder) / "s")),
        _listening(socket.AF_INET, ("127.0.0.7", 0)),
        _listening(socket.AF_INET6, ("::1", 0)),
    ):
        found = listening_hosts()
        assert {"127.0.0.7", "::1", f"unix:'{folder}/s'"} <= set(found)
    assert "127.0.0.7" not in listening_hosts()


def test_looking_at_sockets_leaves_them_open() -> None:
    with _listening(socket.AF_INET, ("127.0.0.1", 0)) as sock:
        listening_hosts()
        with socket.create_connection(sock.getsockname(), timeout=5):
            sock.accept()[0].close()
