"""Words that others chose, made fit for a message: whatever shows it, they name somebody and do nothing else.

Mail programs, chats and whatever a webhook feeds take some characters for more than they are: an at sign calls people,
angle brackets make links, asterisks make text bold. Those are replaced by others that look alike.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST: Final = 60  # characters
_ALIKE: Final = str.maketrans(
    {
        "*": "\N{ASTERISK OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "~": "\N{TILDE OPERATOR}",
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "[": "\N{FULLWIDTH LEFT SQUARE BRACKET}",
        "]": "\N{FULLWIDTH RIGHT SQUARE BRACKET}",
        "|": "\N{BROKEN BAR}",
    }
)
_AT, _LINE, _COLON = "\N{FULLWIDTH COMMERCIAL AT}", "\N{FULLWIDTH LOW LINE}", "\N{RATIO}"
_CALL: Final = re.compile(r"(?<![^\W_])@")  # of an e-mail address it stands between letters
_EDGE: Final = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")  # an underscore within a word emphasises nothing
_SCHEME: Final = re.compile(r":(?=/)")
_SPACES: Final = re.compile(r"\s+")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FROM_THE_RIGHT: Final = frozenset({"R", "AL"})
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


def plain(name: str) -> str:
    """Return a name in one short line, without what a program could take for more than text; never empty.

    One that is written from the right stays where it is.
    """
    seen = "".join(" " if unicodedata.category(each) in _UNSEEN else each for each in name)
    short = _without_middle(_SPACES.sub(" ", seen).strip()) or "?"
    safe = _CALL.sub(_AT, _SCHEME.sub(_COLON, short.translate(_ALIKE)))
    safe = _EDGE.sub(lambda found: _LINE * len(found[0]), safe)
    if any(unicodedata.bidirectional(each) in _FROM_THE_RIGHT for each in safe):
        return f"{_FIRST_STRONG_ISOLATE}{safe}{_POP_ISOLATE}"
    return safe


def _without_middle(name: str) -> str:
    half = _LONGEST // 2
    return name if len(name) <= _LONGEST else f"{name[:half]}…{name[-half + 1 :]}"


def unquoted(words: str) -> str:
    """Return words of a check, where backticks mark what a program reads, as plain text."""
    return words.replace("`", "")
