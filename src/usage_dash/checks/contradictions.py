"""Counters that contradict themselves or their entries, and entries that cannot be right as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from usage_dash.checks.check import NAMED, Check, Concerned, State, Table
from usage_dash.checks.rules import Rules
from usage_dash.reporting.contradictions import CounterFaults, counter_faults, entry_faults
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.ranges import EARLIEST_DAY
from usage_dash.wording import formats

_HEADS: Final = ("What is wrong", "Likely cause, and what to do", "Seen in")


@dataclass(frozen=True, slots=True)
class _Fault:
    """One kind of fault, in the column `name` of what was found, the heaviest kind first."""

    name: str
    title: str
    why: str
    todo: str


_OF_COUNTERS: Final = (
    _Fault(
        "exceeded",
        "Entries say more than counters",
        "Two first writes at the same moment, of which one overwrote the other, or entries that stand twice.",
        "Let the first write be a transaction. Range figures come from entries, all-time ones from counters; correct "
        "the counters by hand where entries are right.",
    ),
    _Fault(
        "fell",
        "Counters went down in the last four weeks",
        "A first write that overwrote another, or somebody who set the counters back.",
        "Let the writer only ever add, by `increment`. Entries that were read before stay known here.",
    ),
    _Fault(
        "callless",
        "Tokens or cost without a call",
        "A writer that forgets `totalCalls`, or a document written by hand.",
        "Let one write count calls, tokens and cost together.",
    ),
    _Fault(
        "unequal",
        "Total is not input plus output",
        "A writer that adds the three up apart, or a document written by hand.",
        "Nothing for past figures: tokens are those of `totalTokens`. Let one write count all three.",
    ),
)
_OF_ENTRIES: Final = (
    _Fault(
        "doubled",
        "Standing twice",
        "An import, or a write that was tried again without a way to tell.",
        "Take one of each two out of `recentUsage`. The same entry again counts once; one that differs in some other "
        "field counts twice.",
    ),
    _Fault(
        "early",
        f"Dated before {formats.month(EARLIEST_DAY)}",
        "A computer’s clock was wrong: there was nothing to use yet.",
        "Correct `timestamp` by hand, since no range holds them, and let the writer correct its clock by the server’s.",
    ),
    _Fault(
        "future",
        "Dated in the future",
        "A computer’s clock was ahead.",
        "Nothing for past figures: they count on the day they were first read. Let the writer correct its clock by "
        "the server’s.",
    ),
    _Fault(
        "untimed",
        "Without a time",
        "`timestamp` is missing, or cannot be read.",
        "Nothing for past figures: they count on the day they were first read. Let the writer set `timestamp`.",
    ),
)
_COUNTERS_AGREE: Final = Check(
    key="counters-agree",
    state=State.GOOD,
    title="Counters agree with each other and with entries",
    detail="None went down in the last four weeks",
    figure="0",
    unit="documents that contradict themselves",
    why="In each document, input and output are held against the total, all three against calls, counters against "
    "those of the sync before, and entries against counters.",
    todo="With the first sync that reads another.",
)
_ENTRIES_STAND: Final = Check(
    key="entries-stand",
    state=State.GOOD,
    title="Entries have times that can be, and stand once",
    detail="None is dated in the future",
    figure="0",
    unit="odd entries",
    why="The time of each entry is held against the clock, and each entry against the others.",
    todo="With the first sync that reads another.",
)


def counters_agree(moment: Moment, _rules: Rules) -> Check | None:
    """Return whether counters contradict themselves or their entries; None where there are none."""
    if not moment.documents:
        return None
    found = counter_faults(moment, NAMED)
    if not found.documents:
        return _COUNTERS_AGREE
    title = f"{formats.counted(found.documents, 'document’s', 'documents’')} counters contradict themselves"
    told = _told(found, _OF_COUNTERS, _counters_of, found.documents, ("document", "documents"))
    return replace(_COUNTERS_AGREE, title=title, detail=_kinds(found), dollars=found.dollars, **told)


def entries_stand(moment: Moment, _rules: Rules) -> Check | None:
    """Return whether entries are dated as they can be, and stand once; None where there are no documents."""
    if not moment.documents:
        return None
    found = entry_faults(moment, NAMED)
    if not found.odd:
        return _ENTRIES_STAND
    how = formats.agree(found.odd, "it stands", "they stand")
    title = f"{formats.counted(found.odd, 'entry', 'entries')} cannot be right as {how}"
    detail = ", ".join(f"{count:,} {_within(each.title)}" for each, count in _seen(_OF_ENTRIES, found))
    told = _told(found, _OF_ENTRIES, _entries_of, found.odd, ("entry", "entries"))
    return replace(_ENTRIES_STAND, title=title, detail=detail, **told)


def _seen(faults: Iterable[_Fault], found: Any) -> Iterator[tuple[_Fault, int]]:
    return ((each, count) for each in faults if (count := getattr(found, each.name)))


def _kinds(found: CounterFaults) -> str:
    said = ", ".join(f"{_within(each.title)} in {count:,}" for each, count in _seen(_OF_COUNTERS, found))
    return f"{said[:1].upper()}{said[1:]}"


def _within(title: str) -> str:
    """Return a title as it stands within a sentence."""
    return f"{title[:1].lower()}{title[1:]}"


def _told(
    found: Any, faults: Iterable[_Fault], how: Callable[[Any], Iterator[str]], count: int, words: tuple[str, str]
) -> dict[str, Any]:
    """Return what is told of so many documents or entries: the heaviest fault's cause and remedy, and who is concerned.

    `how` yields in which ways a user is.
    """
    seen = list(_seen(faults, found))
    users = tuple(Concerned(each.user_id, ", ".join(how(each))) for each in found.worst)
    return {
        "state": State.LOOK,
        "figure": formats.number(count),
        "unit": formats.agree(count, *words),
        "why": seen[0][0].why,
        "todo": seen[0][0].todo,
        "table": _table(seen, words) if len(seen) > 1 else None,
        "users": users,
        "others": found.documents - len(users),
    }


def _table(seen: Iterable[tuple[_Fault, int]], words: tuple[str, str]) -> Table:
    rows = ((each.title, f"{each.why} {each.todo}", formats.counted(count, *words)) for each, count in seen)
    return Table(_HEADS, tuple(rows))


def _counters_of(user: Any) -> Iterator[str]:
    if user.exceeded:
        yield f"entries say {formats.money(user.excess)} more" if user.excess else "entries say more"
    if user.fell:
        yield f"went down by {_fall(user)}"
    if user.callless:
        yield "no call"
    if user.unequal:
        yield "total ≠ input + output"


def _fall(user: Any) -> str:
    if user.fell_cost:
        return formats.money(user.fell_cost)
    if user.fell_calls:
        return formats.counted(int(user.fell_calls), "call")
    return formats.counted(int(user.fell_tokens), "token")


def _entries_of(user: Any) -> Iterator[str]:
    words = (("doubled", "twice"), ("early", "too early"), ("future", "in the future"), ("untimed", "without a time"))
    return (f"{count:,} {word}" for name, word in words if (count := getattr(user, name)))
