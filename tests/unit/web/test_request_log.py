"""What is logged of requests: rules, and no ids but those of the requests themselves."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.inside import logs
from usage_dash.web.request_log import log_requests


def _server(*, believed: bool = False) -> Flask:
    server = Flask("usage_dash")
    server.add_url_rule("/users/<user_id>", view_func=_fail)
    server.add_url_rule("/kept", "kept", lambda: Response("kept", headers={"Cache-Control": "max-age=60"}))
    server.add_url_rule("/fresh", "fresh", lambda: Response("fresh", headers={"Cache-Control": "no-store"}))
    log_requests(server, believed=believed)
    return server


def _fail(user_id: str) -> str:
    raise KeyError(len(user_id))


class Handler(logging.Handler):
    """Notes which request each line belongs to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    def emit(self, _record: logging.LogRecord) -> None:
        self.ids.append(logs.request_id())


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Handler]:
    handler = Handler()
    with caplog.at_level(logging.INFO):
        logging.getLogger().addHandler(handler)
        yield handler
        logging.getLogger().removeHandler(handler)


def test_a_request_that_fails_is_logged_with_its_cause_and_without_the_id_in_its_path(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = _server()
    with caplog.at_level(logging.INFO):
        assert server.test_client().get("/users/ada@acme.example?user=bob").status_code == 500
    assert "GET /users/<user_id> failed" in caplog.text
    assert "KeyError" in caplog.text
    assert not [name for name in ("ada", "bob") if name in caplog.text]


def test_all_lines_of_a_request_carry_the_id_that_its_answer_tells(lines: Handler) -> None:
    client = _server().test_client()
    told = client.get("/fresh").headers["X-Request-ID"]
    client.get("/users/ada")
    logging.getLogger("usage_dash").warning("Nobody asked")
    assert re.fullmatch(r"[0-9a-f]{16}", told)
    first, failed, its_line, none = lines.ids
    assert (first, failed, none) == (told, its_line, "")
    assert failed != first


def test_what_a_browser_keeps_is_told_no_id() -> None:
    assert "X-Request-ID" not in _server().test_client().get("/kept").headers


@pytest.mark.parametrize("given_id", ["9f86d081-884c-4d65-a2fe", "Root=1-67891233-abcdef012345678912345678"])
def test_a_proxys_id_is_taken_over_where_there_is_a_proxy(given_id: str) -> None:
    for believed in (True, False):
        client = _server(believed=believed).test_client()
        told = client.get("/fresh", headers={"X-Request-ID": given_id}).headers["X-Request-ID"]
        assert (told == given_id) == believed


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=200))
def test_an_id_that_could_be_anything_else_is_replaced(given_id: str) -> None:
    client = _server(believed=True).test_client()
    told = client.get("/fresh", headers={"X-Request-ID": given_id}).headers["X-Request-ID"]
    assert re.fullmatch(r"[A-Za-z0-9_.:=+/~-]{1,128}", told)
