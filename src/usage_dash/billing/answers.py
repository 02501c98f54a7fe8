"""What OpenAI answers about costs and usage, so far as it is read, and the rows that the ledger keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

_T = TypeVar("_T")
_Midnight = Annotated[int, Field(ge=0, le=32_503_680_000, multiple_of=86_400)]  # up to the year 3000
_Dollars = Annotated[float, Field(ge=-1e12, le=1e12)]  # beyond, a sum of them could be none
_Currency = Annotated[str, Field(pattern="^[A-Za-z]{3}$")]  # it is told to people
_Count = Annotated[NonNegativeInt, Field(le=2**53)]

DOLLARS: Final = "usd"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class Amount(_Answer):
    """An amount of money, which may lack its value."""

    value: _Dollars | None = None
    currency: _Currency | None = None


class Cost(_Answer):
    """What a line item cost in a bucket."""

    amount: Amount | None = None
    line_item: str | None = None
    api_key_id: str | None = None


class Usage(_Answer):
    """How much a model answered in a bucket; input holds cached input, and maybe some that was written to a cache."""

    num_model_requests: _Count
    input_tokens: _Count
    output_tokens: _Count
    input_cached_tokens: _Count | None = None
    input_uncached_tokens: _Count | None = None
    model: str | None = None
    api_key_id: str | None = None

    @property
    def uncached(self) -> int:
        """The input tokens that were neither in a cache nor written to it."""
        if self.input_uncached_tokens is not None:
            return self.input_uncached_tokens
        return max(0, self.input_tokens - (self.input_cached_tokens or 0))


class Bucket(_Answer, Generic[_T]):
    """A UTC day and its results."""

    start_time: _Midnight
    results: tuple[_T, ...]

    @property
    def day(self) -> date:
        """The UTC day."""
        return datetime.fromtimestamp(self.start_time, UTC).date()


class Page(_Answer, Generic[_T]):
    """Some buckets, and where the next ones are."""

    data: tuple[Bucket[_T], ...]
    has_more: bool = False
    next_page: str | None = None


def are_of_days(buckets: Sequence[Bucket[Any]], first: date) -> bool:
    """Return whether each is of a day of its own, from the first on."""
    days = {bucket.day for bucket in buckets}
    return len(days) == len(buckets) and min(days, default=first) >= first


def currencies(buckets: Iterable[Bucket[Cost]]) -> set[str]:
    """Return in which currencies the amounts are; one that is not named is in dollars."""
    amounts = (result.amount for bucket in buckets for result in bucket.results)
    return {(each.currency or DOLLARS).lower() for each in amounts if each and each.value is not None}


def cost_rows(buckets: Iterable[Bucket[Cost]], caller: Callable[[str | None], str]) -> list[dict[str, Any]]:
    """Return rows with the schema `ledger.bill.COSTS`: of each day that OpenAI named at least one."""
    nothing = Cost(amount=Amount(value=0.0))
    return [
        {
            "day": bucket.day,
            "line_item": each.line_item or "",
            "caller": caller(each.api_key_id),
            "cost": each.amount.value if each.amount else None,
        }
        for bucket in buckets
        for each in bucket.results or (nothing,)
    ]


def usage_rows(buckets: Iterable[Bucket[Usage]], caller: Callable[[str | None], str]) -> list[dict[str, Any]]:
    """Return rows with the schema `ledger.bill.USAGE`; what is of no model is left out."""
    return [
        {
            "day": bucket.day,
            "model": each.model,
            "caller": caller(each.api_key_id),
            "requests": each.num_model_requests,
            "tokens": each.input_tokens + each.output_tokens,
            "cached_tokens": each.input_cached_tokens or 0,
            "uncached_tokens": each.uncached,
        }
        for bucket in buckets
        for each in bucket.results
        if each.model
    ]
