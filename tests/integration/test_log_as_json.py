"""The log as lines of JSON: whatever the program says while it serves, each line is one object."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.servers.ports import free_port
from tests.servers.program import read_until, running
from tests.servers.router import Router

PERSON = "user-of-the-log"
AS_JSON = {"USAGE_DASH_LOG_FORMAT": "json", "USAGE_DASH_LOG_LEVEL": "DEBUG"}
FAILING = """
import warnings
import usage_dash
from usage_dash.web.serve import listen, serve

app = usage_dash.create_app()
app.add_url_rule("/fails", "fails", lambda: 1 / 0)

def breaking():
    yield b"a piece"
    raise ZeroDivisionError

app.add_url_rule("/breaks", "breaks", breaking)

def ready():
    warnings.warn("Beware", stacklevel=1)
    print('{"ready": true}', flush=True)

serve(app, listen("127.0.0.1", int(__import__("sys").argv[1])), on_ready=ready)
"""


@pytest.fixture
def source(tmp_path: Path) -> dict[str, str]:
    document = {"userId": PERSON, "totalCalls": 3, "totalCostUsd": 0.5, "recentUsage": []}
    (tmp_path / "usage.jsonl").write_text(f"{json.dumps(document)}\n", encoding="utf-8")
    return {"USAGE_DASH_SOURCE": "local", "USAGE_DASH_LOCAL_FILE": "usage.jsonl"}


def _rest(process: subprocess.Popen[str]) -> str:
    """End the program, and return what it has said that was not read yet, also what is read ahead."""
    process.terminate()
    assert process.stdout is not None
    return process.stdout.read()


def _objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_program_says_everything_in_lines_of_json(tmp_path: Path, source: dict[str, str]) -> None:
    seen, port = list[str](), free_port()
    command = [str(Path(sys.executable).parent / "usage-dash"), "run"]
    wrong = {"USAGE_DASH_LOG_FORMATT": "json"}
    with running(command, tmp_path, **source, **AS_JSON, **wrong, PORT=str(port)) as process:
        read_until(process, "usage-dash is at ", seen)
        router = Router("localhost", port)
        for header in [name for name in router.headers if name.startswith(("X-Forwarded", "Origin"))]:
            del router.headers[header]
        asked = router.ask(f"/api/v1/overview?user={PERSON}").headers["X-Request-ID"]
        read_until(process, "Synced: ", seen)
        log = _objects("".join(seen) + _rest(process))
    assert any("USAGE_DASH_LOG_FORMATT is not a setting" in each["message"] for each in log)
    [line] = [each for each in log if each["logger"] == "usage_dash.requests"]
    assert (line["request_id"], line["asked"], line["status"]) == (asked, "GET /api/v1/overview", 200)
    [sync] = [each for each in log if each["message"].startswith("Synced: ")]
    assert {name: sync[name] for name in ("outcome", "documents", "changed")} == {
        "outcome": "ok",
        "documents": 1,
        "changed": True,
    }
    assert {"seconds", "reads", "queries", "bytes_out", "version"} < sync.keys()
    assert "request_id" not in sync, "it is of no request: others wait for it too"
    assert PERSON not in json.dumps(log)


def test_exceptions_and_what_libraries_say_are_lines_of_json_too(tmp_path: Path, source: dict[str, str]) -> None:
    seen, port = list[str](), free_port()
    with running([sys.executable, "-c", FAILING, str(port)], tmp_path, **source, **AS_JSON) as process:
        read_until(process, "ready", seen)
        router = Router("localhost", port)
        for header in [name for name in router.headers if name.startswith(("X-Forwarded", "Origin"))]:
            del router.headers[header]
        assert router.ask("/fails").status_code == 500
        router.ask("/breaks", stream=True).close()
        read_until(process, "Exception while serving", seen)
        log = _objects("".join(seen) + _rest(process))
    [failed] = [each for each in log if each.get("message") == "GET /fails failed"]
    assert failed["exception"].endswith("ZeroDivisionError: division by zero")
    assert failed["request_id"]
    [broken] = [each for each in log if each.get("logger") == "waitress"]
    assert broken["exception"].endswith("ZeroDivisionError")
    assert any("Beware" in each["message"] for each in log if each.get("logger") == "py.warnings")
