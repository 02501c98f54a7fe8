from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.browser import scenes
from tests.fakes import DEADLINE, MemoryRepository
from tests.integration.page_client import UPDATE, find, request

from usage_dash.app import create_app
from usage_dash.page import ids
from usage_dash.settings import Settings

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@pytest.fixture(scope="module")
def app() -> Flask:
    """A dashboard that has read its source, however long that took."""
    app = scenes.app(scenes.repository())
    app.extensions["usage_dash_board"].sync.refresh(wait=DEADLINE)
    return app


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


def test_the_first_answer_holds_the_whole_page(client: FlaskClient) -> None:
    answer = client.post(UPDATE, json=request(client))
    assert answer.status_code == 200
    parts = answer.json["response"]
    assert {"cards", "charts", "users-table", "held", "status-slot"} <= parts.keys()
    assert "$97.50" in json.dumps(parts["cards"])


def test_what_the_browser_holds_is_not_sent_again(client: FlaskClient) -> None:
    asked = request(client)
    held = client.post(UPDATE, json=asked).json["response"]["held"]["data"]
    asked["state"][0]["value"] = held
    again = client.post(UPDATE, json=asked)
    assert again.json["response"].keys() == {"clock", "bill-read", "bill-saved", "problem"}
    assert len(again.data) < 300


def test_a_change_of_the_table_sends_the_table_only(client: FlaskClient) -> None:
    asked = request(client)
    held = client.post(UPDATE, json=asked).json["response"]["held"]["data"]
    asked["state"][0]["value"] = held
    asked["inputs"][2]["value"] = {"query": "sort=user&open=user-03"}
    parts = client.post(UPDATE, json=asked).json["response"]
    assert "users-table" in parts
    assert not {"cards", "charts"} & parts.keys()
    assert "user-03" in json.dumps(parts["users-table"])


def test_the_document_carries_what_is_seen_first_and_is_not_kept(client: FlaskClient) -> None:
    client.post(UPDATE, json=request(client))
    answer = client.get("/")
    assert answer.headers["Cache-Control"] == "no-store"
    still, carried = answer.text.split('<div id="react-entry-point">')
    assert re.search(r'<div [^>]*id="total-cost"[^>]*>\$97\.50</div>', still)
    [layout] = re.findall(r'<script type="application/json" id="carried-layout">(.*?)</script>', carried)
    assert "user-03" in layout
    assert json.loads(layout)["type"] == client.get("/_dash-layout").json["type"]


def test_who_took_the_document_holds_all_that_the_first_answer_would_bring(client: FlaskClient) -> None:
    asked = request(client)
    client.post(UPDATE, json=asked)
    [layout] = re.findall(r'id="carried-layout">(.*?)</script>', client.get("/").text)
    asked["state"][0]["value"] = find(json.loads(layout), ids.HELD)["data"]
    assert client.post(UPDATE, json=asked).json["response"].keys() == {"clock", "bill-read", "bill-saved", "problem"}


def test_scripts_in_the_document_are_those_that_the_policy_names(client: FlaskClient) -> None:
    answer = client.get("/")
    bodies = re.findall(r"<script>(.*?)</script>", answer.text, flags=re.DOTALL)
    assert len(bodies) == 2
    for body in bodies:
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_layout_and_dependencies_carry_no_user_data(client: FlaskClient) -> None:
    client.post(UPDATE, json=request(client))
    for path in ("/_dash-layout", "/_dash-dependencies"):
        text = client.get(path).text
        assert "user-0" not in text
        assert "97.5" not in text


def test_pages_say_what_they_may_do(client: FlaskClient) -> None:
    for path in ("/", "/no/such/page"):
        headers = client.get(path).headers
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http" not in policy
        assert "unsafe-eval" not in policy
        assert "img-src 'self' data: blob:;" in policy
        assert policy.count("blob:") == 1
        assert re.search(r"script-src 'self'(?: 'sha256-[^']+')+;", policy)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Permissions-Policy"] == "geolocation=(), camera=(), microphone=()"


