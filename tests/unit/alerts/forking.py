"""A process that forks as servers do; it prints who watches after that: the parent, each child, or nobody."""

from __future__ import annotations

import os
import sys
import threading
from zoneinfo import ZoneInfo

from tests.fakes import DEADLINE, MemoryRepository
from tests.unit.alerting import FakeComposer, FakeJudge, FakeSender, address
from tests.unit.syncing import Clock, make

from usage_dash.alerts.deliveries import Deliveries
from usage_dash.alerts.findings import Judged, Since
from usage_dash.alerts.memory import Memory
from usage_dash.alerts.watch import Watch
from usage_dash.ledger.ledger import Ledger

WHEN = {"before its first pass": "child child", "after it": "parent", "once closed": ""}
HOUR = 3_600.0


class Judge(FakeJudge):
    """Tells when it judges."""

    def __init__(self) -> None:
        super().__init__()
        self.judging = threading.Event()

    def judge(self, since: Since) -> Judged:
        self.judging.set()
        return super().judge(since)


def watches() -> bool:
    return any(each.name == "alerts" for each in threading.enumerate())


def say(who: str) -> None:
    sys.stdout.write(f"{who} ")
    sys.stdout.flush()


def fork() -> None:
    """Have a child that says whether it watches, and can."""
    child = os.fork()
    if child == 0:
        if watches():
            say("child")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def main(when: str) -> None:
    """Watch, and fork twice."""
    source, clock, judge = MemoryRepository(), Clock(), Judge()
    ledger = Ledger(source.source.identity, ZoneInfo("UTC"))
    memory = Memory(ledger, (address("ann"),), FakeComposer(), clock.now)
    watch = Watch(make(source, ledger, clock), judge, memory, Deliveries(memory, FakeSender()), every_seconds=HOUR)
    watch.start(first_after=0.0 if when == "after it" else HOUR)
    own = next(each for each in threading.enumerate() if each.name == "alerts")
    if when == "after it":
        assert judge.judging.wait(DEADLINE)
    if when == "once closed":
        watch.close()
    fork()
    fork()
    if when == "after it":
        assert own.is_alive()
        say("parent")
    else:
        own.join(DEADLINE)
        assert not own.is_alive()
    watch.close()


if __name__ == "__main__":
    main(sys.argv[1])
