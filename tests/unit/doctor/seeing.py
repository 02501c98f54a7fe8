"""What the doctor's unit tests look at: a setup of chosen settings, and a source that showed chosen documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes import MemoryRepository

from usage_dash.checks.check import Check, State
from usage_dash.doctor.setup import Setup
from usage_dash.doctor.source import Seen, see
from usage_dash.settings import Settings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRESTORE = {"project_id": "acme-chatbot"}
HEROKU, RENDER = {"DYNO": "web.1"}, {"RENDER": "true"}


def setup(environ: dict[str, str] | None = None, **settings: Any) -> Setup:
    return Setup(Settings.model_validate(FIRESTORE | settings), environ or {}, lambda: NOW)


def document(**fields: object) -> dict[str, Any]:
    entry = {"timestamp": NOW, "model": "gpt-4o", "inputTokens": 1, "outputTokens": 1, "totalTokens": 2} | {
        "costUsd": 0.1,
        "calls": 1,
    }
    totals = {"totalCalls": 1, "totalInputTokens": 1, "totalOutputTokens": 1, "totalTokens": 2, "totalCostUsd": 0.1}
    return {**totals, "lastUpdated": NOW, "createdAt": NOW, "recentUsage": [entry], **fields}


def seen(documents: dict[str, dict[str, Any]] | None = None, **changes: Any) -> Seen:
    found = see(MemoryRepository({"ada": document()} if documents is None else documents), lambda: NOW)
    assert isinstance(found, Seen)
    return replace(found, **changes)


def ahead(**span: float) -> Seen:
    return seen(ahead=timedelta(**span))


def state_of(check: Check | None) -> State:
    """Return how a check stands; what is not good says what to do."""
    assert check is not None
    assert not check.title.endswith(".")
    assert not check.detail.endswith(".")
    if check.state in {State.ACT, State.LOOK}:
        assert check.todo.endswith((".", "`")), check.todo
    return check.state
