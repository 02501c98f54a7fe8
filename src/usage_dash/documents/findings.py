"""What can be wrong in a usage document and what is done about it: a small, fixed vocabulary.

Findings are shown on the page, so they name fields and kinds of values, and never hold a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WHOLE_DOCUMENT = "document"  # the field of a finding about all of a document
DOCUMENT_ID = "document id"


class Problem(StrEnum):
    """What was wrong."""

    MISSING = "missing"
    NULL = "null"
    EMPTY = "empty of usage"
    NOT_A_MAP = "not a map"
    NOT_A_LIST = "not a list"
    NOT_A_NUMBER = "not a number"
    NOT_FINITE = "infinite or NaN"
    NEGATIVE = "negative"
    FRACTION = "not a whole number"
    OUT_OF_RANGE = "out of range"
    NUMBER_AS_TEXT = "a number as text"
    NOT_A_TIMESTAMP = "not a timestamp"
    NO_ZONE = "no time zone"
    NOT_TEXT = "not text"
    BLANK = "blank"
    BROKEN_UNICODE = "broken Unicode"
    OTHER_USER = "not the document id"
    REPEATED = "the same entry again"
    REPEATED_ID = "the same id again"
    TOO_DEEP = "nested too deeply"
    PATH_AS_NAME = "a path as a field’s name"


class Action(StrEnum):
    """What was done about it."""

    LISTED_WITHOUT_USAGE = "listed without usage"
    LEFT_OUT_OF_SUMS = "left out of the sums"
    LEFT_BLANK = "left blank"
    INPUT_PLUS_OUTPUT = "input + output taken"
    READ_AS_NUMBER = "read as a number"
    READ_AS_LIST = "read as a list"
    READ_AS_MAP = "read as a map"
    ROUNDED = "rounded"
    READ_AS_UTC = "read as UTC"
    IN_NO_RANGE = "in no range"
    UNKNOWN_MODEL = "shown as “unknown”"
    ONE_CALL = "counted as 1 call"
    NO_ENTRIES = "nothing itemised"
    SKIPPED = "item skipped"
    COUNTED_ONCE = "counted once"
    ID_USED = "the document id is used"
    LAST_TAKEN = "the last one is used"
    LINE_NUMBER_TAKEN = "the line number is used"
    CHARACTERS_REPLACED = "characters replaced"
    CUT_SHORT = "kept in part"
    NOT_READ = "not read"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of problem in one field of a usage document, in `count` places.

    `field` is a field's name, "document" or "document id"; within `recentUsage` it names the first of the
    places, counted from 0 in the source's array: `recentUsage[3]` or `recentUsage[3].costUsd`.
    """

    field: str
    problem: Problem
    action: Action
    count: int = 1


class FindingLog:
    """Collects what is found in one usage document, aggregated by field, problem and action."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self._kinds: dict[tuple[bool, str, Problem, Action], tuple[str, int]] = {}

    def add(self, field: str, problem: Problem, action: Action) -> None:
        """Note a problem in a field of the document itself."""
        self._count((False, field, problem, action), field)

    def add_entry(self, entries: str, index: int, field: str, problem: Problem, action: Action) -> None:
        """Note a problem in a field of the item at `index` of the list `entries`; "" is the whole item."""
        item = f"{entries}[{index}]"
        self._count((True, field, problem, action), f"{item}.{field}" if field else item)

    def _count(self, kind: tuple[bool, str, Problem, Action], place: str) -> None:
        first, count = self._kinds.get(kind, (place, 0))
        self._kinds[kind] = (first, count + 1)

    def findings(self) -> tuple[Finding, ...]:
        """Return one finding a kind, in the order in which the kinds were first noted."""
        return tuple(
            Finding(place, problem, action, count) for (_, _, problem, action), (place, count) in self._kinds.items()
        )
