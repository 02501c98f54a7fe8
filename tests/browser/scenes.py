"""Usage documents as the chatbot writes them, for pages that tests look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from tests.fakes import EagerClock, MemoryRepository

from usage_dash.app import create_dash
from usage_dash.settings import Settings

MODELS = ("gpt-5.2", "gpt-5-mini", "gpt-4o", "o4-mini")


def entry(at: datetime, cost: float, model: str = "gpt-5.2", calls: int = 1) -> dict[str, Any]:
    return {
        "timestamp": at,
        "model": model,
        "inputTokens": 800 * calls,
        "outputTokens": 200 * calls,
        "totalTokens": 1_000 * calls,
        "costUsd": cost,
        "calls": calls,
    }


def document(user_id: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    """A document whose totals are those of its entries."""
    totals = {
        name: sum(item[name] for item in entries) for name in ("calls", "inputTokens", "outputTokens", "totalTokens")
    }
    times = [item["timestamp"] for item in entries]
    return {
        "userId": user_id,
        "totalCalls": totals["calls"],
        "totalInputTokens": totals["inputTokens"],
        "totalOutputTokens": totals["outputTokens"],
        "totalTokens": totals["totalTokens"],
        "totalCostUsd": sum(item["costUsd"] for item in entries),
        "lastUpdated": max(times),
        "createdAt": min(times),
        "recentUsage": entries,
    }


def repository(users: int = 25, entries: int = 30) -> MemoryRepository:
    """Users user-00, user-01, … each dearer than the next, whose entries go back twelve hours apart."""
    now = datetime.now(UTC).replace(microsecond=0)
    documents = {}
    for number in range(users):
        times = [now - timedelta(minutes=5 + number, hours=12 * step) for step in range(entries)]
        items = [entry(at, cost=(users - number) / 100, model=MODELS[step % 4]) for step, at in enumerate(times)]
        documents[f"user-{number:02}"] = document(f"user-{number:02}", items)
    found = MemoryRepository(documents)
    found.clock = now
    return found


def app(source: MemoryRepository, *, refresh_seconds: int = 3600, url_prefix: str = "/", **more: Any) -> Flask:
    """A dashboard of this source that refreshes by itself only when told to, and at each press of its button."""
    settings = Settings(refresh_seconds=refresh_seconds, url_prefix=url_prefix, **more)
    server: Flask = create_dash(settings, source, EagerClock()).server
    return server


def use(source: MemoryRepository, user_id: str, cost: float, model: str = "gpt-5.2") -> None:
    """A call of this user, written as the chatbot does: totals counted up, the entry appended."""
    source.pass_time(seconds=1)
    at = source.clock
    items = [*source.documents.get(user_id, {}).get("recentUsage", []), entry(at, cost, model)]
    source.documents[user_id] = document(user_id, items)
