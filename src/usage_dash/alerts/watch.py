"""Watching: now and then the data is read, the rules are judged, and whoever should know is told.

Each pass asks for a sync as a viewer does, so it joins one that is under way, and is in the meter.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from usage_dash.alerts.deliveries import Deliveries
from usage_dash.alerts.findings import Judged, Since
from usage_dash.alerts.forks import follow
from usage_dash.alerts.memory import Memory
from usage_dash.alerts.standing import RuleStanding, Standing, Waiting
from usage_dash.inside.alert_tally import AlertTally
from usage_dash.ledger.alerts import GivenUp, Owed
from usage_dash.ledger.ledger import LedgerError
from usage_dash.sync.sync import Sync

_log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 300.0
_FIRST_SECONDS: Final = 10.0  # after the start: the first page comes before the first pass
_RETRY_SECONDS: Final = 60.0  # between two looks whether something that is owed is due
_SYNC_SECONDS: Final = 120.0  # that a pass waits for a sync; then it judges what there is
_SEND_SECONDS: Final = 90.0  # that it waits for addresses; what takes longer goes on beside the next pass
_CLOSE_SECONDS: Final = 3.0  # in which a send that is under way may still be noted
_UNKNOWN: Final = "usage-dash has failed, by a fault of its own; its log has the cause. Please report it."
_LINE: Final = "Alerts: %(written)d written, %(sent)d delivered, %(failed)d failed, %(waiting)d waiting"


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass: how many alerts were written, how many deliveries went well and failed, and how many wait."""

    written: int
    sent: int
    failed: int
    waiting: int


class Ruler(Protocol):
    """Says what is true now, as `judge.Judge` does."""

    def judge(self, since: Since) -> Judged:
        """Return what is true now of rules that were judged first `since` then, by their texts."""
        ...


class Watcher(Protocol):
    """Watches over usage for somebody, or for nobody."""

    def start(self) -> None:
        """Watch from now on."""
        ...

    def once(self) -> Pass:
        """Look once whether there is something to tell, and tell it. Raises `LedgerError`."""
        ...

    def standing(self, *, rules: bool = True) -> Standing | None:
        """Return how alerts stand; None where nobody is to be told anything.

        Without `rules`, what was sent alone: that is known, while rules have to be judged.
        """
        ...

    def tally(self) -> AlertTally | None:
        """Return how deliveries went; None where nobody is to be told anything."""
        ...

    def close(self) -> None:
        """Watch no more."""
        ...


class NoWatch:
    """Watches nothing, as nobody is to be told."""

    def start(self) -> None:
        """Do nothing."""

    def once(self) -> Pass:
        """Return that nothing was done."""
        return Pass(0, 0, 0, 0)

    def standing(self, *, rules: bool = True) -> Standing | None:
        """Return that nobody is told."""
        del rules
        return None

    def tally(self) -> AlertTally | None:
        """Return that nobody is told."""
        return None

    def close(self) -> None:
        """Nothing is held open."""


