"""Places for what watches over the process: `/ready`, open to everybody, and `/metrics`, for who has its token."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request
from pydantic import SecretStr

from usage_dash.access.current import somebody
from usage_dash.inside.readiness import readiness
from usage_dash.settings.tokens import digest_of
from usage_dash.sync.sync import Sync
from usage_dash.web import audit, request_log
from usage_dash.web.answers import METRICS, READY, Refusal, refusal

if TYPE_CHECKING:
    from usage_dash.inside.metrics import Metrics

_NO_TOKEN = "This is for whoever has the token in USAGE_DASH_METRICS_TOKEN, as “Authorization: Bearer …”."  # noqa: S105
_NOT_THERE = "There is nothing here: USAGE_DASH_METRICS_TOKEN is not set."


def tell_readiness(
    server: Flask, sync: Sync, refresh_seconds: float, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> None:
    """Answer 200 or 503 at `/ready`, and nothing that has to do with usage.

    A try that was promised is made then, so that what is taken out of service when it is not ready gets there again,
    though nobody looks any more.
    """

    def ready() -> tuple[Response, HTTPStatus]:
        sync.retry()
        found = readiness(sync.state, now(), refresh_seconds)
        told = jsonify(status=found.status, last_sync_age_seconds=None if found.age is None else round(found.age))
        return told, HTTPStatus.OK if found.ready else HTTPStatus.SERVICE_UNAVAILABLE

    server.add_url_rule(READY, READY, ready)


def offer_metrics(server: Flask, token: SecretStr | None, make: Callable[[], Metrics]) -> None:
    """Answer with the metrics that `make` makes at `/metrics`, where there is a token; else with 404."""
    metrics = make() if token else None

    def scrape() -> Response | Refusal:
        if token is None or metrics is None:
            return refusal(_NOT_THERE, HTTPStatus.NOT_FOUND)
        if not _has(token):
            audit.note("refused", "metrics", why="the token is missing or another one")
            sentence, status, headers = refusal(_NO_TOKEN, HTTPStatus.UNAUTHORIZED)
            return sentence, status, headers | {"WWW-Authenticate": "Bearer"}
        body, media_type = metrics.scraped(request.headers.get("Accept", ""))
        return Response(body, content_type=media_type)

    server.add_url_rule(METRICS, METRICS, scrape)
    if metrics:
        _measure(server, metrics)


def _measure(server: Flask, metrics: Metrics) -> None:
    """Count each answer to somebody who was let in."""

    @server.after_request
    def count(response: Response) -> Response:
        kind = None if request_log.OWN in request.environ else _kind()
        if kind:
            failed = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
            metrics.answered(kind, request_log.seconds(), failed=failed)
        return response


def _kind() -> str | None:
    """Return which kind of answer this is; None for what is the same for all, and for who was not let in."""
    if request.blueprint == "export":
        return "export" if somebody() or request.endpoint == "export.once" else None
    if somebody() is None:
        return None
    return "api" if request.blueprint == "api" else "page"


def _has(token: SecretStr) -> bool:
    """Whether the request has this token; that takes as long for each, however much of it is right."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    known = digest_of(token.get_secret_value())
    return scheme.lower() == "bearer" and hmac.compare_digest(digest_of(given.strip(" ")), known)
