"""Being shown under a path of a proxy."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient
from tests.fakes import MemoryRepository

from usage_dash.app import create_app
from usage_dash.settings import Settings

STRIPPED, LEFT = "", "/usage"


def _client(url_prefix: str) -> FlaskClient:
    return create_app(Settings(url_prefix=url_prefix), MemoryRepository()).test_client()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return _client("/usage/")


@pytest.mark.parametrize("before", [STRIPPED, LEFT], ids=["stripped", "left"])
def test_the_page_and_its_files_are_answered_whether_the_path_was_stripped_or_not(
    client: FlaskClient, before: str
) -> None:
    files = _files(client.get(f"{before}/").text)
    assert len(files) > 15
    for file in files:
        assert file.startswith("/usage/")
        answer = client.get(before + file.removeprefix("/usage"), buffered=True)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_browser_is_told_where_to_ask(client: FlaskClient) -> None:
    config = re.search(r'id="_dash-config"[^>]*>([^<]+)<', client.get("/").text)
    assert config
    assert json.loads(config[1])["requests_pathname_prefix"] == "/usage/"


@pytest.mark.parametrize("before", [STRIPPED, LEFT], ids=["stripped", "left"])
def test_health_and_refusals_are_the_same_at_both_places(client: FlaskClient, before: str) -> None:
    assert client.get(f"{before}/health").text == "OK"
    assert client.get(f"{before}/health", headers={"Host": "internal.example"}).status_code == 200
    assert client.post(f"{before}/_dash-update-component", json={}).status_code == 400
    assert client.get(f"{before}/", headers={"Host": "evil.example"}).status_code == 400


def test_the_path_without_its_slash_leads_to_the_page(client: FlaskClient) -> None:
    answer = client.get("/usage")
    assert (answer.status_code, answer.location) == (308, "/usage/")


def test_a_path_that_only_begins_like_it_is_another() -> None:
    assert _client("/assets2/").get("/assets22/app.css").status_code != 308
    with _client("/app/") as client:
        assert client.get("/application/health").text != "OK"


def test_a_proxys_path_that_is_not_set_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    client = _client("/")
    for path in ("/", "/health"):
        client.get(path)
    assert caplog.messages == []
    for prefix in ("/", "/usage", "/usage"):
        client.get("/", headers={"X-Forwarded-Prefix": prefix})
    [message] = caplog.messages
    assert "USAGE_DASH_URL_PREFIX" in message


def test_a_proxys_word_does_not_change_what_was_set(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    for prefix in ("/usage", "/elsewhere", "//evil.example"):
        told = client.get("/", headers={"X-Forwarded-Prefix": prefix})
        assert _files(told.text) == _files(client.get("/").text)
    assert caplog.messages == []


def _files(page: str) -> list[str]:
    return re.findall(r'<(?:script|link)\b[^>]* (?:src|href)="([^"]+)"', page)
