"""Names that anybody may have written, for the middle of a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from usage_dash.wording import formats

_MOST_NAMES: Final = 3
_MOST_LETTERS: Final = 60


def short(name: str) -> str:
    """Return a name that no sentence breaks at."""
    shown = name.replace("`", "’")
    return shown if len(shown) <= _MOST_LETTERS else f"{shown[:_MOST_LETTERS]}…"


def listed(names: Sequence[str]) -> str:
    """Return names in a row: “a”, “b” and 2 others."""
    named = [f"“{short(name)}”" for name in names[:_MOST_NAMES]]
    more = len(names) - len(named)
    return in_a_row([*named, formats.counted(more, "other")] if more else named)


def in_a_row(words: Sequence[str]) -> str:
    """Return words in a row: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
