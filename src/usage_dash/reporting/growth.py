"""How a usage document grows, and when it will be full.

It grows by an entry with each call, as long as nobody trims it. So its growth a day is how many entries the last four
weeks brought a day, or as many days as there are entries of, times what an entry takes: the document's size by its
entries. Whatever else is written into it, as speech is, counts as growing along. Where the ledger knows entries that
the document no longer holds, its writer trims, and it stays as it is.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

WARNS_AT: Final = 0.6  # of what a document can hold
RECENT: Final = timedelta(days=28)  # four weeks, which hold each weekday as often as any other
_LONGEST_DAYS: Final = 3_650  # beyond, nobody can tell

# Bytes a day as SQL, of a document's `size`, its `entries`, how many of them are `kept` and how many `recent`, and the
# `first_day`; needs $recent, 28 days before $today. NULL where the size is unknown.
GROWTH: Final = """
CASE WHEN size IS NULL THEN NULL WHEN recent = 0 OR kept < entries THEN 0
    ELSE size / entries * recent / date_diff('day', greatest(first_day - 1, $recent), $today) END
"""


def full_on(octets: int, growth: float, limit: int, today: date) -> date | None:
    """Return the day on which a document that grows by so many bytes a day reaches the limit; None: not foreseeable."""
    room = limit - octets
    if room <= 0:
        return today
    if growth * _LONGEST_DAYS < room:
        return None
    return today + timedelta(days=int(room / growth))
