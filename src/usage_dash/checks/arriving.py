"""Whether usage keeps arriving, where it usually does."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.checks.check import Check, State
from usage_dash.checks.rules import Rules
from usage_dash.reporting.silence import Recorded
from usage_dash.wording import formats

_HOUR: Final = timedelta(hours=1)
_WHY: Final = (
    "The chatbot’s writer fails or was changed, Firestore’s rules refuse its writes, or nobody used it: on a holiday, "
    "say."
)
_TODO: Final = (
    "Ask the chatbot something, and look whether the document of who asked changes. If not, the browser’s console "
    "tells which write was refused, and why."
)
_HOW: Final = "The last call that any document tells of, by entries and by counters that grew."


def usage_arrives(recorded: Recorded | None, until: datetime | None, zone: ZoneInfo, rules: Rules) -> Check | None:
    """Return whether usage was recorded lately, in what was read `until` then; None where there never was any."""
    if recorded is None:
        return None
    silent = timedelta() if until is None else max(until - recorded.newest, timedelta())
    usual = recorded.usual_hours(until, zone) if until else None
    state, detail = (State.UNKNOWN, "Looking…") if until is None else _standing(silent, usual, rules)
    why, todo = {State.LOOK: (_WHY, _TODO), State.GOOD: (_HOW, _when(rules))}.get(state, ("", ""))
    quiet = silent >= rules.silent_hours * _HOUR
    return Check(
        key="usage-arrives",
        state=state,
        title=f"Nothing recorded for {formats.length(silent)}" if quiet else "Usage keeps arriving",
        detail=detail,
        figure=formats.span(silent.total_seconds()) if silent < _HOUR else formats.length(silent),
        unit="since the last call",
        since=recorded.newest if silent < _HOUR else None,  # which is told in minutes
        why=why,
        todo=todo,
    )


def _standing(silent: timedelta, usual: int | None, rules: Rules) -> tuple[State, str]:
    """Return how it stands after so much silence, in which so many hours are usually none."""
    if silent < rules.silent_hours * _HOUR:
        return State.GOOD, f"Turns to “look” after {formats.counted(rules.silent_hours, 'hour')} where that is unusual"
    if usual is None:
        return State.UNKNOWN, "What is usual is known after three weeks"
    if usual < math.ceil(rules.silent_hours / 2):
        return State.GOOD, "As is usual at these hours"
    return State.LOOK, f"In {formats.counted(usual, 'hour')} of these there was usage in three of the last four weeks"


def _when(rules: Rules) -> str:
    hours = formats.counted(rules.silent_hours, "hour")
    return f"After {hours} without a call, where half as many usually have one: in three of the four weeks before."
