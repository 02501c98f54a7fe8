"""Another currency beside US dollars, at a fixed rate."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

_TEXT = re.compile(r"([A-Z]{3})\s+(\d+(?:\.\d+)?)\s+since\s+(\d{4}-\d{2}-\d{2})", re.ASCII | re.IGNORECASE)
_DOLLARS: Final = "USD"


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by its ISO 4217 code, of which a US dollar is worth `rate` since a day."""

    code: str
    rate: float
    since: date


def currency(value: object) -> object:
    """Return the currency in a text such as “EUR 0.92 since 2026-11-01”. Raise `ValueError` when there is none."""
    if not isinstance(value, str):
        return value
    found = _TEXT.fullmatch(value.strip())
    if found is None or found[1].upper() == _DOLLARS:
        raise ValueError("not another currency, its rate and a day")
    rate = float(found[2])
    if not 0 < rate < math.inf:
        raise ValueError("no rate")
    return Currency(found[1].upper(), rate, date.fromisoformat(found[3]))
