"""Files to take along: `/export/<name>` with the page's own query string, within the viewer's scope.

CSV and JSON are sent while they are read, from one state of the ledger, which is let go when all is sent or the browser
has gone. So few are made at once that the page keeps its threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import chain, islice
from typing import IO, Final

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.wsgi import wrap_file

from usage_dash.access.current import Admitted, admitted
from usage_dash.exports import files
from usage_dash.exports.files import Form
from usage_dash.reporting.dashboard import Moment, Reports
from usage_dash.reporting.exports import What
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.grammar import filters_of
from usage_dash.reporting.settle import settled
from usage_dash.sync.sync import Sync
from usage_dash.web import audit
from usage_dash.web.answers import Refusal, refusal
from usage_dash.web.once import Once

_AT_ONCE: Final = 3  # files that are made at the same time; the server has a few threads more
_READY: Final = 2  # pieces of a file, the head and the first rows, that are made before it is promised to be there
_FIRST_READ_SECONDS: Final = 2.0  # that an answer may wait for the sync, when nothing is known
_SOON: Final = {"Retry-After": "30"}


class _RefusedError(Exception):
    """A file that cannot be had: the message says why, to who asks."""

    def __init__(self, sentence: str, status: HTTPStatus, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which file somebody asks for."""

    who: Admitted
    name: str
    query: dict[str, list[str]]

    @property
    def what(self) -> str:
        return self.name.partition(".")[0]

    @property
    def form(self) -> Form:
        return Form(self.name.partition(".")[2])


def register(server: Flask, reports: Reports, sync: Sync) -> None:
    """Add the places of files."""
    export = _Export(reports, sync)
    blueprint = Blueprint("export", __name__)
    blueprint.add_url_rule("/export/<name>", "file", export.file)
    blueprint.add_url_rule("/export/<name>", "promise", export.promise, methods=["POST"])
    blueprint.add_url_rule("/export/once/<name>", "once", export.once)
    server.register_blueprint(blueprint)


class _Export:
    def __init__(self, reports: Reports, sync: Sync) -> None:
        self._reports = reports
        self._sync = sync
        self._promised: Once[_Asked] = Once()
        self._seats = threading.BoundedSemaphore(_AT_ONCE)

    def file(self, name: str) -> Response | Refusal:
        """Answer with a file."""
        return _told(self._sent, _asked(name))

    def promise(self, name: str) -> Response | Refusal:
        """Answer with an address, from where this one is, that gives the file once, to whoever has it."""
        return _told(self._promise, _asked(name))

    def once(self, name: str) -> Response | Refusal:
        """Answer with the file that was promised; who asks for its head alone does not use the address up."""
        asked = self._promised.look(name) if _asks_for_the_head() else self._promised.take(name)
        if asked is None:
            return refusal("This address worked once, within a minute. Ask for the file again.", HTTPStatus.NOT_FOUND)
        return _told(self._sent, asked)

    def _promise(self, stack: ExitStack, asked: _Asked) -> Response:
        """Return the address; what could not be had is said now, as nobody reads the answer to a download."""
        self._look(stack, asked)
        return jsonify(address=f"once/{self._promised.promise(asked, asked.who.viewer.key)}")

    def _sent(self, stack: ExitStack, asked: _Asked) -> Response:
        """Return the file; what is open for it is closed with the answer."""
        moment, filters, data_time = self._look(stack, asked)
        title = files.name_of(asked.what, asked.form, moment, filters)
        if _asks_for_the_head():
            answer = Response(iter(()))  # how long the file is nobody knows
        else:
            audit.note("exported", asked.name, _called(asked.who))
            answer = _made(stack, moment, filters, asked, data_time)
        answer.headers["Content-Type"] = files.KINDS[asked.form]
        answer.headers["Content-Disposition"] = f'attachment; filename="{title}"'
        return answer

    def _look(self, stack: ExitStack, asked: _Asked) -> tuple[Moment, Filters, datetime]:
        """Return the moment, what is asked of it, and the time of the data; they are kept until the stack closes."""
        if asked.name not in files.NAMES:
            raise _RefusedError(_no_such_file(), HTTPStatus.NOT_FOUND)
        self._take_a_seat(stack)
        data_time = self._data_time()
        filters = self._filters(asked)
        moment = stack.enter_context(self._reports.moment(asked.who.scope, filters.choice))
        if asked.form is Form.EXCEL:
            files.check_length(moment, filters, asked.what)
        return moment, filters, data_time

    def _take_a_seat(self, stack: ExitStack) -> None:
        if not self._seats.acquire(blocking=False):
            raise _RefusedError(
                f"{_AT_ONCE} files are being made already. Try again in a moment.",
                HTTPStatus.SERVICE_UNAVAILABLE,
                _SOON,
            )
        stack.callback(self._seats.release)

    def _filters(self, asked: _Asked) -> Filters:
        """Return what the query string asks for; a file that shows something else is none."""
        with self._reports.moment(asked.who.scope) as moment:
            read = filters_of(asked.query, moment.today)
            there = settled(moment, read.filters)
        if left_out := (*read.left_out, *there.left_out):
            raise _RefusedError(
                f"This address asks for {', '.join(left_out)}, so there is no file of it.", HTTPStatus.BAD_REQUEST
            )
        return there.filters

    def _data_time(self) -> datetime:
        """Return of when the data is; whoever takes it along does not wait for news."""
        known = self._sync.state.data_time
        state = self._sync.refresh(wait=0.0 if known else _FIRST_READ_SECONDS)
        if state.data_time is None:
            raise _RefusedError(
                "Nothing is known yet: usage is being read. Try again in a minute.",
                HTTPStatus.SERVICE_UNAVAILABLE,
                _SOON,
            )
        return state.data_time


def _asked(name: str) -> _Asked:
    return _Asked(admitted(), name, dict(request.args.lists()))


def _asks_for_the_head() -> bool:
    return request.method == "HEAD"


def _made(stack: ExitStack, moment: Moment, filters: Filters, asked: _Asked, data_time: datetime) -> Response:
    if asked.form is Form.EXCEL:
        return _whole(files.workbook(moment, filters, asked.what, data_time))
    pieces = files.stream(moment, filters, What(asked.what), asked.form, data_time)
    answer = Response(chain([*islice(pieces, _READY)], pieces))
    answer.call_on_close(stack.pop_all().close)
    return answer


def _whole(file: IO[bytes]) -> Response:
    """Return a file that the server closes when it is sent, which takes no thread of it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    answer = Response(wrap_file(request.environ, file), direct_passthrough=True)
    answer.content_length = size
    return answer


def _no_such_file() -> str:
    kinds, forms = ", ".join(What), ", ".join(Form)
    return f"There is no such file. There are {kinds}, each as {forms}; and {files.WORKBOOK}.{Form.EXCEL}."


def _told(make: Callable[[ExitStack, _Asked], Response], asked: _Asked) -> Response | Refusal:
    """Return what is made, or else the sentence that says why not."""
    try:
        with ExitStack() as stack:
            return make(stack, asked)
    except _RefusedError as error:
        sentence, status, headers = refusal(str(error), error.status)
        return sentence, status, headers | dict(error.headers)
    except files.TooLongError as error:
        return refusal(str(error), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _called(who: Admitted) -> str:
    return who.viewer.email or who.viewer.name or who.viewer.role
