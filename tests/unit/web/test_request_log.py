"""What is logged of requests: rules, and no ids."""

from __future__ import annotations

import logging

import pytest
from flask import Flask

from usage_dash.web.request_log import log_requests


def _fail(user_id: str) -> str:
    raise KeyError(len(user_id))


def test_a_request_that_fails_is_logged_with_its_cause_and_without_the_id_in_its_path(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = Flask("usage_dash")
    server.add_url_rule("/users/<user_id>", view_func=_fail)
    log_requests(server)
    with caplog.at_level(logging.INFO):
        assert server.test_client().get("/users/ada@acme.example?user=bob").status_code == 500
    assert "GET /users/<user_id> failed" in caplog.text
    assert "KeyError" in caplog.text
    assert not [name for name in ("ada", "bob") if name in caplog.text]
