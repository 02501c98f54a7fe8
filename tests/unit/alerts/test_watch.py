"""One pass after the other: sync, judge, remember, send; a thread that neither dies nor holds anything up."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import DEADLINE, Gate, MemoryRepository
from tests.unit.alerting import NOW, RULES, SILENT, TODAY, FakeComposer, FakeJudge, FakeSender, address, user_day
from tests.unit.alerts import forking
from tests.unit.syncing import Clock, fill, later, make

from usage_dash.alerts.deliveries import Deliveries
from usage_dash.alerts.findings import Judged, Since
from usage_dash.alerts.memory import Memory
from usage_dash.alerts.watch import NoWatch, Pass, Watch
from usage_dash.ledger.alerts import Memo
from usage_dash.ledger.ledger import Ledger, LedgerError

ANN, BEN = address("ann"), address("ben")
HOUR = 3_600.0


class FullLedger(Ledger):
    """A ledger that remembers nothing as long as the test says."""

    is_full = False

    def remember(self, memo: Memo) -> None:
        if self.is_full:
            raise LedgerError("The disk is full.")
        super().remember(memo)


class CountingJudge(FakeJudge):
    """Tells when it has judged so often."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()

    def judge(self, since: Since) -> Judged:
        try:
            return super().judge(since)
        finally:
            with self._changed:
                self._changed.notify_all()

    def wait(self, times: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.since) >= times, DEADLINE)


class World:
    """A watch over a fake source."""

    def __init__(self, clock: Clock) -> None:
        self.source = MemoryRepository()
        fill(self.source, 5)
        self.clock = clock
        self.ledger = FullLedger(self.source.source.identity, ZoneInfo("UTC"))
        self.sync = make(self.source, self.ledger, clock)
        self.judge, self.sender = CountingJudge(), FakeSender()
        self.memory = Memory(self.ledger, (ANN, BEN), FakeComposer(), clock.now)
        self.watch = self.make()

    def make(self, every_seconds: float = 0.01) -> Watch:
        deliveries, now = Deliveries(self.memory, self.sender), self.clock.now
        seconds = {"every_seconds": every_seconds, "retry_seconds": 0.01}
        return Watch(self.sync, self.judge, self.memory, deliveries, now=now, **seconds)

    def close(self) -> None:
        for event in self.sender.held.values():
            event.set()
        self.watch.close()
        self.sync.close()
        self.ledger.close()


@pytest.fixture
def world(clock: Clock) -> Iterator[World]:
    made = World(clock)
    yield made
    made.close()


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.001)


def threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "alerts"]


def test_a_pass_reads_judges_and_tells(world: World) -> None:
    world.judge.findings = (SILENT, user_day("u1"))
    assert world.watch.once() == Pass(written=2, sent=4, failed=0, waiting=0)
    assert world.source.returned == 5
    assert sorted(world.sender.told(ANN)) == ["silent", f"user-day {TODAY} u1"]


def test_it_is_a_viewer_of_the_sync_and_in_the_meter(world: World) -> None:
    world.watch.once()
    requests, naive = len(world.source.calls), world.sync.totals().naive
    world.watch.once()  # too soon after the last sync, as for any viewer
    assert len(world.source.calls) == requests
    later(world.clock, world.source, 300)
    world.watch.once()
    assert len(world.source.calls) > requests
    assert world.sync.totals().naive > naive


def test_it_joins_a_sync_that_a_viewer_began(world: World) -> None:
    gate = world.source.before = Gate()
    world.sync.refresh()
    assert gate.come.wait(DEADLINE)
    passing = threading.Thread(target=world.watch.once)
    passing.start()
    gate.open()
    passing.join(DEADLINE)
    assert [call.what for call in world.source.calls].count("listing") == 1
    assert len(world.judge.since) == 1


def test_a_source_that_fails_is_judged_all_the_same(world: World) -> None:
    world.source.fail_in(0, times=100)
    world.watch.once()
    assert len(world.judge.since) == 1


def test_a_pass_that_did_something_is_one_line_without_anybody(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "usage_dash.alerts")
    world.watch.once()
    assert caplog.messages == []
    world.judge.findings = (user_day("u1"),)
    world.sender.fail(BEN)
    world.watch.once()
    assert caplog.messages == ["Alerts: 1 written, 1 delivered, 1 failed, 1 waiting"]
    assert world.watch.tally().waiting == 1


def test_a_slow_address_holds_up_neither_the_others_nor_the_end(world: World) -> None:
    slow = world.sender.hold(ANN)
    world.judge.findings = (SILENT,)
    world.watch = world.make(every_seconds=HOUR)
    world.watch.start(first_after=0.0)
    until(lambda: world.sender.told(BEN) == ["silent"])
    began = time.monotonic()
    world.watch.close(seconds=0.05)
    assert time.monotonic() - began < DEADLINE / 2
    slow.set()
    until(lambda: not threads())
    assert len(world.memory.sent().owed) == 1  # it was told, but too late to be noted


def test_an_address_that_is_still_being_sent_to_is_not_sent_the_same_again(world: World) -> None:
    slow = world.sender.hold(ANN)
    world.judge.findings = (SILENT,)
    deliveries = Deliveries(world.memory, world.sender)
    world.memory.take(world.judge.judged)
    deliveries.begin()
    assert not deliveries.wait(0.0)
    world.clock.seconds += HOUR
    deliveries.begin()
    slow.set()
    assert deliveries.wait(DEADLINE)
    assert world.sender.told(ANN) == ["silent"]


