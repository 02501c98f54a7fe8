"""Names of models as people mean them: one family for names that differ in case, provider or date."""

from __future__ import annotations

import re
from typing import Final

_PROVIDER = re.compile(r"^.*/(?=.)", re.DOTALL)
_DATE = re.compile(r"-20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_DATE_LENGTH: Final = 11


def family(name: str) -> str:
    """Return the family of a model's name: of “openai/GPT-4o-2024-08-06” it is “gpt-4o”."""
    return _without_dates(_PROVIDER.sub("", name).lower())


def _without_dates(name: str) -> str:
    """Leave out dates at the end of a name, but not all of it."""
    end = len(name)
    while end > _DATE_LENGTH and _DATE.fullmatch(name, end - _DATE_LENGTH, end):
        end -= _DATE_LENGTH
    return name[:end]
