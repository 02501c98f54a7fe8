"""A judge of a ledger that holds some documents, as of a chosen time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes import SOURCE
from tests.unit.builders import NOON

from usage_dash.alerts.findings import Judged, RuleState
from usage_dash.alerts.judge import Judge
from usage_dash.checks.checks import Checks
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import Scope
from usage_dash.money.outlook import Outlook
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.repository.base import Source, SourceError
from usage_dash.settings.alert_rules import Rule, rules_in
from usage_dash.settings.budgets import Budgets
from usage_dash.sync.state import Phase, SyncState


def rules_of(text: str) -> tuple[Rule, ...]:
    """The rules that a setting names."""
    found = rules_in(text)
    assert isinstance(found, tuple)
    return found


@dataclass
class Read:
    """A sync that has read everything until a time, unless it failed or has not read yet."""

    until: datetime | None = NOON
    error: SourceError | None = None
    last_run: object | None = field(default_factory=object)
    source: Source = SOURCE
    well_since: timedelta | None = None

    @property
    def state(self) -> SyncState:
        return SyncState(Phase.LIVE, 1, data_time=self.until, error=self.error)


@dataclass
class Wanted:
    """Looks up nobody, but knows who was wanted."""

    users: list[str] = field(default_factory=list)
    coming: bool = False

    def want(self, ids: Iterable[str]) -> None:
        self.users += ids

    def want_all(self, scope: Scope) -> None:
        del scope

    def close(self) -> None:
        pass


@dataclass
class Court:
    """A judge, and all that it looks at: the ledger, the sync, budgets, and two clocks."""

    ledger: Ledger
    text: str
    budgets: Budgets = field(default_factory=Budgets)
    sync: Read = field(default_factory=Read)
    limits: Rules = field(default_factory=Rules)
    names: Wanted = field(default_factory=Wanted)
    now: datetime = NOON
    monotonic: float = 0.0

    def __post_init__(self) -> None:
        sync: Any = self.sync
        reports = Reports(self.ledger, ViewCache(), lambda: self.now)
        checks = Checks(reports, sync, self.limits, 30)
        outlook = Outlook(reports, lambda: self.budgets)
        self.judge = Judge(
            rules_of(self.text), reports, checks, outlook, sync, names=self.names, monotonic=lambda: self.monotonic
        )

    def judged(self, first: datetime | None = None) -> Judged:
        """What is judged, where all rules were judged first then; None is now."""
        return self.judge.judge({rule.text: first for rule in self.judge.rules} if first else {})

    def lines(self, first: datetime | None = None) -> list[tuple[str, str]]:
        """The periods and lines of what is found."""
        return [(finding.period, finding.line) for finding in self.judged(first).findings]

    def pass_by(self, time: timedelta) -> None:
        """Let time pass on all clocks, and the sync read."""
        self.now += time
        self.monotonic += time.total_seconds()
        if self.sync.error is None:
            self.sync.until = self.now

    @property
    def state(self) -> RuleState:
        """How the one rule stands."""
        (found,) = self.judged().states
        return found
