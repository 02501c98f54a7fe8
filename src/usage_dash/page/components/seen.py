"""What the explore bar is made from: one page's choices, and what is to be chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from usage_dash.page.links import Links
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.view_models import Counts, ModelUsage, Range, TeamUsage


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as the bar tells it.

    `models` and `teams` are also those that the filters leave out, `counts` is of what they choose; `coverage` is the
    share of the cost that entries explain. `has_teams`: somebody in the scope is in one. `names` has the names of
    chosen users who have one, by their ids. `left_out` says in words what of the address could not be. On the page of
    one `person` nobody is searched.
    """

    filters: Filters
    today: date
    zone: ZoneInfo
    shown: Range
    compared: Range | None
    counts: Counts
    models: tuple[ModelUsage, ...]
    links: Links
    teams: tuple[TeamUsage, ...] = ()
    has_teams: bool = False
    coverage: float | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    person: bool = False

    @property
    def chosen(self) -> int:
        """How many things are filtered by."""
        choice = self.filters.choice
        return len(choice.models) + (0 if self.person else len(choice.users) + (choice.team is not None))
