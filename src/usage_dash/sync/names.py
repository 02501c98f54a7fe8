"""Users' names: looked up in the background for whom a page has shown, and kept in the ledger."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pyarrow as pa

from usage_dash.documents.people import NAMES, UNKNOWN
from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.ledger.scope import ALL_USERS, Scope
from usage_dash.repository.base import SourceError
from usage_dash.repository.names import NameSource

_log = logging.getLogger(__name__)

_MOST_WANTED = 10_000  # ids that wait; far more than pages show while one batch is looked up
_CHECKED_SECONDS = 3600.0  # that nobody is asked whether somebody's name is fresh
_ALL_AGAIN_SECONDS = 60.0  # after all names were there, for whoever types on in the search
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 30.0, 3600.0  # after failures


class Names(Protocol):
    """What pages tell, so that they can show users by name the next time; nobody waits for a name."""

    @property
    def coming(self) -> bool:
        """Whether names of users whom pages show may come in a moment."""

    def want(self, ids: Iterable[str]) -> None:
        """Look up the users of these ids, whom a page shows."""
        ...

    def want_all(self, scope: Scope) -> None:
        """Look up all users of a scope, since somebody searches it by name."""
        ...

    def close(self) -> None:
        """Wait for the batch under way, then let go of the source of names."""
        ...


class NoNames:
    """Looks up nothing."""

    coming = False

    def want(self, ids: Iterable[str]) -> None:
        """Look up nobody."""

    def want_all(self, scope: Scope) -> None:
        """Look up nobody."""

    def close(self) -> None:
        """Nothing is held open."""


class NameReader:
    """Fills the ledger with the names that `source` has, in one thread at a time, which ends when there is no more.

    A name, also that there is none, is kept for `kept`, then read again when it is wanted. `spent` is told what each
    look-up cost. After a failure it pauses, longer each time; what was wanted meanwhile, pages will want again.
    """

    def __init__(
        self,
        source: NameSource,
        ledger: Ledger,
        spent: Callable[..., None],
        kept: timedelta,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._spent = spent
        self._kept = kept
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._flight: threading.Event | None = None  # set when the thread under way has ended
        self._closed = False
        self._wanted: dict[str, None] = {}  # in the order in which they were wanted
        self._checked: set[str] = set()  # whose names are fresh, or were looked for in vain
        self._check_again = self._monotonic() + _CHECKED_SECONDS
        self._coming = False
        self._all = False  # whether everybody is wanted
        self._all_from = float("-inf")
        self._after = ""  # the id up to which everybody has been looked up
        self._due = float("-inf")
        self._failures = 0
        self._told = ""  # the last failure that was logged

    @property
    def coming(self) -> bool:
        """Whether users whom pages show are being looked up."""
        return self._coming

    def want(self, ids: Iterable[str]) -> None:
        """Look up the users of these ids in a moment; see `Names.want`."""
        with self._lock:
            self._forget_checks()
            new = [each for each in ids if each not in self._checked]
            self._wanted |= dict.fromkeys(new[: max(0, _MOST_WANTED - len(self._wanted))])
            self._start()
            self._coming = self._coming or (bool(new) and self._flight is not None and not self._closed)

    def want_all(self, scope: Scope) -> None:
        """Look up all users of a scope, batch by batch; see `Names.want_all`."""
        with self._lock:
            self._forget_checks()
            if scope.users is ALL_USERS:
                self._all = self._all or self._monotonic() >= self._all_from
            else:
                self._wanted |= dict.fromkeys(scope.users - self._checked)
            self._start()

    def close(self) -> None:
        """Wait for the batch under way, then let go of the source."""
        with self._lock:
            self._closed, self._coming = True, False
            flight = self._flight
        if flight is not None:
            flight.wait()
        self._source.close()

    def _forget_checks(self) -> None:
        if self._monotonic() >= self._check_again:
            self._checked.clear()
            self._check_again = self._monotonic() + _CHECKED_SECONDS

    def _start(self) -> None:
        """Start the thread unless it runs, should rest, or has nothing to do; the lock is held."""
        is_wanted = bool(self._wanted) or self._all
        if is_wanted and self._flight is None and not self._closed and self._monotonic() >= self._due:
            self._flight = threading.Event()
            threading.Thread(target=self._fly, args=(self._flight,), name="names", daemon=True).start()

    def _fly(self, flight: threading.Event) -> None:
        try:
            self._look_up_wanted()
        except (SourceError, LedgerError) as error:
            self._failed(str(error))
        except Exception:  # noqa: BLE001 - the thread's last line: nothing may end unseen
            _log.exception("Looking up names failed for a reason that usage-dash does not know")
            self._failed("")
        finally:
            with self._lock:
                if self._flight is flight:
                    self._flight = None
            flight.set()

    def _look_up_wanted(self) -> None:
        while (wanted := self._take()) is not None:
            if wanted:
                self._look_up_these(wanted)
            else:
                self._look_up_more()

    def _take(self) -> list[str] | None:
        """Return who is wanted, first of all those that pages show; empty for everybody, None when all is done."""
        with self._lock:
            wanted = list(self._wanted)
            if self._closed or not (wanted or self._all):
                self._flight = None  # so that whoever is wanted from now on starts another
                return None
            self._wanted.clear()
            return wanted

    def _look_up_these(self, wanted: list[str]) -> None:
        due = self._ledger.unnamed_of(wanted, self._since)
        for start in range(0, len(due), self._source.batch):
            if self._closed:
                return
            self._look_up(due[start : start + self._source.batch])
        with self._lock:
            self._checked.update(wanted)
            self._coming = bool(self._wanted)

    def _look_up_more(self) -> None:
        """Look up a batch of everybody."""
        due = self._ledger.unnamed(self._since, self._after, self._source.batch)
        if due:
            self._look_up(due)
        with self._lock:
            self._after = due[-1] if due else ""
            self._all = bool(due)
            self._all_from = self._monotonic() + _ALL_AGAIN_SECONDS

    def _look_up(self, ids: Sequence[str]) -> None:
        found = self._source.look_up(ids)
        self._spent(queries=found.queries, reads=found.reads, wire_bytes=found.wire_bytes)
        names = [found.names.get(each, UNKNOWN) for each in ids]
        columns = [list(ids), [each.name for each in names], [each.email for each in names]]
        self._ledger.keep_names(pa.table(columns, NAMES), self._now())
        self._failures, self._told = 0, ""

    @property
    def _since(self) -> datetime:
        return self._now() - self._kept

    def _failed(self, why: str) -> None:
        pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures, 10))
        if why != self._told:
            _log.warning("Users are shown by their ids, since their names cannot be looked up: %s", why)
        with self._lock:
            self._failures, self._told, self._coming = self._failures + 1, why, False
            self._due = self._monotonic() + pause
