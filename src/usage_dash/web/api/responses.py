"""What each place of the API answers, within the scope of who asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, abort, make_response
from werkzeug.exceptions import NotFound

from usage_dash import __version__
from usage_dash.access.current import admitted
from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.money.outlook import Outlook
from usage_dash.prices.price_list import PriceList
from usage_dash.reporting import grammar, stretches, user_page
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.filters import Filters, UserSort, key_of
from usage_dash.reporting.price_band import same_tokens
from usage_dash.reporting.settle import settled
from usage_dash.reporting.stretches import PARTS_OF_ENTRY, PARTS_OF_USER, Place
from usage_dash.sync.discretion import discreet
from usage_dash.sync.state import Phase, SyncState
from usage_dash.sync.sync import Sync
from usage_dash.web.answers import problem
from usage_dash.web.api import answering, asking, cursors, shapes
from usage_dash.web.api.answering import Asked
from usage_dash.web.api.asking import QuestionOfEntries, QuestionOfUsers
from usage_dash.web.api.cursors import CursorError

_FIRST_ANSWER_SECONDS: Final = 2.0  # that an answer may wait for the sync, when nothing is known
_SOON_SECONDS: Final = 2  # after which to ask again while a first read goes on
_FIRST_READ: Final = "Usage is being read for the first time. Ask again in a moment."


class Responses:
    """Answers of one dashboard; `root` is the path of the API on its host."""

    def __init__(self, sync: Sync, reports: Reports, prices: PriceList, root: str, *, outlook: Outlook) -> None:
        self._sync = sync
        self._outlook = outlook
        self._reports = reports
        self._prices = prices
        self._root = root

    def answer(self, question: str, find: Callable[[Asked], shapes.Answer]) -> Response:
        """Return what is found, once for all who ask the same."""
        with self._asked() as asked:
            key = asked.moment.key("api", question, asked.filters, asked.data_time)
            return _sent(self._reports.kept(key, lambda: find(asked).model_dump_json()))

    def users(self, query: QuestionOfUsers) -> Response:
        """Return a stretch of users."""
        sort, descending = UserSort(query.sort.removeprefix("-")), query.sort.startswith("-")
        with self._asked() as asked:
            key = key_of("users", asked.filters, query.sort)
            after = _place(query.cursor, key, PARTS_OF_USER)
            found = stretches.users(asked.moment, asked.filters, sort, query.limit, after, descending=descending)
            more = {"sort": query.sort, "limit": query.limit}
            return _json(answering.users(asked, found, self._next("users", asked.filters, more, found.place, key)))

    def entries(self, query: QuestionOfEntries) -> Response:
        """Return a stretch of entries."""
        with self._asked() as asked:
            key = key_of("entries", asked.filters)
            after = _place(query.cursor, key, PARTS_OF_ENTRY)
            found = stretches.entries(asked.moment, asked.filters, query.limit, after)
            next_ = self._next("entries", asked.filters, {"limit": query.limit}, found.place, key)
            return _json(answering.entries(asked, found, next_))

    def user(self, user_id: str) -> Response:
        """Return one user, whom alone the filters choose."""
        with self._asked(user_id) as asked:
            found = user_page.person(asked.moment, user_id, asked.filters)
            if found is None:  # gone since the filters were settled
                raise NotFound
            same = same_tokens(asked.moment, asked.filters, self._prices)
            return _json(answering.person(asked, found, same, findings=admitted().viewer.rights.findings))

    def budgets(self) -> Response:
        """Return how budgets stand this month, whatever is chosen of usage."""
        data_time, who = _data_time(self._state()), admitted()
        stamp = self._reports.stamp(who.scope)
        found = self._outlook.standings(who.scope, who.viewer)
        return _json(answering.budgets(found, stamp.today, stamp.zone.key, min(data_time, stamp.now)))

    def status(self) -> Response:
        """Return how the data is."""
        state, stamp = self._state(), self._reports.stamp(admitted().scope)
        return _json(
            shapes.Status(
                phase=state.phase,
                data_time=state.data_time and min(state.data_time, stamp.now),
                problem=str(state.error) if state.error else None,
                retry_at=state.retry_at,
                users=stamp.documents,
                time_zone=stamp.zone.key,
                today=stamp.today,
                version=__version__,
            )
        )

    @contextmanager
    def _asked(self, user_id: str | None = None) -> Iterator[Asked]:
        """Read what is asked, of one user where an id is given; answer otherwise where that cannot be told."""
        data_time = _data_time(self._state())
        filters = self._settled(asking.read(self._reports.today).filters, user_id)
        with self._reports.moment(admitted().scope, filters.choice) as moment:
            yield Asked(moment, filters, min(data_time, moment.now))

    def _settled(self, filters: Filters, user_id: str | None) -> Filters:
        """Return the filters as things are called; answer with 404 where one is not there, or not theirs."""
        if user_id is not None:
            filters = replace(filters, choice=Choice(models=filters.choice.models, users=(user_id,)))
        if filters.choice == ALL_CHOSEN:
            return filters
        with self._reports.moment(admitted().scope) as moment:
            read = settled(moment, filters)
        if read.left_out:
            abort(asking.refusal(read.left_out, HTTPStatus.NOT_FOUND))
        return read.filters

    def _state(self) -> SyncState:
        """Ask for a sync if one is due, as a page does."""
        known = self._sync.state
        state = self._sync.refresh(wait=0.0 if known.data_time else _FIRST_ANSWER_SECONDS)
        return discreet(state, source=admitted().viewer.rights.source)

    def _next(
        self, place: str, filters: Filters, more: dict[str, Any], after: Place | None, question: str
    ) -> str | None:
        """Return the path at which a list goes on."""
        if after is None:
            return None
        pairs = [*grammar.written(filters), *more.items(), ("cursor", cursors.written(after, question))]
        return f"{self._root}/{place}?{urlencode(pairs)}"


def _place(cursor: str, question: str, parts: int) -> Place | None:
    try:
        return cursors.read(cursor, question, parts)
    except CursorError as error:
        return abort(asking.refusal([str(error)]))


def _data_time(state: SyncState) -> datetime:
    """Return of when the data is; answer with 503 while there is none."""
    if state.data_time is not None:
        return state.data_time
    sentence = str(state.error) if state.phase is Phase.ERROR and state.error else _FIRST_READ
    answer = make_response(problem(sentence, HTTPStatus.SERVICE_UNAVAILABLE))
    answer.headers["Retry-After"] = str(_seconds_until(state.retry_at))
    return abort(answer)


def _seconds_until(time: datetime | None) -> int:
    return _SOON_SECONDS if time is None else max(1, math.ceil((time - datetime.now(UTC)).total_seconds()))


def _json(found: shapes.Shape) -> Response:
    return _sent(found.model_dump_json())


def _sent(json: str) -> Response:
    return Response(json, mimetype="application/json")
