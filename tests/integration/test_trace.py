"""A real trace, written as the chatbot writes, against figures worked out straight from the trace's file."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from html import unescape
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import DEADLINE
from tests.integration.page_client import PageClient, find, text
from tests.servers.chatbot import PROJECT, Chatbot
from tests.servers.emulator import Emulator

from usage_dash.app import create_app
from usage_dash.page import ids
from usage_dash.settings import Settings

TRACE = Path(__file__).parents[1] / "data" / "azure_llm_conv_2023.csv.gz"
EVERY = 16  # of 19,366 requests
STRETCH = timedelta(days=75)  # the trace's hour becomes so long, and ends now
PRICES = {"gpt-5.2": (1.75, 14.0), "gpt-5-mini": (0.25, 2.0), "gpt-4o": (2.5, 10.0)}  # dollars a million tokens
MODELS = ("gpt-5.2", "gpt-5-mini", "gpt-5-mini", "gpt-4o")


@dataclass(frozen=True)
class Call:
    user: str
    at: datetime
    model: str
    input_tokens: int
    output_tokens: int
    cost: float
    calls: int


@dataclass(frozen=True)
class Traced:
    """What was written, when, and the page that shows it in a zone where it is about noon."""

    calls: list[Call]
    now: datetime
    zone: timezone
    page: PageClient

    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def day(self, call: Call) -> date:
        return call.at.astimezone(self.zone).date()

    def last_days(self, days: int) -> list[Call]:
        first = self.today() - timedelta(days=days - 1)
        return [call for call in self.calls if first <= self.day(call)]


def _requests() -> list[tuple[datetime, int, int]]:
    with gzip.open(TRACE, "rt", encoding="ascii", newline="") as file:
        rows = list(islice(csv.DictReader(file), 0, None, EVERY))
    return [
        (datetime.fromisoformat(row["TIMESTAMP"][:26]), int(row["ContextTokens"]), int(row["GeneratedTokens"]))
        for row in rows
    ]


def _calls(now: datetime) -> Iterator[Call]:
    requests = _requests()
    first, length = requests[0][0], requests[-1][0] - requests[0][0]
    for number, (at, input_tokens, output_tokens) in enumerate(requests):
        skewed = int(hashlib.sha256(str(number).encode()).hexdigest(), 16) % 2500
        model = MODELS[number % len(MODELS)]
        price_in, price_out = PRICES[model]
        yield Call(
            user=f"user-{int(skewed**0.5):02}",
            at=now - timedelta(minutes=1) - STRETCH * (1 - (at - first) / length),
            model=model,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost=(input_tokens * price_in + output_tokens * price_out) / 1_000_000,
            calls=1 + number % 3,
        )


def _far_from_boundaries(call: Call, now: datetime) -> bool:
    """Whether hours more or less, for which the tests may run, do not move the call across a span's ends."""
    return all(abs(now - timedelta(days=days) - call.at) > timedelta(hours=6) for days in (7, 30, 90))


def _write(chatbot: Chatbot, calls: list[Call]) -> None:
    for call in calls:
        entry = {
            "timestamp": call.at,
            "model": call.model,
            "inputTokens": call.input_tokens,
            "outputTokens": call.output_tokens,
            "totalTokens": call.input_tokens + call.output_tokens,
            "costUsd": call.cost,
            "calls": call.calls,
        }
        chatbot.count(call.user, entry, call.at)


@pytest.fixture(scope="module")
def traced(emulator: Emulator, emulator_client: Any) -> Traced:
    now = datetime.now(UTC)
    calls = [call for call in _calls(now) if _far_from_boundaries(call, now)]
    _write(Chatbot(emulator_client, "traced"), calls)
    noon = 12 - now.hour  # hours east of Greenwich, where no day ends while the test runs
    settings = Settings(
        emulator_host=emulator.host,
        project_id=PROJECT,
        collection="traced",
        timezone=ZoneInfo(f"Etc/GMT{-noon:+d}" if noon else "UTC"),
    )
    app = create_app(settings)
    app.extensions["usage_dash_board"].sync.refresh(wait=DEADLINE)
    return Traced(calls, now, timezone(timedelta(hours=noon)), PageClient(app))


def test_cards_equal_the_trace(traced: Traced) -> None:
    cards = traced.page.refresh()[ids.CARDS]["children"]
    calls = traced.calls
    assert text(find(cards, ids.TOTAL_COST)) == f"${sum(call.cost for call in calls):,.2f}"
    assert text(find(cards, ids.TOTAL_CALLS)) == f"{sum(call.calls for call in calls):,}"
    tokens = sum(call.input_tokens + call.output_tokens for call in calls)
    assert find(cards, ids.TOTAL_TOKENS)["title"] == f"{tokens:,}"
    assert text(find(cards, ids.ACTIVE_USERS)) == f"{len({call.user for call in calls})}"


