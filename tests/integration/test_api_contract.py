"""The API holds what its description says, whatever it is asked: schemathesis reads that, and finds nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import FatalError, NonFatalError, PhaseFinished, ScenarioFinished
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.engine.run import PhaseName
from tests.browser.scenes import document, entry
from tests.fakes import DEADLINE, MemoryRepository
from werkzeug.serving import make_server

from usage_dash.app import create_app
from usage_dash.reporting.ranges import EARLIEST_DAY
from usage_dash.settings import Settings, Way
from usage_dash.settings.tokens import ApiToken, See, digest_of, new_token

TOKEN = new_token()
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
TODAY = datetime.now(UTC).date().isoformat()
LONGEST_QUERY = 60_000  # characters; what is longer is refused by the server before it comes to the app
# All checks in all phases, the same each time.
CONFIG = {
    "headers": HEADERS,
    "continue-on-failure": True,
    "generation": {"max-examples": 10, "deterministic": True},
}


@pytest.fixture
def address() -> Iterator[str]:
    """Where an app with a few users is served, as it is in production."""
    now = datetime.now(UTC)
    source = MemoryRepository(
        {f"u{day}": document(f"u{day}", [entry(now - timedelta(days=day), 1.0, f"m{day}")]) for day in range(4)}
    )
    source.clock = now
    app = create_app(
        Settings(
            auth=(Way.PROXY,),
            proxy_header="X-User",
            proxy_secret="p" * 32,
            admins="admin@acme.example",
            refresh_seconds=3600,
            api_tokens=(ApiToken("ci", digest_of(TOKEN), See.ALL),),
        ),
        source,
    )
    board = app.extensions["usage_dash_board"]
    board.sync.refresh(wait=DEADLINE)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    board.close()


@pytest.mark.filterwarnings("ignore:Generating overly large repr:hypothesis.errors.HypothesisWarning")
def test_the_api_holds_what_its_description_says(address: str) -> None:
    config = SchemathesisConfig.from_dict(CONFIG)
    api = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=config, headers=HEADERS)
    api.hook("filter_case")(_can_be)
    events = list(from_schema(api).execute())
    assert [str(event) for event in events if isinstance(event, NonFatalError | FatalError)] == []
    scenarios = [event.recorder for event in events if isinstance(event, ScenarioFinished)]
    assert [said for recorder in scenarios for said in _failures(recorder)] == []
    assert sum(len(recorder.cases) for recorder in scenarios) > 500
    ended = {event.phase.name: event.status for event in events if isinstance(event, PhaseFinished)}
    assert [ended[phase] for phase in (PhaseName.COVERAGE, PhaseName.FUZZING, PhaseName.STATEFUL_TESTING)] == [
        Status.SUCCESS
    ] * 3


def _failures(recorder: ScenarioRecorder) -> Iterator[str]:
    for checks in recorder.checks.values():
        for check in checks:
            if found := check.failure_info:
                yield f"{check.name}: {found.failure.message} {found.code_sample}"[:1_000]


def _can_be(_context: HookContext, case: Case) -> bool:
    """Whether a query that its parameters allow, each for itself, can also be as a whole, and comes to the app."""
    query: Mapping[str, Any] = case.query or {}
    if len(urlencode(query, doseq=True)) > LONGEST_QUERY:
        return False
    if case.meta is None or case.meta.generation.mode is GenerationMode.NEGATIVE:
        return True
    first, last = query.get("from"), query.get("to", TODAY)
    if first is None or query.get("cursor"):
        return "to" not in query and not query.get("cursor")
    return "range" not in query and EARLIEST_DAY.isoformat() <= last and first <= min(last, TODAY)
