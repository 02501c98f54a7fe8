"""Answers that are no page: one plain sentence, and what is asked for by whoever watches over the process."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

Refusal = tuple[str, HTTPStatus, dict[str, str]]

HEALTH: Final = "/health"  # tells nothing of usage


def refusal(sentence: str, status: HTTPStatus) -> Refusal:
    """Return a sentence for people as what a view of Flask's returns."""
    return f"{sentence}\n", status, {"Content-Type": "text/plain; charset=utf-8"}
