"""What is true now of each alert rule."""

from __future__ import annotations

from typing import Protocol

from usage_dash.alerts.findings import Judged, Since


class Judge(Protocol):
    """Says what is true now; who remembers what was told tells the rest."""

    def judge(self, since: Since) -> Judged:
        """Return what is true now, and of days and months that ended within a week, if their rule was judged before.

        `since` says when each rule was judged first, by its text. One that is not there is judged for the first time:
        of it only what stands now is found. It is to be noted as judged unless it is among the unknown.
        """
        ...
