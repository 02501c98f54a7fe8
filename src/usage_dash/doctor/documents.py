"""What the source holds: whether there is usage, what is wrong in a sample of it, and whose clock is right."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from usage_dash.checks.check import Check, Concerned, State
from usage_dash.doctor.source import Seen
from usage_dash.doctor.told import act, good, look
from usage_dash.repository.base import Holder
from usage_dash.wording import formats

_NAMED: Final = 5  # documents that are named
_AWAY: Final = timedelta(seconds=30)  # from here on a clock is worth a word
_FAR_AWAY: Final = timedelta(minutes=5)  # from here on Google refuses what this machine signs


def collection(seen: Seen) -> Check:
    """Tell whether there is usage, and how much."""
    holder = seen.source.holder
    if not seen.count:
        return look("collection", f"The {holder.kind} “{holder.name}” holds no usage documents", _where(holder))
    count = formats.counted(seen.count, "usage document")
    return good("collection", f"The {holder.kind} “{holder.name}” holds {count}")


def _where(holder: Holder) -> str:
    if holder.kind != "collection":
        return f"Check {holder.setting}."
    return (
        f"If the chatbot has been used, it writes elsewhere: check {holder.setting}, FIRESTORE_DATABASE and "
        "FIREBASE_PROJECT_ID."
    )


def sample(seen: Seen) -> Check | None:
    """Tell what is wrong in the documents that changed last; None where there are none."""
    batch = seen.sample.batch
    if not seen.count:
        return None
    if not batch.documents:
        return act("documents", "No document has a timestamp in `lastUpdated`", _UNDATED)
    flawed = list(dict.fromkeys(batch.findings["user_id"].to_pylist()))
    read = f"{formats.counted(batch.documents, 'document')} that changed last"
    if not flawed:
        return good("documents", f"Nothing is wrong in the {read}", _cost(seen))
    return _flawed(seen, read, flawed)


_UNDATED: Final = (
    "usage-dash finds what changed by that field, so changes are only seen when all documents are compared. The "
    "writer has to set it with `serverTimestamp()`: `docs/writer.md` has one to copy."
)


def _flawed(seen: Seen, read: str, flawed: list[str]) -> Check:
    how = dict.fromkeys(flawed, "")
    for row in reversed(seen.sample.batch.findings.to_pylist()):
        how[row["user_id"]] = f"{row['field']}: {row['problem']}, {row['action']}"
    return Check(
        key="documents",
        state=State.LOOK,
        title=f"Something is wrong in {formats.number(len(flawed))} of the {read}",
        detail=_cost(seen),
        figure=formats.number(len(flawed)),
        unit=formats.agree(len(flawed), "document", "documents"),
        why="",
        todo="Mend the writer; `usage-dash doctor --writer` tells what it does wrong.",
        users=tuple(Concerned(user_id, how[user_id]) for user_id in flawed[:_NAMED]),
        others=max(0, len(flawed) - _NAMED),
    )


def _cost(seen: Seen) -> str:
    billed = seen.source.billed and not seen.source.sample
    return f"To look at them cost {formats.counted(seen.sample.reads, 'read')}" if billed else ""


def clock(seen: Seen) -> Check | None:
    """Compare the source's clock with this machine's; None for what has no clock of its own."""
    if not seen.source.billed or seen.source.sample:
        return None
    size = abs(seen.ahead)
    if size < _AWAY:
        return good("clock", "This machine’s clock is right", "Compared with Firestore’s")
    which = "behind" if seen.ahead > timedelta(0) else "ahead"
    title = f"This machine’s clock is {formats.length(size)} {which}"
    return (act if size >= _FAR_AWAY else look)("clock", title, _SET_IT)


_SET_IT: Final = (
    "Let it set its clock from the network (NTP). Days begin by it, sign-ins end by it, and Google refuses what is "
    "signed by a clock five minutes wrong."
)