@pytest.mark.parametrize("days", [7, 30])
def test_the_range_and_its_change_equal_the_trace(traced: Traced, days: int) -> None:
    cost, calls, _, users = (
        text(card) for card in traced.page.refresh(asked={"query": f"range={days}d"})[ids.CARDS]["children"]
    )
    shown = traced.last_days(days)
    shift = timedelta(days=days)
    before = [
        call
        for call in traced.last_days(2 * days)
        if traced.day(call) <= traced.today() - shift and call.at <= traced.now - shift
    ]
    spent, spent_before = sum(call.cost for call in shown), sum(call.cost for call in before)
    assert f"{abs(spent / spent_before - 1):.1%}" in cost
    assert f"${spent:,.2f} in {days} days" in cost or f"${spent:.4f} in {days} days" in cost
    assert f"{sum(call.calls for call in shown):,} in {days} days" in calls
    assert f"{len({call.user for call in shown})} in {days} days" in users


def test_charts_equal_the_trace(traced: Traced) -> None:
    charts = traced.page.refresh()[ids.CHARTS]["data"]
    shown = traced.last_days(30)
    by_day: dict[tuple[str, str], float] = defaultdict(float)
    by_model: dict[str, float] = defaultdict(float)
    calls_by_day: Counter[str] = Counter()
    calls_by_model: Counter[str] = Counter()
    for call in shown:
        by_day[f"{traced.day(call)}", call.model] += call.cost
        by_model[call.model] += call.cost
        calls_by_day[f"{traced.day(call)}"] += call.calls
        calls_by_model[call.model] += call.calls
    days = [f"{traced.today() - timedelta(days=29 - number)}" for number in range(30)]
    stacked = {_model(trace["name"]): trace for trace in _traces(charts, ids.COST_OVER_TIME) if "stackgroup" in trace}
    assert stacked.keys() == by_model.keys()
    for model, trace in stacked.items():
        assert trace["x"] == days
        assert trace["y"] == pytest.approx([by_day[day, model] for day in days])
    total = _traces(charts, ids.COST_OVER_TIME)[-1]
    assert total["y"] == pytest.approx([sum(by_day[day, model] for model in by_model) for day in days])
    assert _traces(charts, ids.CALLS_OVER_TIME)[-1]["y"] == [calls_by_day[day] for day in days]
    (bars,) = _traces(charts, ids.COST_BY_MODEL)
    assert dict(zip(map(_model, bars["y"]), bars["x"], strict=True)) == pytest.approx(dict(by_model))
    (donut,) = _traces(charts, ids.MODEL_DISTRIBUTION)
    assert dict(zip(map(_model, donut["labels"]), donut["values"], strict=True)) == calls_by_model


def test_every_page_of_the_table_equals_the_trace(traced: Traced) -> None:
    by_user: dict[str, list[Call]] = defaultdict(list)
    for call in traced.calls:
        by_user[call.user].append(call)
    spent = {user: sum(call.cost for call in calls) for user, calls in by_user.items()}
    expected = [(user, _cells(by_user[user])) for user in sorted(spent, key=lambda user: (-spent[user], user))]
    pages = range((len(expected) + 9) // 10)
    rows = [row for page in pages for row in _rows(traced, f"sort=-cost&page={page + 1}")]
    assert [(_user(row), (row["cost"], row["calls"], row["cost_per_call"])) for row in rows] == expected
    recent = {user: sum(call.cost for call in traced.last_days(30) if call.user == user) for user in spent}
    for row in rows:
        assert f">{_dollars(recent[_user(row)])}<" in row["range_cost"]


def test_an_opened_row_lists_the_entries_of_the_trace(traced: Traced) -> None:
    user = Counter(call.user for call in traced.calls).most_common(1)[0][0]
    entries = sorted((call for call in traced.calls if call.user == user), key=lambda call: call.at, reverse=True)
    rows = _rows(traced, urlencode({"sort": "-calls", "open": user, "entries": f"2:{user}"}))
    start = [_user(row) for row in rows].index(user) + 2  # after the user's row and the summary
    shown = [(row["cost"], row["calls"], row["input_tokens"], row["output_tokens"]) for row in rows[start : start + 20]]
    assert shown == [
        (_dollars(call.cost), f"{call.calls}", f"{call.input_tokens:,}", f"{call.output_tokens:,}")
        for call in entries[20:40]
    ]


def _rows(traced: Traced, query: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = traced.page.refresh(asked={"query": query})[ids.USERS_TABLE]["data"]
    return rows


def _traces(charts: dict[str, Any], chart: str) -> list[dict[str, Any]]:
    traces: list[dict[str, Any]] = charts[chart]["figure"]["data"]
    return traces


def _model(label: str) -> str:
    """The model's name without what makes its label a harmless key."""
    return label.strip("\u200b\u2068\u2069")


def _user(row: dict[str, str]) -> str:
    """The user's name, out of the cell's markup."""
    named = unescape(row["user"])
    return named[named.index("<bdi>") + len("<bdi>") : named.index("</bdi>")] if named else ""


def _cells(calls: list[Call]) -> tuple[str, str, str]:
    cost, count = sum(call.cost for call in calls), sum(call.calls for call in calls)
    return _dollars(cost), f"{count:,}", _dollars(cost / count)


def _dollars(cost: float) -> str:
    if cost == 0 or cost >= 1:
        return f"${cost:,.2f}"
    return f"${cost:.4f}" if cost >= 0.001 else f"${Decimal(f'{cost:.1e}'):f}"
