"""Single values of usage documents, read tolerantly: each function takes whatever a source gives, and never raises.

A source gives None, bool, int, float, str, bytes, datetime (google's with nanoseconds too), list, dict, Firestore's
own types, or `MISSING` where a field is absent.
"""

from __future__ import annotations

import math
import re
from typing import Final, Generic, NamedTuple, Never, TypeVar

from usage_dash.documents.findings import Problem

T_co = TypeVar("T_co", covariant=True)

MISSING: Final = object()  # stands for a field that is absent
MAX_COUNT: Final = 2**63 - 1  # the ledger's and Firestore's integers
MAX_COST: Final = 2**53  # US dollars; up to here a double holds every whole number exactly

_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]+")
_LONGEST_NUMBER: Final = 1100  # characters, as many as a double may need; Python refuses to read thousands of digits
_DOLLARS: Final = re.compile(r"^(US\$|\$|USD)\s*|\s*(USD|\$)$", re.IGNORECASE)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Reading(NamedTuple, Generic[T_co]):
    """What could be read from a raw value.

    `value` is None when nothing could; `problem` says what was wrong, also when the value could be mended. `exact`
    is False when `value` alone does not tell what the raw value was.
    """

    value: T_co | None
    problem: Problem | None = None
    exact: bool = True


def well_formed(text: str) -> str:
    """Return `text` with each lone surrogate replaced by U+FFFD, so that UTF-8 can hold it."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def count(raw: object) -> Reading[int]:
    """Read a whole number from 0 to 2^63 - 1; a fraction is a problem, and rounded to the nearest, half to even."""
    number, problem, exact = _number(raw)
    if number is None:
        return Reading(None, problem, exact)
    if number > MAX_COUNT:
        return unusable(Problem.OUT_OF_RANGE)
    whole = round(number)
    return Reading(whole, problem, exact) if whole == number else Reading(whole, Problem.FRACTION, exact=False)


def cost(raw: object) -> Reading[float]:
    """Read US dollars, from 0 to 2^53; text may say that they are dollars."""
    number, problem, exact = _number(_without_currency(raw) if isinstance(raw, str) else raw)
    if number is None:
        return Reading(None, problem, exact)
    if number > MAX_COST:
        return unusable(Problem.OUT_OF_RANGE)
    return Reading(number + 0.0, problem, exact)  # makes an int a float, and -0.0 plain 0.0


def summed(raw: object) -> float | None:
    """Return the number that a sum of Firestore's finds in a value, as it is; None where it finds none.

    What is not finite is infinite: of such a sum nothing else can be told.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    try:
        return float(raw) if math.isfinite(raw) else math.inf
    except OverflowError:
        return None  # more than Firestore can hold


def model(raw: object) -> Reading[str]:
    """Read a model's name as it is written; blank is nothing."""
    if not isinstance(raw, str):
        return unusable(absence(raw) or Problem.NOT_TEXT)
    if not raw.strip():
        return unusable(Problem.BLANK)
    name = well_formed(raw)
    return Reading(name) if name == raw else Reading(name, Problem.BROKEN_UNICODE, exact=False)


def unusable(problem: Problem) -> Reading[Never]:
    """Return that nothing could be read."""
    return Reading(None, problem, exact=False)


def absence(raw: object) -> Problem | None:
    """Return the problem of a value that is not there; None where one is."""
    if raw is MISSING:
        return Problem.MISSING
    return Problem.NULL if raw is None else None


def _without_currency(text: str) -> str:
    text = text.strip()
    return _DOLLARS.sub("", text) if len(text) <= _LONGEST_NUMBER else text


def _number(raw: object) -> Reading[float]:
    """Read a finite number that is not negative; an int stays an int."""
    if isinstance(raw, str):
        return _number_of_text(raw.strip())
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return unusable(absence(raw) or Problem.NOT_A_NUMBER)
    if isinstance(raw, float) and not math.isfinite(raw):
        return unusable(Problem.NOT_FINITE)
    return Reading(raw) if raw >= 0 else unusable(Problem.NEGATIVE)


def _number_of_text(text: str) -> Reading[float]:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return unusable(Problem.NOT_A_NUMBER)
    reading = _number(int(text) if _WHOLE_NUMBER.fullmatch(text) else float(text))
    return reading if reading.value is None else Reading(reading.value, Problem.NUMBER_AS_TEXT, exact=False)
