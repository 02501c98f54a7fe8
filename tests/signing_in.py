"""A dashboard that people sign in to, and its door alone, whose clock the tests move."""

from __future__ import annotations

from typing import Any

from flask import Flask
from tests.browser import scenes
from tests.fakes import EagerClock, MemoryRepository

from usage_dash.access.current import admitted
from usage_dash.access.lists import lists_of
from usage_dash.access.scopes import Scopes
from usage_dash.app import create_dash
from usage_dash.ledger.scope import ALL_USERS
from usage_dash.people.directory import Directory
from usage_dash.settings import Settings
from usage_dash.web import gate
from usage_dash.web.sign_in import pages
from usage_dash.web.sign_in.door import SignIn
from usage_dash.web.sign_in.session import keep_sessions

SECRET = "s" * 32  # signs the sessions of tests
HOUR = 3_600.0


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def dashboard(source: MemoryRepository | None = None, **settings: Any) -> Flask:
    """A whole dashboard with these settings."""
    chosen = Settings(**({"secret": SECRET, "refresh_seconds": 3600} | settings))
    server: Flask = create_dash(chosen, source or scenes.repository(users=3), EagerClock()).server
    return server


def door(clock: Clock, **settings: Any) -> Flask:
    """The door of a dashboard, without a dashboard behind it."""
    chosen = Settings(**({"secret": SECRET} | settings))
    server = Flask("usage_dash", template_folder="web/templates")
    server.jinja_env.globals.update(asset=str, styles=(), prefix=chosen.url_prefix)
    keep_sessions(server, chosen)
    directory = Directory(chosen.people_file)
    opened = SignIn(server, chosen, lists_of(chosen, directory), clock)
    pages.register(server, opened)
    gate.guard(server, opened, Scopes(directory), chosen)
    server.add_url_rule("/", "usage", _seen)
    return server


def _seen() -> str:
    """What stands for usage: as whom one sees whose."""
    found = admitted()
    users = found.scope.users
    return f"{found.viewer.role} {'all' if users is ALL_USERS else ' '.join(sorted(users))}"
