"""The log: lines of text for people, or of JSON for programs. Lines of a request carry its id.

In JSON what a line of ours tells by name stands by that name too. What libraries attach to their lines is left out: at
the level DEBUG some attach all that was asked for and answered.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, Literal

Form = Literal["text", "json"]

_OURS: Final = "usage_dash"  # how the names of our own loggers begin
_request: ContextVar[str] = ContextVar("usage_dash_request", default="")  # a thread answers one request at a time


def set_up(level: str, form: Form) -> None:
    """Write what is logged from `level` on to standard error, unless somebody has said before where it goes."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Text() if form == "text" else _Json())
    logging.basicConfig(level=level, handlers=[handler])
    logging.captureWarnings(form == "json")  # or Python writes them as text


def enter(request: str) -> None:
    """Let this thread's lines carry the id of a request, until `leave`."""
    _request.set(request)


def leave() -> None:
    """Let this thread's lines be those of no request."""
    _request.set("")


def request_id() -> str:
    """Return the id of the request that this thread answers; empty where it answers none."""
    return _request.get()


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - its base's name
        """Return the first line."""
        asked_by = request_id()
        return super().formatMessage(record) + (f" [{asked_by}]" if asked_by else "")


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return one line, whatever is in it: also where an exception came from."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if asked_by := request_id():
            line["request_id"] = asked_by
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        named = {name: value for name, value in _named(record).items() if name not in line}
        return json.dumps(line | named, default=str)


def _named(record: logging.LogRecord) -> dict[str, Any]:
    """Return what a line of ours tells by name."""
    is_ours = record.name.partition(".")[0] == _OURS
    return dict(record.args) if is_ours and isinstance(record.args, Mapping) else {}
