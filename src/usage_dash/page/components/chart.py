"""What charts are drawn from, and what a chart is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from usage_dash.money.budgets import Standing
from usage_dash.money.unusual import UnusualDay
from usage_dash.page import ids
from usage_dash.page.components.elements import Children
from usage_dash.page.figures.axes import Figure
from usage_dash.page.request import Looks
from usage_dash.reporting.view_models import ModelUsage, Overview, TeamUsage, Timeline, TopUser

FIRST_ROW = {ids.COST_OVER_TIME: "Cost over time", ids.COST_BY_MODEL: "Cost by model"}
SECOND_ROW = {
    ids.CALLS_OVER_TIME: "API calls over time",
    ids.MODEL_DISTRIBUTION: "Model distribution",
    ids.TOP_USERS: "Top users",
}
TRUST_ROW = {ids.RECORDED_AND_BILLED: "Recorded and billed"}  # of that page
TITLES = FIRST_ROW | SECOND_ROW | TRUST_ROW


@dataclass(frozen=True, slots=True)
class Shown:
    """What the charts are drawn from; `models`, `users` and `teams` are also those that a filter leaves out.

    `has_teams`: somebody in the scope is in one. `zoom` names the view: as long as it stays the same, so does what a
    viewer zoomed to. Without `users` the chart of the dearest gives its place to the others. `trust` is where it is
    told what is not itemised. The `budget` is that of all that is shown, where the range is the month to date.
    `unusual` are days of the range, and `why` is where they are explained, if anywhere.
    """

    overview: Overview
    timeline: Timeline
    models: Sequence[ModelUsage]
    zoom: str
    looks: Looks = field(default_factory=Looks)
    users: Sequence[TopUser] | None = None
    teams: Sequence[TeamUsage] = ()
    has_teams: bool = False
    trust: str = ""
    budget: Standing | None = None
    unusual: Sequence[UnusualDay] = ()
    why: str = ""

    @property
    def label(self) -> str:
        """What the range is called."""
        return self.overview.range.label


@dataclass(frozen=True, slots=True)
class Table:
    """A figure as a table: each row begins with what it is of, and tells what the figure's point of its number does."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """What one panel shows: the figure, the same as a table and in words, what stands above it and beneath.

    `name` is what a picture of it is called.
    """

    figure: Figure
    table: Table
    summary: str
    head: Children
    name: str
    key: Children = field(default_factory=list)
