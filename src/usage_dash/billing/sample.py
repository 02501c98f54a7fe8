"""A made-up bill for sample data: what OpenAI would bill for such a team, which records not quite all of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa

from usage_dash.billing.reader import HOUR
from usage_dash.ledger.bill import COSTS, USAGE, Ask, Bill
from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.demo.sample import MODELS, Model, Usage

DAYS: Final = 35
_QUESTION: Final = "sample"
_EPOCH: Final = date(1970, 1, 1)
_MICROS_A_DAY: Final = 86_400 * 1_000_000
_LOST = 0.055  # of all calls, on average; up to twice as many on a day
_CACHED = 0.4  # of input
_CACHED_PRICE = 0.1  # of that of other input
_VOICE = 0.009  # of a day's cost
_OTHERS = 0.02  # of a day's cost
_OTHER_KEY: Final = "key_evaluation"


class SampleBill:
    """Keeps the made-up bill of what `usage` gives, once an hour; there is nobody to wait for."""

    asks: ClassVar[bool] = True

    def __init__(
        self, usage: Callable[[], Usage], ledger: Ledger, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._usage = usage
        self._ledger = ledger
        self._now = now
        self._lock = threading.Lock()
        self._told: datetime | None = None

    @property
    def told(self) -> datetime | None:
        """When the bill was last kept; see `BillAsker.told`."""
        return self._told

    def want(self) -> None:
        """Make the bill up, once usage was read, unless that is less than an hour ago."""
        if not self._ledger.state.documents:
            return
        with self._lock:
            now = self._now()
            if self._told is None or now - self._told >= HOUR:
                self._ledger.keep_bill(
                    Ask(_QUESTION, whole=False, asked=now, due=now + HOUR), _bill(self._usage(), now)
                )
                self._told = now

    def wait(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, slots=True)
class _Day:
    """What a model answered on a day, with the calls that nobody recorded."""

    day: date
    model: Model
    calls: int
    input_tokens: int
    output_tokens: int

    @property
    def cached(self) -> int:
        return round(_CACHED * self.input_tokens)

    def costs(self) -> Iterator[dict[str, Any]]:
        """Yield its line items."""
        price, cached = self.model.input_price / 1e6, self.cached
        yield self._cost("input", (self.input_tokens - cached) * price)
        yield self._cost("cached input", cached * price * _CACHED_PRICE)
        yield self._cost("output", self.output_tokens * self.model.output_price / 1e6)

    def usage(self) -> dict[str, Any]:
        """Return what OpenAI says of it."""
        return {
            "day": self.day,
            "model": self.model.name,
            "caller": "",
            "requests": self.calls,
            "tokens": self.input_tokens + self.output_tokens,
            "cached_tokens": self.cached,
            "uncached_tokens": self.input_tokens - self.cached,
        }

    def _cost(self, kind: str, dollars: float) -> dict[str, Any]:
        return {"day": self.day, "line_item": f"{self.model.name}, {kind}", "caller": "", "cost": dollars}


def _bill(usage: Usage, now: datetime) -> Bill:
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=DAYS - 1)
    days = list(_days(usage, first))
    costs = [cost for day in days for cost in day.costs()]
    for number in range(DAYS):
        costs += _beside(first + timedelta(days=number), costs)
    return Bill(first, pa.Table.from_pylist(costs, COSTS), pa.Table.from_pylist([day.usage() for day in days], USAGE))


def _days(usage: Usage, first: date) -> Iterator[_Day]:
    """Yield each day from the first on, and each model that was used on it."""
    number = usage.at // _MICROS_A_DAY
    for day in range((first - _EPOCH).days, int(number.max(initial=0)) + 1):
        lost = 1 + _LOST * np.random.default_rng(day).uniform(0, 2)
        for index, model in enumerate(MODELS):
            of_it = (number == day) & (usage.model == index)
            sums = (usage.calls[of_it].sum(), usage.input_tokens[of_it].sum(), usage.output_tokens[of_it].sum())
            if sums[0]:
                yield _Day(_EPOCH + timedelta(days=day), model, *(round(lost * int(each)) for each in sums))


def _beside(day: date, costs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was billed on a day beside the chatbot's answers."""
    dollars = sum(cost["cost"] for cost in costs if cost["day"] == day)
    return [
        {"day": day, "line_item": "gpt-4o-mini-tts, audio output", "caller": "", "cost": _VOICE * dollars},
        {"day": day, "line_item": f"{MODELS[0].name}, output", "caller": _OTHER_KEY, "cost": _OTHERS * dollars},
    ]