def test_what_is_being_sent_at_the_end_may_end_and_is_noted(world: World) -> None:
    slow = world.sender.hold(ANN)
    world.judge.findings = (SILENT,)
    world.watch = world.make(every_seconds=HOUR)
    world.watch.start(first_after=0.0)
    assert world.sender.arrived.wait(DEADLINE)
    closing = threading.Thread(target=world.watch.close, args=(DEADLINE,))
    closing.start()
    slow.set()
    closing.join(DEADLINE)
    assert threads() == []
    told = {who for who, _ in world.sender.sent}
    assert ANN.short in told
    assert {each.address for each in world.memory.sent().owed} == {
        who.digest for who in (ANN, BEN) if who.short not in told
    }


def test_the_thread_goes_on_whatever_fails(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.judge.error = ZeroDivisionError()
    world.watch.start(first_after=0.0)
    world.judge.wait(2)
    world.judge.error = None
    world.ledger.is_full = True
    world.judge.findings = (SILENT,)
    world.judge.wait(6)
    assert world.sender.sent == []
    world.ledger.is_full = False
    world.judge.wait(10)
    world.watch.close()
    assert world.sender.told(ANN) == ["silent"]
    assert "Watching for alerts failed" in caplog.text
    assert "Whether somebody should be told could not be found out: The disk is full." in caplog.text


def test_what_is_owed_is_sent_though_the_rest_fails(world: World) -> None:
    world.judge.findings = (SILENT,)
    world.memory.take(world.judge.judged)
    world.ledger.is_full = True
    with pytest.raises(LedgerError):
        world.watch.once()
    assert world.sender.told(ANN) == ["silent"]


def test_what_is_due_is_sent_though_the_next_look_is_far_away(world: World) -> None:
    world.sender.fail(ANN)
    world.judge.findings = (SILENT,)
    world.watch = world.make(every_seconds=HOUR)
    world.watch.start(first_after=0.0)
    until(lambda: [each.tries for each in world.memory.sent().owed] == [1])
    world.sender.failing.clear()
    world.clock.seconds += HOUR
    until(lambda: world.sender.told(ANN) == ["silent"])
    assert len(world.judge.since) == 1


def test_why_nothing_could_be_judged_is_known_until_it_can(world: World) -> None:
    world.ledger.is_full = True
    with pytest.raises(LedgerError):
        world.watch.once()
    world.ledger.is_full = False
    assert (world.watch.standing().problem, world.watch.tally().judged) == ("The disk is full.", None)
    world.judge.error = ZeroDivisionError("u1")
    with pytest.raises(ZeroDivisionError):
        world.watch.once()
    world.judge.error = None
    problem = world.watch.standing().problem
    assert problem is not None
    assert "by a fault of its own" in problem
    assert "u1" not in problem
    world.watch.once()
    assert (world.watch.standing().problem, world.watch.tally().judged) == (None, world.clock.now())


def test_once_closed_nothing_is_read_or_judged(world: World) -> None:
    world.watch.start(first_after=HOUR)
    world.watch.close()
    assert threads() == []
    assert world.judge.since == []
    assert world.source.calls == []


def test_how_alerts_stand_is_told_in_plain_values(world: World) -> None:
    before = world.watch.standing()
    assert before.judged is None
    world.judge.findings = (user_day("u1"),)
    world.sender.fail(BEN)
    world.watch.once()
    found, looks = world.watch.standing(), len(world.judge.since)
    assert world.watch.standing(rules=False) == replace(found, rules=())
    assert len(world.judge.since) == looks  # nothing was judged for it
    assert (found.addresses, found.every_seconds, found.judged) == (("json ann", "json ben"), 0.01, world.clock.now())
    assert [rule.state.rule for rule in found.rules] == list(RULES)
    assert [rule.sent for rule in found.rules] == [world.clock.now(), None, None, None]
    (waiting,) = found.waiting
    assert (waiting.rule, waiting.address, waiting.written, waiting.tries) == (
        "user-day",
        "json ben",
        world.clock.now(),
        1,
    )
    assert waiting.due is not None
    assert waiting.due > world.clock.now()
    assert waiting.problem == "It does not answer."
    assert found.given_up == ()
    assert "secret" not in str(found)


def test_where_nobody_is_to_be_told_there_is_no_thread() -> None:
    none = NoWatch()
    none.start()
    assert (none.standing(), none.tally(), threads()) == (None, None, [])
    none.close()


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="nothing forks here")
@pytest.mark.parametrize("when", forking.WHEN)
def test_who_watches_when_a_server_forks(when: str) -> None:
    """One that loads the app first serves in its children; whoever is forked later is there for something else."""
    command = [sys.executable, "-m", forking.__name__, when]
    told = subprocess.run(command, check=True, timeout=5 * DEADLINE, capture_output=True, text=True)  # noqa: S603 - our own program
    assert told.stdout.strip() == forking.WHEN[when]


def test_the_time_of_the_data_is_that_of_the_judging(world: World) -> None:
    world.judge.findings = (SILENT,)
    world.watch.once()
    assert f"Data as of {NOW}" in world.sender.sent[0][1].body
