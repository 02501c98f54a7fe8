"""The check that says that nobody is told anything new, as whether there is something cannot be found out."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.alerts.standing import Standing
from usage_dash.checks.check import Check, State
from usage_dash.wording import formats

_TODO: Final = "Mend it: until then no alert is written. It is tried again every {every}."


def unjudged(standing: Standing, now: datetime, zone: ZoneInfo) -> Check | None:
    """Return a check that says why alert rules cannot be judged; None where they could be."""
    if standing.problem is None:
        return None
    since = "since the start" if standing.judged is None else f"since {formats.moment(standing.judged, now, zone)}"
    return Check(
        key="alerts-are-judged",
        state=State.ACT,
        title="Nobody is told anything new",
        detail=f"Whether somebody should be told could not be found out {since}",
        figure="–",
        unit="not judged",
        why=standing.problem,
        todo=_TODO.format(every=formats.span(standing.every_seconds)),
    )
