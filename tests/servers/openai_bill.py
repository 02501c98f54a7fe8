"""A server of this machine that tells costs and usage as OpenAI does, honestly or with a chosen fault.

What it answers is checked against the types of OpenAI's own SDK, and so is what it is asked.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from openai.types.admin.organization import UsageCompletionsResponse, UsageCostsResponse
from openai.types.admin.organization.usage_completions_params import UsageCompletionsParams
from openai.types.admin.organization.usage_costs_params import UsageCostsParams
from pydantic import BaseModel

KEY: Final = "sk-admin-KrT4vLq0_w9ZpXn2MbYc"
BOT: Final = ("proj_bot", "key_bot")  # the chatbot's project and API key
_DAY: Final = timedelta(days=1)
_SECONDS_TO_END: Final = 0.02
_DRIP_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Billed:
    """What a line item cost on a day; without `dollars` its amount is not told."""

    day: date
    line_item: str | None
    dollars: float | None
    caller: tuple[str, str] = BOT
    currency: str = "usd"


@dataclass(frozen=True, slots=True)
class Answered:
    """How much a model answered on a day."""

    day: date
    model: str
    requests: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    caller: tuple[str, str] = BOT


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that is none: `body` with a status, or without one a connection that is never answered.

    `drips`: the body comes byte by byte, without an end; `drips_headers`: so do the headers.
    """

    status: int | None
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    drips: bool = False
    drips_headers: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that arrived."""

    path: str
    params: Mapping[str, list[str]]
    key: str


@dataclass(frozen=True, slots=True)
class _Kind:
    answer: type[BaseModel]
    params: Set[str]
    most_days: int
    groups: Set[str]


_KINDS: Final = {
    "/v1/organization/costs": _Kind(
        UsageCostsResponse, {*UsageCostsParams.__annotations__}, 180, {"line_item", "api_key_id"}
    ),
    "/v1/organization/usage/completions": _Kind(
        UsageCompletionsResponse,
        frozenset(UsageCompletionsParams.__annotations__),
        31,
        frozenset({"model", "api_key_id"}),
    ),
}


class OpenAIBillServer:
    """Answers at `address` in a `with`; `asked` holds the requests. It is `today` there, and so many days a page."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.costs: list[Billed] = []
        self.usage: list[Answered] = []
        self.fault: Fault | None = None
        self.endless = False  # each page names a next one
        self.page_days = 180
        self.held = threading.Event()  # while it is not set, answers wait
        self.held.set()
        self.arrived = threading.Semaphore(0)
        self.asked: list[Asked] = []
        self.over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.bill = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=[_SECONDS_TO_END], daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}/v1"

    def answer(self, path: str, params: Mapping[str, list[str]]) -> tuple[int, object]:
        kind = _KINDS.get(path)
        if kind is None:
            return 404, {"error": {"message": f"Invalid URL (GET {path})", "type": "invalid_request_error"}}
        if wrong := _wrong(kind, params):
            return 400, {"error": {"message": wrong, "type": "invalid_request_error"}}
        said = self._page(kind, params)
        kind.answer.model_validate(said)
        return 200, said

    def _page(self, kind: _Kind, params: Mapping[str, list[str]]) -> dict[str, Any]:
        start = datetime.fromtimestamp(int(params["start_time"][0]), UTC).date()
        start += int(params.get("page", ["page_0"])[0].removeprefix("page_")) * _DAY
        limit = min(int(params.get("limit", ["7"])[0]), self.page_days)
        days = [start + number * _DAY for number in range(limit) if start + number * _DAY <= self.today]
        ended = not days or days[-1] == self.today
        offset = (start - datetime.fromtimestamp(int(params["start_time"][0]), UTC).date()).days + len(days)
        next_page = None if ended and not self.endless else f"page_{offset}"
        buckets = [_bucket(day, self._results(kind, params, day)) for day in days]
        return {"object": "page", "data": buckets, "has_more": next_page is not None, "next_page": next_page}

    def _results(self, kind: _Kind, params: Mapping[str, list[str]], day: date) -> list[dict[str, Any]]:
        groups = params.get("group_by[]", [])
        if kind.answer is UsageCostsResponse:
            return _costs((each for each in self.costs if each.day == day and _is_in(each.caller, params)), groups)
        return _usage((each for each in self.usage if each.day == day and _is_in(each.caller, params)), groups)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self.held.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _wrong(kind: _Kind, params: Mapping[str, list[str]]) -> str:
    """Say what OpenAI would not accept of a question."""
    unknown = {name.removesuffix("[]") for name in params} - kind.params
    groups = set(params.get("group_by[]", []))
    if unknown or "start_time" not in params:
        return f"Unknown or missing parameter: {unknown or 'start_time'}"
    if not groups <= kind.groups:
        return f"Invalid group_by: {groups}"
    return "" if 1 <= int(params.get("limit", ["7"])[0]) <= kind.most_days else "Invalid limit"


