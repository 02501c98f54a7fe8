"""Rates: what a million tokens cost, in a span of time and for requests of a length."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

ALWAYS: Final = (datetime.min, datetime.max)  # noqa: DTZ901 - times of the ledger are UTC, without saying so
ANY_LENGTH: Final = (-1, 2**63 - 1)
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """Dollars for a million tokens from `since` on, before `until`, of requests of `above` to `upto` input tokens.

    Times are UTC without a zone, as in the ledger. The least that input costs is its price when all of it is read from
    the cache, or is of the cheapest kind; the most, when none is, all of it is written to the cache, or is of the
    dearest kind. Reasoning is output.
    """

    since: datetime
    until: datetime
    above: int
    upto: int
    least_input: float
    most_input: float
    least_output: float
    most_output: float

    def fits(self, at: datetime, input_tokens: int) -> bool:
        """Whether a request of this time and length costs this."""
        return self.since <= at < self.until and self.above < input_tokens <= self.upto


class Bounds(NamedTuple):
    """The least and the most that something costs, in dollars."""

    least: float
    most: float


def bounds(
    rates: Iterable[Rate], at: datetime, length: int, *, input_tokens: int, output_tokens: int, several: bool
) -> Bounds:
    """Return what tokens cost that entries of one time and `length` have together.

    An entry's length is its input tokens. Where entries stand for `several` calls, each call may have been short, so
    their least is by the rate of the shortest requests; and one call may have had all of the input, so their most is by
    the rate of a request of that length, for all of their tokens.
    """
    of_then = [rate for rate in rates if rate.since <= at < rate.until]
    own = next(rate for rate in of_then if rate.fits(at, length))
    low = min(of_then, key=lambda rate: rate.above) if several else own
    least = input_tokens * low.least_input + output_tokens * low.least_output
    most = input_tokens * own.most_input + output_tokens * own.most_output
    return Bounds(least / _MILLION, most / _MILLION)
