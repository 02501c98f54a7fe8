"""What portals show in frames: their script, the empty documents of frames, and the small card."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, request

_Made = Callable[[], str]


def register(server: Flask, *, script: str, overview: _Made, me: _Made, card: _Made) -> None:
    """Add them: `overview` and `me` make documents without data, `card` a part of one with data."""
    blueprint = Blueprint("embed", __name__)
    blueprint.add_url_rule("/embed.js", "script", lambda: _fresh(Response(script, mimetype="text/javascript")))
    blueprint.add_url_rule("/embed", "overview", overview)
    blueprint.add_url_rule("/embed/me", "me", me)
    blueprint.add_url_rule("/embed/me/card", "card", card)
    server.register_blueprint(blueprint)


def _fresh(answer: Response) -> Response:
    """Return a file that portals name without a fingerprint: asked for each time, and sent when it has changed."""
    answer.add_etag()
    answer.make_conditional(request)
    return answer
