"""Answers that are no page: one plain sentence, and what is asked for by whoever watches over the process.

Programs get the sentence as problem details (RFC 9457).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from flask import request

Refusal = tuple[str, HTTPStatus, dict[str, str]]

HEALTH: Final = "/health"  # tells nothing of usage
READY: Final = "/ready"  # nor does this
METRICS: Final = "/metrics"  # for who has its token
PROBES: Final = frozenset({HEALTH, READY})  # asked for by whatever name
API: Final = "/api/v1"  # below it programs ask


def refusal(sentence: str, status: HTTPStatus) -> Refusal:
    """Return a sentence for people, or for a program, as what a view of Flask's returns."""
    if asked_by_a_program():
        return problem(sentence, status)
    return f"{sentence}\n", status, {"Content-Type": "text/plain; charset=utf-8"}


def problem(sentence: str, status: HTTPStatus, errors: Sequence[str] = ()) -> Refusal:
    """Return a sentence as problem details; `errors` are what all was wrong, in words."""
    told = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": sentence}
    headers = {"Content-Type": "application/problem+json"}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return json.dumps(told | ({"errors": list(errors)} if errors else {}), ensure_ascii=False), status, headers


def asked_by_a_program() -> bool:
    """Tell whether the request is to the API, where all that is answered is JSON."""
    return request.path == API or request.path.startswith(f"{API}/")
