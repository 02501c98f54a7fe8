"""The check of what is recorded against what OpenAI billed; only who may see the source is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from usage_dash.checks.check import Check, State
from usage_dash.reporting import gap
from usage_dash.reporting.billed import Billed, Part
from usage_dash.reporting.sums import Sum
from usage_dash.wording import amounts, formats

# Rounding, and calls around midnight that are recorded on another day than billed, come to less than 3%.
AGREES: Final = 0.97
TOO_LITTLE: Final = 0.90  # below, a figure that somebody acts on is wrong by more than a tenth
TOO_MUCH: Final = 1.03
STALE: Final = timedelta(days=1)  # an outage of OpenAI's is shorter; a key that was withdrawn stays so

_KEY: Final = "billed"
_UNIT: Final = "of what was billed"
_UNIT_OF_ITS_OWN: Final = "of what the chatbot was billed"
_HOW: Final = (
    "OpenAI’s costs of each UTC day beside what is recorded on it; of the last two days they are not complete."
)
_WHEN: Final = "When less than 97% or more than 103% of what was billed is recorded."
_TODO: Final = {
    gap.LOST: "Count every answer, also spoken and broken-off ones, as the corrected writer does (`docs/writer.md`), "
    "or on a server, where no tab can be closed.",
    gap.SERVICES: "Record what these cost too, or know that they are not in any figure here.",
    gap.CALLERS: "Give the chatbot a project of its own, so that its bill is its own.",
    gap.FREE: "Name these models’ prices in the writer.",
    gap.EXCESS: "Name all projects and API keys of the chatbot in `OPENAI_PROJECT_IDS` and `OPENAI_API_KEY_IDS`.",
    gap.CACHED: "Let the writer count cached input at its own price.",
    gap.UNEXPLAINED: "Compare the writer’s prices with OpenAI’s.",
}
_ELSEWHERE: Final = (
    "The chatbot’s calls are on another bill, of another project, API key or organisation; or OpenAI gave them for "
    "nothing, as it does for data that it may train with."
)
_WHOLE: Final = (
    "The bill is the whole organisation’s, which has other uses too: name the chatbot’s projects in "
    "`OPENAI_PROJECT_IDS`. "
)


def as_billed(found: Billed | None, now: datetime) -> Check | None:
    """Return whether what is recorded agrees with what OpenAI billed; None where OpenAI was never asked."""
    if found is None:
        return None
    if found.problem and (found.asked is None or now - found.asked > STALE):
        return _unreadable(found, found.problem)
    if found.is_elsewhere:
        return _elsewhere(found)
    return _unknown() if found.share is None else _compared(found)


def _compared(found: Billed) -> Check:
    state, title = _verdict(found)
    good = state is State.GOOD
    of_its_own = found.own_share >= AGREES
    billed = found.own if of_its_own else found.billed
    share = Sum(found.own_share if of_its_own else found.recorded.known / found.billed, found.recorded.lacking)
    return Check(
        key=_KEY,
        state=state,
        title=title,
        detail=_detail(found),
        figure=amounts.narrow_amount(share, amounts.share_form(share)),
        unit=_UNIT_OF_ITS_OWN if of_its_own and found.others else _UNIT,
        why=_HOW if good else _why(found),
        todo=_WHEN if good else _TODO[_largest(found).what],
        dollars=0.0 if good else abs(billed - found.recorded.known),
        facts=_facts(found),
    )


def _elsewhere(found: Billed) -> Check:
    return Check(
        key=_KEY,
        state=State.ACT,
        title="OpenAI billed the chatbot nothing of what is recorded",
        detail=_detail(found),
        figure=amounts.narrow_amount(found.recorded, formats.money),
        unit="recorded, not billed",
        why=f"{_WHOLE if found.whole else ''}{_ELSEWHERE}",
        todo=_TODO[gap.EXCESS],
        dollars=found.recorded.known,
        facts=_facts(found),
    )


def _facts(found: Billed) -> tuple[tuple[str, str], ...]:
    dollars = formats.added_up([part.dollars for part in found.parts])
    return tuple(zip((part.what for part in found.parts), dollars, strict=True))


def _verdict(found: Billed) -> tuple[State, str]:
    """Judge what the chatbot itself was billed; what may be recorded on these days too is no reason to act."""
    share = found.own_share
    if share > TOO_MUCH:
        return State.ACT, f"Recorded is more than OpenAI billed{' the chatbot' if found.others else ''}"
    if share >= AGREES:
        return State.GOOD, "Recorded agrees with what OpenAI billed"
    if found.recorded.least is None:
        return State.LOOK, "What is recorded says no cost to compare with what OpenAI billed"
    state = State.ACT if found.most_share < TOO_LITTLE and not found.recorded.lacking else State.LOOK
    return state, "Recorded is less than OpenAI billed"


def _detail(found: Billed) -> str:
    recorded, billed = amounts.amount(found.recorded, formats.money), formats.money(found.billed)
    detail = f"{recorded} recorded, {billed} billed, {formats.days(found.first, found.last)} in UTC days"
    return f"{detail}, {formats.counted(found.missing, 'day')} not known" if found.missing else detail


def _why(found: Billed) -> str:
    largest = _largest(found)
    why = f"The largest part: {largest.what}, {formats.money(largest.dollars)} – {largest.detail}."
    if found.undated:
        why += (
            f" Up to {formats.money(found.undated)} may have been used on these days before usage-dash first looked: "
            "no entry says when."
        )
    return f"{_WHOLE if found.whole else ''}{why}"


def _largest(found: Billed) -> Part:
    """Return the part that explains most of the gap, by its sign."""
    sign = -1 if found.own_share > 1 else 1
    nothing = Part(gap.UNEXPLAINED, "less than is written", 0.0)
    return max(found.parts, key=lambda part: sign * part.dollars, default=nothing)


def _unreadable(found: Billed, problem: str) -> Check:
    return Check(
        key=_KEY,
        state=State.LOOK,
        title="OpenAI’s bill can’t be read",
        detail=_detail(found) if found.share is not None else "Only the bill tells whether calls are lost",
        figure=formats.rough_share(found.share),
        unit=_UNIT,
        why=problem,
        todo="`usage-dash doctor` tries the key and says how that went.",
    )


def _unknown() -> Check:
    detail = "No whole day of usage is on OpenAI’s bill so far"
    return Check(
        _KEY, State.UNKNOWN, "Looking whether recorded agrees with billed", detail, formats.UNKNOWN, "", "", ""
    )
