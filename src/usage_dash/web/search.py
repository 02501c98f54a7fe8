"""Where a page asks for users as somebody types."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, request


def register(server: Flask, rows: Callable[[str], str]) -> None:
    """Add the place; `rows` makes HTML of who is found for a text, among the users that who asks may see."""
    blueprint = Blueprint("search", __name__)
    blueprint.add_url_rule("/find-users", "users", lambda: rows(request.args.get("text", "")))
    server.register_blueprint(blueprint)
