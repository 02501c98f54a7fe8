"""Names that others chose (users, models, projects), made fit to stand beside our own words."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile

_OPEN_ISOLATES = "\u2066\u2067\u2068"
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
_LABEL_CHARACTERS = 28


def fenced(name: str) -> str:
    """Return the name between isolates: whichever way it is written, the text beside it stays where it is."""
    return f"{_FIRST_STRONG_ISOLATE}{contained(name)}{_POP_ISOLATE}"


def contained(name: str) -> str:
    """Return the name unable to end the fence around it: it closes what it opens, and is one paragraph.

    For inside `<bdi>`, which browsers make of the same characters.
    """
    kept, opened = "", 0
    for letter in name:
        if letter == _POP_ISOLATE and not opened:
            continue
        opened += (letter in _OPEN_ISOLATES) - (letter == _POP_ISOLATE)
        kept += " " if unicodedata.bidirectional(letter) == "B" else letter
    return kept + _POP_ISOLATE * opened


def labels(names: Sequence[str]) -> list[str]:
    """Return a short label for each name, no two the same for different names: where names differ is never left out.

    A long name loses its middle. Those that would look the same then show the part in which they begin to differ.
    """
    found = {name: _without_middle(name) for name in names}
    width = _LABEL_CHARACTERS
    while alike := _alike(found):
        for group in alike:
            start = max(0, _length_in_common(group) - width // 2)
            found |= {name: _window(name, start, width) for name in group}
        width *= 2  # in the end the whole name
    return [found[name] for name in names]


def _alike(found: dict[str, str]) -> list[list[str]]:
    groups = defaultdict(list)
    for name, label in found.items():
        groups[label].append(name)
    return [group for group in groups.values() if len(group) > 1]


def _length_in_common(names: Sequence[str]) -> int:
    """How many characters all of them begin with; the first and the last in order differ soonest."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(min(names), max(names), strict=False)))


def _without_middle(name: str) -> str:
    half = _LABEL_CHARACTERS // 2
    return name if len(name) <= _LABEL_CHARACTERS else f"{name[:half]}…{name[-half:]}"


def _window(name: str, start: int, width: int) -> str:
    end = start + width
    return f"{'…' if start else ''}{name[start:end]}{'…' if end < len(name) else ''}"
