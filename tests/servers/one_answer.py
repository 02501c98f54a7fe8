"""A server that is not as it should be, with one answer to everything, and what Google says to bad API keys."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from tests.servers.answering import Answering

REFERRER_BLOCKED: Mapping[str, Any] = {
    "error": {
        "code": 403,
        "message": "Requests from referer <empty> are blocked.",
        "status": "PERMISSION_DENIED",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_HTTP_REFERRER_BLOCKED"}],
    }
}
KEY_INVALID: Mapping[str, Any] = {
    "error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "status": "INVALID_ARGUMENT",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
    }
}


class OneAnswer(Answering):
    """Answers everything with `status` and `body`."""

    def __init__(self, status: int = HTTPStatus.INTERNAL_SERVER_ERROR, body: object = "") -> None:
        super().__init__()
        self.status, self.body = status, body

    def answer(self, _path: str) -> tuple[int, object]:
        return self.status, self.body
