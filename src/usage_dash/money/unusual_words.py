"""What is unusual, in the words that page and checks tell alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from usage_dash.money.decomposition import Factor, Part
from usage_dash.money.unusual import UnusualDay
from usage_dash.wording import formats

MORE: Final[Mapping[Factor, str]] = {
    Factor.USERS: "more users",
    Factor.CALLS: "more calls per user",
    Factor.TOKENS: "more tokens per call",
    Factor.MODELS: "dearer models",
    Factor.PRICE: "dearer tokens",
    Factor.NOT_ITEMISED: "what is not itemised",
    Factor.GONE: "users who are gone",
    Factor.UNKNOWN: "calls whose tokens are unknown",
}
WORTH_SAYING: Final = 20  # times what is usual, beyond which dollars say more

_MOSTLY: Final = 0.8  # of what made for more


def mostly(day: UnusualDay) -> list[Part]:
    """Return what made most of what a day cost more than usual: one part, or two."""
    more = sorted((part for part in day.parts if part.dollars > 0), key=lambda part: -part.dollars)
    return more[:1] if more and more[0].dollars >= _MOSTLY * day.more else more[:2]


def times(day: UnusualDay) -> str:
    """Return how a day compares with what is usual, shortly: 2.7 × usual."""
    if day.ratio is None or day.ratio >= WORTH_SAYING:
        return f"usual is {formats.money(day.usual)}"
    return f"{day.ratio:.1f} × usual"


def shortly(day: UnusualDay) -> list[str]:
    """Return how a day compares with what is usual, and then what made for it."""
    return [times(day), *(MORE[part.factor] for part in mostly(day))]
