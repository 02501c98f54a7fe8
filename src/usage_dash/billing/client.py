"""Asking OpenAI what it billed, with a key that goes nowhere but to the address in the settings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final, TypeVar

import httpx2
import pyarrow as pa
from pydantic import ValidationError

from usage_dash.billing import problems
from usage_dash.billing.answers import (
    DOLLARS,
    Bucket,
    Cost,
    Page,
    Usage,
    are_of_days,
    cost_rows,
    currencies,
    usage_rows,
)
from usage_dash.billing.deadline import Deadline
from usage_dash.billing.problems import BillError
from usage_dash.billing.question import Question
from usage_dash.ledger.bill import COSTS, USAGE, Bill

_T = TypeVar("_T", Cost, Usage)
_Params = list[tuple[str, str | int | float | bool | None]]

_COSTS: Final = ("organization/costs", 180)  # and the most days that a page may have
_USAGE: Final = ("organization/usage/completions", 31)
_MOST_PAGES: Final = 200  # of one answer: half a year, a day a page
_MOST_BYTES: Final = 32 * 1024 * 1024  # of one page
_SILENCE: Final = 20.0  # seconds without a byte
_WHOLE: Final = 120.0  # seconds for all pages
_LONGEST_PAUSE: Final = 86_400.0  # seconds, whatever OpenAI says


class OpenAIBill:
    """What OpenAI billed for one question; `silence` and `whole` are the seconds that an answer may take."""

    def __init__(self, question: Question, *, silence: float = _SILENCE, whole: float = _WHOLE) -> None:
        self.question = question
        self._silence = silence
        self._whole = whole
        # Each request would be a line of the log.
        logging.getLogger("httpx2").setLevel(logging.WARNING)

    def read(self, first: date) -> Bill:
        """Return the bill from a UTC day on, up to now. Raises `BillError`."""
        costs, usage = self._answers(first)
        _require_bill(costs, usage, first)
        caller = self.question.caller
        return Bill(
            first,
            pa.Table.from_pylist(cost_rows(costs, caller), COSTS),
            pa.Table.from_pylist(usage_rows(usage, caller), USAGE),
        )

    def _answers(self, first: date) -> tuple[list[Bucket[Cost]], list[Bucket[Usage]]]:
        with Deadline(self._whole) as deadline:
            try:
                with self._client() as client:
                    asking = _Asking(client, deadline)
                    costs = asking.all(*_COSTS, Page[Cost], self._params(first, "line_item"))
                    return list(costs), list(asking.all(*_USAGE, Page[Usage], self._params(first, "model")))
            except httpx2.TimeoutException:
                raise BillError(problems.SLOW) from None
            except httpx2.DecodingError:
                raise BillError(problems.NO_BILL) from None
            except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError):  # unchained: a request knows its key
                raise BillError(problems.SLOW if deadline.is_over else problems.UNREACHABLE) from None

    def _client(self) -> httpx2.Client:
        base_url = self.question.base_url
        try:
            return httpx2.Client(
                base_url=base_url,
                headers={"Authorization": f"Bearer {self.question.key.get_secret_value()}"},
                timeout=self._silence,
                follow_redirects=False,  # the key would go along
                trust_env=base_url.startswith("https:"),  # without TLS, a proxy could read the key
            )
        except (ImportError, OSError, ValueError):  # a proxy of a kind that is not known, or no file of certificates
            raise BillError(problems.NO_WAY) from None

    def _params(self, first: date, by: str) -> _Params:
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        params: _Params = [("start_time", int(start.timestamp())), ("bucket_width", "1d"), ("group_by[]", by)]
        params += [("project_ids[]", each) for each in self.question.projects]
        if self.question.tells_callers:
            return [*params, ("group_by[]", "api_key_id")]
        return [*params, *(("api_key_ids[]", each) for each in self.question.api_keys)]


class _Asking:
    """Asks for pages until a deadline."""

    def __init__(self, client: httpx2.Client, deadline: Deadline) -> None:
        self._client = client
        self._deadline = deadline

    def all(self, path: str, limit: int, kind: type[Page[_T]], params: _Params) -> Iterator[Bucket[_T]]:
        """Yield the buckets of all pages."""
        asked: _Params = [*params, ("limit", limit)]
        for _ in range(_MOST_PAGES):
            page = _understood(kind, self._body(path, asked))
            yield from page.data
            if not page.has_more or not page.next_page:
                return
            asked = [*params, ("limit", limit), ("page", page.next_page)]
        raise BillError(problems.ENDLESS)

    def _body(self, path: str, params: _Params) -> bytes:
        traced = {"trace": self._deadline.trace}
        with self._client.stream("GET", path, params=params, extensions=traced) as response:
            if not response.is_success:
                raise BillError(problems.of_status(response.status_code), _pause(response.headers))
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    raise BillError(problems.ENDLESS)
        if self._deadline.is_over:  # what was cut may look like a whole answer
            raise BillError(problems.SLOW)
        return bytes(body)


def _understood(kind: type[Page[_T]], body: bytes) -> Page[_T]:
    try:
        return kind.model_validate_json(body)
    except ValidationError:  # unchained: it shows what was sent
        raise BillError(problems.NO_BILL) from None


def _require_bill(costs: list[Bucket[Cost]], usage: list[Bucket[Usage]], first: date) -> None:
    if not (are_of_days(costs, first) and are_of_days(usage, first)):  # a day told twice would count twice
        raise BillError(problems.NO_BILL)
    if foreign := currencies(costs) - {DOLLARS}:
        raise BillError(problems.of_currencies(foreign))


def _pause(headers: httpx2.Headers) -> float:
    """Return for how many seconds OpenAI asks not to be asked, so far as it says so in seconds."""
    said = headers.get("retry-after", "")
    return min(float(said), _LONGEST_PAUSE) if said.isascii() and said.isdecimal() else 0.0