class Watch:
    """Judges the rules every so many seconds, in a thread of its own, and sends what is owed as soon as it is due."""

    def __init__(
        self,
        sync: Sync,
        judge: Ruler,
        memory: Memory,
        deliveries: Deliveries,
        *,
        every_seconds: float = EVERY_SECONDS,
        retry_seconds: float = _RETRY_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sync = sync
        self._judge = judge
        self._memory = memory
        self._deliveries = deliveries
        self._every = every_seconds
        self._retry = retry_seconds
        self._first_after = _FIRST_SECONDS
        self._now = now
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()  # of the two that follow
        self._begun = False  # whether the first pass was begun
        self._closed = False
        self._told = deliveries.tally
        self._judged: datetime | None = None
        self._problem: str | None = None

    def start(self, first_after: float = _FIRST_SECONDS) -> None:
        """Make a pass soon, and then again and again, until it is closed.

        A server may load the app first and fork then: if that is before the first pass, its children watch, and it does
        not itself. Whoever is forked later does not watch.
        """
        self._first_after = first_after
        follow(self)
        self._start()

    def once(self) -> Pass:
        """Make one pass; never two at a time. Raises `LedgerError` where what is to be told cannot be kept.

        Then nobody is told it, but what was owed before is sent all the same.
        """
        self._sync.refresh(wait=_SYNC_SECONDS)
        try:
            written = 0 if self._stopped.is_set() else self._judge_all()
        finally:
            if not self._stopped.is_set():
                self._deliveries.begin()
                self._deliveries.wait(_SEND_SECONDS)
        return self._pass(written)

    def standing(self, *, rules: bool = True) -> Standing:
        """Return how alerts stand; without `rules`, what was sent alone."""
        sent, states = self._memory.sent(), self._judge.judge({}).states if rules else ()
        told = tuple(RuleStanding(state, sent.last.get(state.rule.name.value)) for state in states)
        waiting, given_up = map(self._shown, sent.owed), map(self._shown, sent.given_up)
        shorts, owed, missed = self._memory.shorts, tuple(waiting), tuple(given_up)
        return Standing(shorts, self._every, self._judged, told, owed, missed, self._problem)

    def tally(self) -> AlertTally:
        """Return how deliveries went, and how many wait."""
        return replace(self._deliveries.tally, waiting=len(self._memory.sent().owed), judged=self._judged)

    def close(self, seconds: float = _CLOSE_SECONDS) -> None:
        """Watch no more, after so long at most: what is being sent just now may end, and be noted.

        Whoever is slower than that may be told once more, after the next start.
        """
        until = time.monotonic() + seconds
        with self._starting:
            self._closed = True
            self._stopped.set()
        self._deliveries.close(seconds)
        if self._thread:
            self._thread.join(max(0.0, until - time.monotonic()))

    def leave_to_child(self) -> bool:
        """Watch no more if no pass was begun; see `forks`."""
        with self._starting:
            if self._begun or self._closed:
                return False
            self._stopped.set()
            return True

    def go_on_in_child(self) -> None:
        """Watch in a child, where what the parent's threads hold is held for ever."""
        self._stopped, self._starting = threading.Event(), threading.Lock()
        self._start()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._watch, name="alerts", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        """Make passes, and in between send what is owed as soon as it is due."""
        due = time.monotonic() + self._first_after
        while not self._stopped.wait(min(self._retry, max(0.0, due - time.monotonic()))) and self._begin():
            if time.monotonic() < due:
                self._attempt(self._deliveries.begin)
            else:
                self._attempt(self.once)
                due = time.monotonic() + self._every

    def _attempt(self, step: Callable[[], object]) -> None:
        try:
            step()
        except LedgerError as error:
            _log.warning("Whether somebody should be told could not be found out: %s", error)
        except Exception:  # noqa: BLE001 - a thread that ended would tell nobody anything any more
            if not self._stopped.is_set():
                _log.exception("Watching for alerts failed")

    def _begin(self) -> bool:
        """Begin a pass, unless it is to be stopped."""
        with self._starting:
            self._begun = not self._stopped.is_set()
            return self._begun

    def _judge_all(self) -> int:
        try:
            written = self._memory.take(self._judge.judge(self._memory.since()))
        except Exception as error:
            self._problem = str(error) if isinstance(error, LedgerError) else _UNKNOWN
            raise
        self._judged, self._problem = self._now(), None
        return written

    def _pass(self, written: int) -> Pass:
        """Return what came of a pass, with what was sent beside it since the last one, and tell the log."""
        if self._stopped.is_set():
            return Pass(written, 0, 0, 0)
        tally = self.tally()
        found = Pass(written, tally.sent - self._told.sent, tally.failed - self._told.failed, tally.waiting)
        self._told = tally
        if found.written or found.sent or found.failed:
            _log.info(_LINE, asdict(found))
        return found

    def _shown(self, each: Owed | GivenUp) -> Waiting:
        address = self._memory.short(each.address) or "an address that is no longer set"
        if isinstance(each, GivenUp):
            return Waiting(each.rule, address, each.written, each.tries, each.problem, None)
        return Waiting(each.alert.rule, address, each.alert.written, each.tries, each.problem, each.due)
