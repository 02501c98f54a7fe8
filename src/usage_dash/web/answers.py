"""Answers that are no page: one plain sentence each."""

from __future__ import annotations

from http import HTTPStatus

Refusal = tuple[str, HTTPStatus, dict[str, str]]


def refusal(sentence: str, status: HTTPStatus) -> Refusal:
    """Return a sentence for people as what a view of Flask's returns."""
    return f"{sentence}\n", status, {"Content-Type": "text/plain; charset=utf-8"}
