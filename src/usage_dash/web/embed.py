"""What portals show in frames: their script, the empty documents of frames, and the small card."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, request


def register(
    server: Flask,
    *,
    script: str,
    overview: Callable[[], str],
    me: Callable[[], str],
    card: Callable[[], str],
) -> None:
    """Add them: `overview` and `me` make documents without data, `card` a part of one with data."""
    blueprint = Blueprint("embed", __name__)

    @blueprint.get("/embed.js", endpoint="script")
    def embed_script() -> Response:
        return _fresh(Response(script, mimetype="text/javascript"))

    @blueprint.get("/embed", endpoint="overview")
    def embed_overview() -> str:
        return overview()

    @blueprint.get("/embed/me", endpoint="me")
    def embed_me() -> str:
        return me()

    @blueprint.get("/embed/me/card", endpoint="card")
    def embed_card() -> str:
        return card()

    server.register_blueprint(blueprint)


def _fresh(answer: Response) -> Response:
    """Return a file that portals name without a fingerprint: asked for each time, and sent when it has changed."""
    answer.add_etag()
    answer.make_conditional(request)
    return answer
