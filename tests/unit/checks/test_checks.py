"""All checks of a dashboard: by what was read until then, for whom, and of nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.fakes import SOURCE
from tests.unit.builders import NOON, item
from tests.unit.checks.checking import counted
from tests.unit.worlds import filled

from usage_dash.access.viewer import RIGHTS, Role, Viewer
from usage_dash.checks.check import Check, State
from usage_dash.checks.checks import Checks
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.repository.base import Source
from usage_dash.sync.bill import Quota, Spent
from usage_dash.sync.catch_up import Compared
from usage_dash.sync.dearest import DearDocument
from usage_dash.sync.read_meter import Meter, MeterSpan
from usage_dash.sync.state import Phase, SyncState
from usage_dash.sync.sums import Sums

HOUR = 60  # minutes


@dataclass
class Read:
    """A sync that has read everything until a time, and stands."""

    until: datetime | None
    source: Source = SOURCE

    @property
    def state(self) -> SyncState:
        return SyncState(Phase.LOADING if self.until is None else Phase.LIVE, 1, data_time=self.until)

    @property
    def compared(self) -> Compared:
        return Compared(self.until, Sums.TELL)

    def meter(self) -> Meter:
        span = MeterSpan(reads=0, queries=0, saved=0, wire_bytes=0, dollars=0.0)
        quota = Quota(Spent(), Spent(), NOON.date())
        return Meter(span, span, None, quota, (DearDocument("ada", 1, 100),))


def checked(ledger: Ledger, until: datetime | None = NOON, role: Role = Role.ADMIN, **more: Any) -> dict[str, Check]:
    """The checks by their keys, as of noon."""
    sync: Any = Read(until)
    checks = Checks(Reports(ledger, ViewCache(), lambda: NOON), sync, more.get("rules", Rules()), 30)
    return {each.key: each for each in checks.of(more.get("scope", EVERYBODY), Viewer(role))}


def daily(ledger: Ledger) -> Ledger:
    """Usage in each of the last hours of five weeks, until seven hours before noon."""
    return filled(ledger, [counted("ada", *(item(-HOUR * n, cost=n / 64) for n in range(7, 35 * 24)))])


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (NOON, State.LOOK),
        (NOON - timedelta(hours=6), State.GOOD),
        (None, State.UNKNOWN),
        (NOON + timedelta(days=9), State.LOOK),
    ],
)
def test_silence_is_held_against_the_last_sync(ledger: Ledger, until: datetime | None, state: State) -> None:
    assert checked(daily(ledger), until)["usage-arrives"].state is state


def test_hours_of_silence_and_limits_come_from_the_rules(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(), size=4_000)])
    assert checked(ledger, rules=Rules(document_limit=4_000))["documents-have-room"].state is State.ACT
    assert checked(daily(ledger), rules=Rules(silent_hours=9))["usage-arrives"].state is State.GOOD


def test_users_are_named_to_who_may_see_findings_alone(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(), total_tokens=99), counted("bob", item(90))])
    for_admin, for_viewer = checked(ledger), checked(ledger, role=Role.VIEWER)
    assert [each.user_id for each in for_admin["counters-agree"].users] == ["ada"]
    assert [(each.users, each.table) for each in for_viewer.values()] == [((), None)] * len(for_viewer)
    assert for_viewer["counters-agree"].concerned == 1


def test_checks_of_a_team_speak_of_it_alone(ledger: Ledger) -> None:
    mine = item(model="house-model")  # which has no list price
    filled(ledger, [counted("ada", mine), counted("bob", item(90), total_tokens=99, size=10**7)])
    pressing = [each.key for each in checked(ledger, scope=Scope(frozenset({"ada"}))).values() if each.is_pressing]
    assert pressing == []


def test_nobody_has_nothing_to_check(ledger: Ledger) -> None:
    assert list(checked(ledger)) == ["reading-is-free", "up-to-date"]


def test_what_reading_costs_is_told_to_who_may_see_the_source_and_the_dearest_are_named(ledger: Ledger) -> None:
    told = checked(ledger)["reading-is-free"]
    assert [each.user_id for each in told.users] == ["ada"]
    for role in Role:
        assert ("reading-is-free" in checked(ledger, role=role)) == RIGHTS[role].source
