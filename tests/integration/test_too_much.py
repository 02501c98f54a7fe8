"""A ledger that has too little memory for a question: it is said so, and the next question is answered."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from tests.fakes import DEADLINE
from tests.integration.page_client import request_of
from tests.many import ManyUsers

from usage_dash.app import create_app
from usage_dash.page import ids
from usage_dash.settings import Settings, Way

SENTENCE = "usage-dash has too little memory for this question at the moment."
UPDATE = "/_dash-update-component"
PLACES = [
    "/",
    "/users/uid-000001",
    "/find-users?text=ada",
    "/api/v1/overview",
    "/api/v1/users",
    "/export/users.csv",
    "/export/entries.csv",
    "/export/entries.json",
    "/export/users.xlsx",
]


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    made = create_app(Settings(auth=(Way.NONE,)), ManyUsers(10_000))
    made.extensions["usage_dash_board"].sync.refresh(wait=DEADLINE)
    yield made
    made.extensions["usage_dash_board"].close()


@contextmanager
def _tight(app: Flask) -> Iterator[None]:
    """Leave the ledger hardly more memory than what it holds."""
    ledger = app.extensions["usage_dash_board"].reports._ledger
    ledger._database.execute("SET memory_limit = '4MB'")
    try:
        yield
    finally:
        ledger._database.execute("SET memory_limit = '200MB'")


@pytest.mark.parametrize("path", PLACES)
def test_a_question_that_is_too_much_may_be_asked_again(
    app: Flask, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = app.test_client()
    with _tight(app), caplog.at_level(logging.ERROR):
        answers = [client.get(path, buffered=True) for _ in range(4)]  # more than files are made at once
    for answer in answers:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        is_problem = path.startswith("/api")
        assert answer.mimetype == ("application/problem+json" if is_problem else "text/plain")
        assert (answer.json["detail"] if is_problem else answer.text).startswith(SENTENCE)
        assert "Content-Disposition" not in answer.headers
    assert [record.exc_info for record in caplog.records] == [None] * 4
    assert "Out of Memory" in caplog.text
    assert client.get(path, buffered=True).status_code == 200


def test_a_page_says_so_and_keeps_what_it_shows(app: Flask) -> None:
    client = app.test_client()
    body = request_of(client.get("/_dash-dependencies").json)
    asked = next(each for each in body["inputs"] if each["id"] == ids.ASKED)
    asked["value"] = {"query": "range=7d", "at": ""}  # which nobody has asked yet
    with _tight(app):
        answer = client.post(UPDATE, json=body)
    assert answer.status_code == 200
    assert SENTENCE in answer.text
    assert "cards" not in answer.json.get("response", {})
    assert "cards" in client.post(UPDATE, json=body).json["response"]
