"""Sums as people read them: what they lack is said, and never counts as zero."""

from __future__ import annotations

from collections.abc import Callable

from usage_dash.reporting.sums import Sum
from usage_dash.wording import formats

_PERCENT = 0.01
Form = Callable[[float | None], str]


def amount(found: Sum, form: Form) -> str:
    """Return a sum in words: $3.75, at least $3.75, or that it is unknown."""
    return _bounded(found, form, "at least ")


def narrow_amount(found: Sum, form: Form) -> str:
    """Return a sum for where there is little room: $3.75, ≥ $3.75, or that it is unknown."""
    return _bounded(found, form, "≥ ")


def full_amount(found: Sum, form: Form, one: str, many: str) -> str:
    """Return a sum in words, and how many of its parts (`one` entry, `many` entries) are unknown."""
    return f"{amount(found, form)}{', ' if found.lacking else ''}{lacking(found, one, many)}"


def lacking(found: Sum, one: str, many: str) -> str:
    """Return how many parts of a sum are unknown: 2 entries unknown; of none, nothing."""
    return f"{formats.counted(found.lacking, one, many)} unknown" if found.lacking else ""


def span_of_money(least: float, most: float) -> str:
    """Return dollars that lie between two bounds: $12.50 – $15.00; where both read the same, once."""
    bounds = (formats.whole_money(least), formats.whole_money(most))
    return " – ".join(dict.fromkeys(bounds))


def share_form(found: Sum) -> Form:
    """Return how a share is told: without decimals, but where that would read as at least less than 1%."""
    return formats.share if is_bound(found) and found.known < _PERCENT else formats.rough_share


def is_bound(found: Sum) -> bool:
    """Whether only the least that a sum can be is known."""
    return found.least is not None and found.exact is None


def _bounded(found: Sum, form: Form, bound: str) -> str:
    return f"{bound if is_bound(found) else ''}{form(found.least)}"