def test_data_carries_what_it_needs_and_no_more(client: FlaskClient) -> None:
    answers = [client.get("/_dash-layout"), client.get("/health"), client.post(UPDATE, json=request(client))]
    for answer in answers:
        security = {
            name: value for name, value in answer.headers if not re.match(r"Content-(Type|Length|Encoding)$", name)
        }
        assert security.pop("X-Request-ID"), "by which its lines are found in the log"
        assert security == {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def test_files_are_nosniff(client: FlaskClient) -> None:
    for path in ("/assets/favicon.svg", "/assets/app.css", "/assets/theme.js"):
        headers = client.get(path, buffered=True).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" not in headers


def test_of_the_polyfill_comes_what_dash_needs(client: FlaskClient) -> None:
    scripts = re.findall(r'<script src="([^"]+)"', client.get("/").text)
    assert [script for script in scripts if "polyfill" in script] == []
    assert [script for script in scripts if "regenerator-runtime" in script] == scripts[
        1:2
    ]  # behind Plotly, before all


def test_versioned_files_are_kept_for_good_and_the_page_is_not(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    files = re.findall(r'<(?:script|link)\b[^>]* (?:src|href)="(/[^"]+)"', page.text)
    assert len(files) > 15
    for file in files:
        assert client.get(file, buffered=True).headers["Cache-Control"] == "public, max-age=31536000, immutable", file
    assert client.get("/assets/app.css", buffered=True).headers["Cache-Control"] == "no-cache"
    assert client.get("/_dash-layout").headers["Cache-Control"] == "no-store"


def test_text_is_sent_compressed(client: FlaskClient) -> None:
    file = re.search(r'src="(/assets/vendor/plotly[^"]+)"', client.get("/").text)
    assert file
    answer = client.get(file[1], headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 500_000


def test_the_page_is_a_full_document(client: FlaskClient) -> None:
    text = client.get("/").text
    for part in (
        '<html lang="en"',
        "<title>OpenAI usage</title>",
        'name="theme-color"',
        'name="description"',
        'rel="icon"',
    ):
        assert part in text


def test_health_is_no_page(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.text == "OK"


def test_the_model_context_protocol_stays_off_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASH_MCP_ENABLED", "true")
    with create_app(Settings(), MemoryRepository()).test_client() as client:
        assert client.post("/_mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).status_code in {404, 405}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(values=st.lists(anything, min_size=4, max_size=4))
def test_forged_values_are_answered_as_if_nothing_had_been_asked(client: FlaskClient, values: list[Any]) -> None:
    asked = request(client)
    for named, value in zip([*asked["inputs"], *asked["state"]], values, strict=True):
        named["value"] = value
    assert client.post(UPDATE, json=asked).status_code == 200


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(["output", "outputs", "inputs", "state", "changedPropIds"]), value=anything)
def test_forged_shapes_are_refused(client: FlaskClient, field: str, value: Any) -> None:
    asked = request(client)
    expected = 200 if field == "changedPropIds" and value == [] else 400
    assert client.post(UPDATE, json={**asked, field: value}).status_code == expected


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b'"text"', b"{}", b'{"output": "no.such"}', b"[" * 100_000]
)
def test_broken_bodies_are_refused(client: FlaskClient, body: bytes) -> None:
    assert client.post(UPDATE, data=body, content_type="application/json").status_code == 400


def test_endless_bodies_are_refused(client: FlaskClient) -> None:
    assert client.post(UPDATE, data=b" " * 300_000, content_type="application/json").status_code == 413


def test_files_that_do_not_exist_are_not_found(client: FlaskClient) -> None:
    for path in ("x/y.js", "dash/nope.js", "dash/deps/nope@1.js"):
        assert client.get(f"/_dash-component-suites/{path}").status_code == 404


def test_a_fault_of_ours_is_logged_and_told_in_one_plain_sentence(caplog: pytest.LogCaptureFixture) -> None:
    app = scenes.app(scenes.repository(users=1))
    board = app.extensions["usage_dash_board"]
    board.sync.refresh(wait=DEADLINE)
    board.close()
    with app.test_client() as client:
        answer = client.post(UPDATE, json=request(client))
    assert answer.status_code == 200
    assert "Something went wrong in usage-dash; its log says what." in answer.text
    assert "Traceback" not in answer.text
    assert "A callback failed" in caplog.text


def test_the_page_of_another_deploy_is_refused(client: FlaskClient) -> None:
    facts = re.search(r'id="facts">(.+?)</script>', client.get("/").text)
    assert facts
    asked = request(client)
    for version, expected in ((json.loads(facts[1])["version"], 200), ("of-yesterday", 400)):
        assert client.post(UPDATE, json=asked, headers={"X-Usage-Dash": version}).status_code == expected


def test_what_was_drawn_for_one_viewer_is_sent_to_the_next_without_asking_the_ledger() -> None:
    app = scenes.app(scenes.repository())
    board = app.extensions["usage_dash_board"]
    board.sync.refresh(wait=DEADLINE)
    with app.test_client() as client:
        first = client.post(UPDATE, json=request(client)).get_json()["response"]
        board.close()
        second = client.post(UPDATE, json=request(client)).get_json()["response"]
    assert first["cards"] == second["cards"]
    assert first["users-table"] == second["users-table"]
