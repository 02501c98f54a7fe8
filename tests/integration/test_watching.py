"""What watches over the process: `/metrics` for Prometheus by a token, and `/ready` for everybody."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as families
from tests.fakes import DEADLINE, FORBIDDEN, EagerClock, MemoryRepository
from tests.unit.samples import a_document, an_entry
from waitress import create_server

from usage_dash import __version__
from usage_dash.app import create_dash
from usage_dash.page.board import Board
from usage_dash.settings import Settings, Way
from usage_dash.settings.tokens import ApiToken, See, digest_of, new_token
from usage_dash.web.static_files import prepare

TOKEN, OTHER_TOKEN = "token-of-prometheus-" * 2, "token-of-prometheus." * 2
BY_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
USER, TEAM, MODEL = "user-of-metrics", "Team of Metrics", 'gpt "4o"\\\nwith two lines'
IN_A_HEADER = st.characters(codec="latin-1", exclude_characters="\r\n")
WILD_ACCEPT = re.compile(
    r"(text/plain|application/openmetrics-text) *(; *(version|escaping)=[\w.-]{0,8}){0,3}", re.ASCII
)
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def _source() -> MemoryRepository:
    entries = [an_entry(costUsd=0.25), an_entry(costUsd=0.5, model=MODEL)]
    return MemoryRepository({USER: a_document(*entries, userId=USER, totalCostUsd=0.75)})


@contextmanager
def _served(source: MemoryRepository, **chosen: Any) -> Iterator[Flask]:
    app = create_dash(Settings(metrics_token=TOKEN, **chosen), source, EagerClock()).server
    yield app
    _board(app).close()


def _board(app: Flask) -> Board:
    board: Board = app.extensions["usage_dash_board"]
    return board


@pytest.fixture
def source() -> MemoryRepository:
    return _source()


@pytest.fixture
def app(source: MemoryRepository) -> Iterator[Flask]:
    with _served(source) as served:
        yield served


def _scrape(app: Flask) -> Samples:
    answer = app.test_client().get("/metrics", headers=BY_TOKEN)
    assert answer.status_code == HTTPStatus.OK
    return _samples(answer.text)


def _samples(text: str) -> Samples:
    found = [sample for family in families(text) for sample in family.samples]
    samples = {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in found}
    assert len(samples) == len(found), "no series stands there twice"
    return samples


def _value(samples: Samples, name: str, **labels: str) -> float:
    return samples[f"usage_dash_{name}", tuple(sorted(labels.items()))]


# Who may scrape


def test_without_a_token_in_the_settings_there_is_nothing_there(source: MemoryRepository) -> None:
    app = create_dash(Settings(), source).server
    for headers in ({}, BY_TOKEN, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        assert app.test_client().get("/metrics", headers=headers).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer é",
        f"Bearer {OTHER_TOKEN}",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {digest_of(TOKEN)}",
        f"Basic {TOKEN}",
        TOKEN,
    ],
)
def test_nobody_scrapes_without_the_token_also_where_everybody_is_let_in(app: Flask, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}
    assert app.test_client().get("/").status_code == HTTPStatus.OK
    answer = app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "usage_dash_" not in answer.text


def test_the_token_is_for_metrics_alone_and_no_other_is_for_metrics(source: MemoryRepository) -> None:
    program = new_token()
    tokens = (ApiToken("ci", digest_of(program), See.ALL),)
    with _served(source, auth=(Way.PASSWORD,), password="of-viewers", secret="s" * 32, api_tokens=tokens) as app:  # noqa: S106 - made up
        client = app.test_client()
        assert client.get("/metrics", headers=BY_TOKEN).status_code == HTTPStatus.OK
        assert client.get("/api/v1/overview", headers=BY_TOKEN).status_code == HTTPStatus.UNAUTHORIZED
        by_program = {"Authorization": f"Bearer {program}"}
        assert client.get("/api/v1/overview", headers=by_program).status_code == HTTPStatus.OK
        assert client.get("/metrics", headers=by_program).status_code == HTTPStatus.UNAUTHORIZED


def test_a_scrape_with_another_token_is_a_line_of_the_audit(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "usage_dash.audit")
    app.test_client().get("/metrics", headers={"Authorization": f"Bearer {OTHER_TOKEN}"})
    [line] = [record.getMessage() for record in caplog.records if record.name == "usage_dash.audit"]
    assert line.startswith('refused {"way": "metrics"')
    assert OTHER_TOKEN not in caplog.text


# What is told


def test_a_scrape_reads_nothing_of_the_source(app: Flask, source: MemoryRepository) -> None:
    samples = _scrape(app)
    assert source.arrivals == 0
    assert _value(samples, "build_info", version=__version__) == 1
    assert _value(samples, "documents") == 0
    assert ("usage_dash_data_timestamp_seconds", ()) not in samples, "nothing is known yet"
    _board(app).sync.refresh(wait=DEADLINE)
    arrived = source.arrivals
    _scrape(app)
    assert source.arrivals == arrived


def test_metrics_tell_what_was_read_and_how_the_data_is(app: Flask, source: MemoryRepository) -> None:
    _board(app).sync.refresh(wait=DEADLINE)
    samples = _scrape(app)
    totals = _board(app).sync.totals()
    assert _value(samples, "reads_total") == totals.reads == 2
    assert _value(samples, "queries_total") == totals.queries == len(source.calls)
    assert _value(samples, "read_bytes_total") == totals.wire_bytes > 0
    assert _value(samples, "documents") == 1
    assert _value(samples, "data_timestamp_seconds") == source.clock.timestamp()
    assert _value(samples, "sync_failing") == 0
    assert _value(samples, "sync_duration_seconds_count") == 1
    assert _value(samples, "ledger_memory_bytes") > 0
    assert ("usage_dash_ledger_disk_bytes", ()) not in samples
    _board(app).sync.refresh(wait=DEADLINE)
    assert _value(_scrape(app), "naive_reads_total") == 1


def test_syncs_that_fail_are_counted_by_kind(app: Flask, source: MemoryRepository) -> None:
    assert _value(_scrape(app), "sync_failures_total", kind="permission") == 0
    source.fail_in(0, FORBIDDEN)
    _board(app).sync.refresh(wait=DEADLINE)
    samples = _scrape(app)
    assert _value(samples, "sync_failures_total", kind="permission") == 1
    assert _value(samples, "sync_failures_total", kind="unreachable") == 0
    assert _value(samples, "sync_failing") == 1


def test_spend_is_told_by_model_whatever_its_name_is(app: Flask) -> None:
    _board(app).sync.refresh(wait=DEADLINE)
    samples = _scrape(app)
    assert _value(samples, "model_cost_dollars", model="gpt-4o") == 0.25
    assert _value(samples, "model_cost_dollars", model=MODEL.replace("\n", "�")) == 0.5
    assert _value(samples, "model_cost_dollars", model="Not itemised") == 0


def test_answers_are_measured_by_kind_to_whom_was_let_in(app: Flask) -> None:
    client = app.test_client()
    for path in ("/api/v1/overview", "/export/users.csv", "/export/nothing.csv", "/", "/health", "/ready", "/sign-in"):
        client.get(path, buffered=True)
    client.get(next(iter(re.findall(r'src="(/assets/[^"]+)"', client.get("/").text))), buffered=True)
    samples = _scrape(app)
    counts = {kind: _value(samples, "answer_duration_seconds_count", kind=kind) for kind in ("page", "api", "export")}
    assert counts["api"] == 1
    assert counts["export"] == 2
    assert counts["page"] >= 2
    assert {_value(samples, "answer_failures_total", kind=kind) for kind in counts} == {0}
    again = _scrape(app)
    assert _value(again, "answer_duration_seconds_count", kind="page") == counts["page"], "scrapes are not counted"


def test_files_that_are_made_ready_at_the_start_are_no_answers(app: Flask) -> None:
    prepare(app.extensions["usage_dash"])
    assert _value(_scrape(app), "answer_duration_seconds_count", kind="page") == 0


def test_an_answer_that_fails_is_counted_as_that(app: Flask, source: MemoryRepository) -> None:
    source.fail_in(0, times=1000)
    assert app.test_client().get("/api/v1/overview").status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert _value(_scrape(app), "answer_failures_total", kind="api") == 1


def test_the_cache_tells_its_hits(app: Flask) -> None:
    _board(app).sync.refresh(wait=DEADLINE)
    for _ in range(2):
        app.test_client().get("/")
    samples = _scrape(app)
    assert _value(samples, "cache_misses_total") > 0
    assert _value(samples, "cache_hits_total") > 0
    assert _value(samples, "cache_bytes") > 0


def test_nobody_is_in_a_label(source: MemoryRepository, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(f"user_id,name,email,team\n{USER},Ada,ada@acme.example,{TEAM}\n", encoding="utf-8")
    with _served(source, people_file=people) as app:
        client = app.test_client()
        for path in (
            f"/?user={USER}&team={TEAM}",
            f"/api/v1/users/{USER}",
            f"/export/users.csv?team={TEAM}",
            f"/{USER}",
        ):
            client.get(path, buffered=True)
        labels = {label for _, told in _scrape(app) for label in told}
        assert {name for name, _ in labels} == {"version", "kind", "le", "model"}
        for _, value in labels:
            assert not [each for each in (USER, TEAM, "Ada", "acme") if each in value]


def test_a_ledger_in_a_file_tells_its_size(source: MemoryRepository, tmp_path: Path) -> None:
    with _served(source, chosen_source="firestore", ledger_file=tmp_path / "usage.duckdb") as app:
        assert _value(_scrape(app), "ledger_disk_bytes") > 0


# How it is told


def test_both_formats_are_offered(app: Flask) -> None:
    _board(app).sync.refresh(wait=DEADLINE)
    client = app.test_client()
    plain = client.get("/metrics", headers=BY_TOKEN)
    assert plain.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    opened = client.get("/metrics", headers=BY_TOKEN | {"Accept": f"{OPEN_METRICS},text/plain;q=0.5"})
    assert opened.headers["Content-Type"].startswith(OPEN_METRICS)
    assert opened.text.endswith("# EOF\n")
    assert {family.name for family in open_families(opened.text)} >= {"usage_dash_reads", "usage_dash_documents"}


@given(st.text(IN_A_HEADER, max_size=80) | st.from_regex(WILD_ACCEPT, alphabet=IN_A_HEADER))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_accepted_is_answered(app: Flask, accept: str) -> None:
    answer = app.test_client().get("/metrics", headers=BY_TOKEN | {"Accept": accept})
    assert answer.status_code == HTTPStatus.OK


def test_metrics_have_help_and_names_as_prometheus_wants_them(app: Flask) -> None:
    units = ("_seconds", "_bytes", "_dollars", "_info", "_total", "_created")
    for family in families(app.test_client().get("/metrics", headers=BY_TOKEN).text):
        if family.name.startswith("usage_dash_"):
            assert family.documentation.endswith(".") or family.name.endswith("_created"), family.name
            assert family.type == "counter" or family.name.endswith(units) or family.name in NUMBERS


NUMBERS = {"usage_dash_documents", "usage_dash_sync_failing"}  # which have no unit


def test_two_apps_in_one_process_count_for_themselves(app: Flask, source: MemoryRepository) -> None:
    with _served(_source()) as other:
        other.test_client().get("/api/v1/overview")
        ours, theirs = _scrape(app), _scrape(other)
    assert source.arrivals == 0
    for name in ("reads_total", "documents", "sync_duration_seconds_count"):
        assert _value(ours, name) == 0
        assert _value(theirs, name) > 0
    assert _value(ours, "answer_duration_seconds_count", kind="api") == 0


@contextmanager
def _listening(app: Flask) -> Iterator[str]:
    server = create_server(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(DEADLINE)


def test_it_is_scraped_through_the_server_and_below_a_path(source: MemoryRepository) -> None:
    with _served(source, url_prefix="/usage/") as app, _listening(app) as address:
        for path in ("/metrics", "/usage/metrics"):
            answer = requests.get(address + path, headers=BY_TOKEN, timeout=DEADLINE)
            assert _value(_samples(answer.text), "documents") == 0
            assert requests.get(address + path, timeout=DEADLINE).status_code == HTTPStatus.UNAUTHORIZED
        assert requests.get(f"{address}/usage/ready", timeout=DEADLINE).json()["status"] == "idle"


# Whether it is ready


def test_it_is_ready_before_anybody_has_asked_and_reads_nothing(app: Flask, source: MemoryRepository) -> None:
    answer = app.test_client().get("/ready")
    assert (answer.status_code, answer.json) == (200, {"status": "idle", "last_sync_age_seconds": None})
    assert source.arrivals == 0


def test_it_is_ready_with_data_and_tells_its_age_alone(app: Flask) -> None:
    _board(app).sync.refresh(wait=DEADLINE)
    answer = app.test_client().get("/ready")
    assert answer.status_code == HTTPStatus.OK
    assert answer.json.keys() == {"status", "last_sync_age_seconds"}
    assert answer.json["status"] == "live"
    assert answer.json["last_sync_age_seconds"] > timedelta(days=1).total_seconds(), "by the source's clock"


def test_it_is_not_ready_when_the_first_read_has_failed_until_it_was_tried_again(source: MemoryRepository) -> None:
    clock = Standing()
    app = create_dash(Settings(), source, clock).server
    source.fail_in(0)
    _board(app).sync.refresh(wait=DEADLINE)
    client = app.test_client()
    failed = client.get("/ready")
    assert (failed.status_code, failed.json) == (503, {"status": "failed", "last_sync_age_seconds": None})
    arrived = source.arrivals
    assert client.get("/ready").status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert source.arrivals == arrived, "it is not tried again before its time"
    clock.seconds += 60
    client.get("/ready")
    _board(app).sync.close()
    assert source.arrivals > arrived, "though nobody looks"
    assert client.get("/ready").json["status"] == "live"
    _board(app).reports.close()


class Standing:
    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_ready_is_open_to_everybody_by_any_name_and_without_https(
    source: MemoryRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENDER", "true")
    with _served(source, auth=(Way.PASSWORD,), password="of-viewers", secret="s" * 32) as app:  # noqa: S106 - made up
        headers = {"Host": "10.2.3.4.pods.example", "X-Forwarded-Proto": "http"}
        for path in ("/ready", "/health"):
            assert app.test_client().get(path, headers=headers).status_code == HTTPStatus.OK
