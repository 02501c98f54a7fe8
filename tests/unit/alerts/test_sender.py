"""The process that sends: which Python runs it, and that apprise is not loaded where nobody is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from usage_dash.alerts.sender import python_of

LOAD = "import sys, usage_dash.app; from usage_dash.settings import load; load(); print('apprise' in sys.modules)"


@pytest.mark.parametrize(
    ("executable", "expected"),
    [
        ("/srv/.venv/bin/python3.11", "/srv/.venv/bin/python3.11"),
        ("/usr/bin/uwsgi", "/srv/.venv/bin/python3"),
        ("", "/srv/.venv/bin/python3"),
    ],
)
def test_python_runs_it_also_from_within_another_server(executable: str, expected: str) -> None:
    assert Path(python_of(executable, "/srv/.venv")) == Path(expected)


@pytest.mark.parametrize(("alerts", "is_loaded"), [("", "False"), ("json://127.0.0.1/hook", "True")])
def test_apprise_is_loaded_where_somebody_is_told(alerts: str, is_loaded: str, tmp_path: Path) -> None:
    environ = {"PYTHONPATH": ":".join(filter(None, sys.path)), "USAGE_DASH_ALERTS": alerts}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", LOAD], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == is_loaded
