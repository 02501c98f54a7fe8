"""When the dashboard is ready."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.fakes import DEADLINE, Gate, MemoryRepository
from tests.unit.syncing import Clock, fill, later

from usage_dash.inside.readiness import Readiness, Status, readiness
from usage_dash.sync.sync import Sync

REFRESH = 30.0


def _found(sync: Sync, source: MemoryRepository, refresh: float = REFRESH) -> Readiness:
    return readiness(sync.state, source.clock, refresh)


def _ready(status: Status, age: float | None) -> Readiness:
    return Readiness(ready=True, status=status, age=age)


def _not_ready(status: Status, age: float | None) -> Readiness:
    return Readiness(ready=False, status=status, age=age)


def test_before_somebody_has_asked_it_is_ready_and_idle(sync: Sync, source: MemoryRepository) -> None:
    assert _found(sync, source) == _ready(Status.IDLE, None)


def test_it_is_ready_while_the_first_read_goes_on(sync: Sync, source: MemoryRepository) -> None:
    gate = Gate()
    source.before = gate
    sync.refresh()
    assert gate.come.wait(DEADLINE)
    assert _found(sync, source) == _ready(Status.LOADING, None)
    gate.open()


def test_it_is_ready_with_data_however_old_that_is_while_nobody_looks(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 86_400)
    assert _found(sync, source) == _ready(Status.LIVE, 86_400)


def test_it_is_not_ready_when_the_first_read_has_failed(sync: Sync, source: MemoryRepository) -> None:
    source.fail_in(0)
    sync.refresh(wait=DEADLINE)
    assert _found(sync, source) == _not_ready(Status.FAILED, None)


@pytest.mark.parametrize(("refresh", "patience"), [(30.0, 900), (300.0, 3000)])
def test_it_is_not_ready_when_the_data_could_not_be_read_anew_for_too_long(
    sync: Sync, source: MemoryRepository, clock: Clock, refresh: float, patience: int
) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    later(clock, source, patience)
    source.fail_in(0)
    sync.refresh(wait=DEADLINE)
    assert _found(sync, source, refresh) == _ready(Status.STALE, patience)
    source.pass_time(seconds=1)
    assert _found(sync, source, refresh) == _not_ready(Status.STALE, patience + 1)


def test_a_clock_of_the_source_that_is_ahead_makes_no_data_of_the_future(sync: Sync, source: MemoryRepository) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    assert readiness(sync.state, source.clock - timedelta(hours=1), REFRESH).age == 0.0