def _is_in(caller: tuple[str, str], params: Mapping[str, list[str]]) -> bool:
    project, key = caller
    return project in params.get("project_ids[]", [project]) and key in params.get("api_key_ids[]", [key])


def _bucket(day: date, results: list[dict[str, Any]]) -> dict[str, Any]:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": results}


def _grouped(found: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for each in found:
        groups[key(each)].append(each)
    return groups


def _costs(found: Iterable[Billed], groups: list[str]) -> list[dict[str, Any]]:
    def key(each: Billed) -> tuple[str | None, str | None, str]:
        item = each.line_item if "line_item" in groups else None
        return item, each.caller[1] if "api_key_id" in groups else None, each.currency

    return [
        {
            "object": "organization.costs.result",
            "amount": None
            if any(each.dollars is None for each in rows)
            else {"value": sum(each.dollars for each in rows), "currency": currency},
            "line_item": item,
            "project_id": None,
            "api_key_id": api_key,
            "quantity": None,
        }
        for (item, api_key, currency), rows in _grouped(found, key).items()
    ]


def _usage(found: Iterable[Answered], groups: list[str]) -> list[dict[str, Any]]:
    def key(each: Answered) -> tuple[str | None, str | None]:
        return each.model if "model" in groups else None, each.caller[1] if "api_key_id" in groups else None

    return [
        {
            "object": "organization.usage.completions.result",
            "input_tokens": sum(each.input_tokens for each in rows),
            "output_tokens": sum(each.output_tokens for each in rows),
            "input_cached_tokens": sum(each.cached_tokens for each in rows),
            "num_model_requests": sum(each.requests for each in rows),
            "model": model,
            "api_key_id": api_key,
            "project_id": None,
            "user_id": None,
            "batch": None,
        }
        for (model, api_key), rows in _grouped(found, key).items()
    ]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    bill: OpenAIBillServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        bill, address = self.server.bill, urlsplit(self.path)
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        asked = Asked(address.path, parse_qs(address.query), key)
        bill.asked.append(asked)
        bill.arrived.release()
        bill.held.wait()
        if bill.fault is not None:
            self._fail(bill.fault)
        elif key != KEY:
            self._send(401, {"error": {"message": f"Incorrect API key provided: {key[:12]}***{key[-4:]}."}})
        else:
            self._send(*bill.answer(asked.path, asked.params))

    def _send(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, fault: Fault) -> None:
        if fault.status is None:
            self.server.bill.over.wait()
            return
        self.send_response(fault.status)
        for name, value in fault.headers.items():
            self.send_header(name, value)
        if fault.drips_headers:
            self.flush_headers()
            self._drip(b"X-More: ")
            return
        self.end_headers()
        self.wfile.write(fault.body.encode())
        if fault.drips:
            self._drip(b"")

    def _drip(self, first: bytes) -> None:
        self.wfile.write(first)
        while not self.server.bill.over.wait(_DRIP_SECONDS):
            self.wfile.write(b" ")
            self.wfile.flush()

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:  # whoever asked has lost patience
            self.close_connection = True

    def log_message(self, *_parts: object) -> None:
        """Keep still."""
