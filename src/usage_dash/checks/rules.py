"""What is checked against: limits and prices that the settings name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of one dashboard's checks."""

    document_limit: int = 2**20  # bytes
    silent_hours: int = 6
