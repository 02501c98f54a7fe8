"""Sums that know what they lack: what is unknown never counts as zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum, isclose


@dataclass(frozen=True, slots=True)
class Sum:
    """What is `known` of a sum, and how many of its parts are unknown. Parts are never negative."""

    known: float = 0.0
    lacking: int = 0

    @property
    def exact(self) -> float | None:
        """The sum; None when a part is unknown."""
        return None if self.lacking else self.known

    @property
    def least(self) -> float | None:
        """The least that the sum can be; None when that says nothing, as no known part is above zero."""
        return None if self.lacking and not self.known else self.known


def sum_of(known: float | None, lacking: int | None) -> Sum:
    """Return a sum as SQL counts it, where the sum of nothing is NULL."""
    return Sum(known or 0.0, lacking or 0)


def total(parts: Iterable[Sum]) -> Sum:
    """Return the sum of all."""
    found = list(parts)
    return Sum(fsum(part.known for part in found), sum(part.lacking for part in found))


def beyond(whole: float, part: float) -> float:
    """Return by how much `whole` exceeds `part`; nothing where it does not, or by what rounding leaves."""
    return 0.0 if isclose(whole, part) else max(0.0, whole - part)
