"""When to sync: on demand, once for all viewers, in the background, with patience after failures."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.repository.base import Source, SourceError, UsageRepository
from usage_dash.sync.catch_up import Compared, catch_up, compared, data_time
from usage_dash.sync.read_meter import Meter, MeteredRepository, MeterSpan, Totals, UsageMeter
from usage_dash.sync.run import FAULT, NOT_KEPT, WELL, Run
from usage_dash.sync.state import Phase, Progress, SyncState, Trouble

_log = logging.getLogger(__name__)

# Viewers' timers tick a little early; without this slack such a tick would wait a whole period more.
_SLACK_SECONDS = 0.5
_FORCED_GAP_SECONDS = 1.0  # however fast somebody clicks, a forced sync starts at most once a second
_FIRST_RETRY_SECONDS, _LAST_RETRY_SECONDS = 5.0, 300.0
_PATIENT_RETRY_SECONDS = 120.0  # for errors that only a person can mend; changed permissions need a minute to apply
_CONSOLE_SECONDS = 0.5  # a line falls due when a page arrives, and should come once a second at least
_COST = (
    "%(seconds).2f s, %(reads)d reads, %(queries)d queries, %(bytes_out)d bytes out, %(documents)d documents, "
    "changed: %(changed)s, version %(version)d"
)
_BILL = "bill"  # the mark under which the ledger keeps what counts against the free quota
_BUG = Trouble(
    "usage-dash failed while reading",
    "This is a fault of usage-dash, not of your data or its source. Its log holds the cause; please report it.",
    reason="usage-dash failed while reading, by a fault of its own",
    mendable_by_retry=True,
)


class Sync:
    """Keeps one ledger in step with one repository for any number of viewers.

    Nothing is read unless a viewer asks. `refresh_seconds` is the least time between two syncs, `reconcile_hours` the
    age at which everything is listed again, `read_price` dollars per 100,000 document reads, `egress_price` dollars per
    GiB out.
    """

    def __init__(
        self,
        repository: UsageRepository,
        ledger: Ledger,
        *,
        refresh_seconds: float = 30.0,
        reconcile_hours: float = 24.0,
        read_price: float = 0.06,
        egress_price: float = 0.12,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._meter = UsageMeter(read_price, monotonic, now, ledger.mark(_BILL), egress_price)
        self._repository = MeteredRepository(repository, self._meter, ledger.count)
        self._ledger = ledger
        self._refresh_seconds = refresh_seconds
        self._reconcile_after = timedelta(hours=reconcile_hours)
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._flight: threading.Event | None = None  # set when the sync under way has ended
        self._due = float("-inf")
        self._forced_from = float("-inf")
        self._failures = 0
        self._callbacks: list[Callable[[SyncState], None]] = []
        self._last_run: Run | None = None
        self._well: float | None = None  # when the last sync that went well ended
        self._compared = compared(ledger)
        as_of = data_time(ledger)
        self._state = SyncState(Phase.LIVE if as_of else Phase.LOADING, ledger.state.version, data_time=as_of)

    @property
    def state(self) -> SyncState:
        """What is known now; asks nobody."""
        return replace(self._state, version=self._ledger.state.version, under_way=self._flight is not None)

    def refresh(self, *, force: bool = False, wait: float = 0.0) -> SyncState:
        """Sync if one is due or forced, joining the one under way, and give it up to `wait` seconds to end.

        Never raises for a source that fails: the state says it.
        """
        if self._flight is None:  # else a page only follows what it has asked for
            self._meter.add(naive=self._ledger.state.documents)
        flight = self._join_or_start(force=force)
        if flight is not None:
            flight.wait(wait)
        return self.state

    def retry(self) -> None:
        """Try again if the last sync failed and the time that was promised has come; else do nothing."""
        if self._failures:
            self._join_or_start(force=False)

    def after(self, callback: Callable[[SyncState], None]) -> None:
        """Call `callback` with the new state after each sync, whether it went well or failed.

        That is in the sync's own thread and a part of the sync: the next one waits for it, so it must be quick. What it
        raises is logged and stops nothing.
        """
        self._callbacks.append(callback)

    @property
    def source(self) -> Source:
        """Where the documents come from."""
        return self._repository.source

    @property
    def compared(self) -> Compared:
        """When all documents were last compared, and whether edits since would be known; asks nobody."""
        return self._compared

    @property
    def last_run(self) -> Run | None:
        """How the last sync went; None before the first has ended."""
        return self._last_run

    @property
    def well_since(self) -> timedelta | None:
        """How long ago a sync went well; None if none did in this process."""
        return None if self._well is None else timedelta(seconds=self._monotonic() - self._well)

    def spent(self, *, queries: int, reads: int, wire_bytes: int) -> None:
        """Count what was read beside the sync."""
        self._meter.add(queries=queries, reads=reads, wire_bytes=wire_bytes)

    def meter(self) -> Meter:
        """What reading has cost so far."""
        return self._meter.read()

    def totals(self) -> Totals:
        """What was read since the process began."""
        return self._meter.totals

    def last_hour(self) -> MeterSpan:
        """What reading has cost in the last hour, told at once."""
        return self._meter.last_hour()

    def close(self) -> None:
        """Wait for the sync under way, then let go of the repository."""
        flight = self._flight
        if flight is not None:
            flight.wait()
        self._repository.close()

    def _join_or_start(self, *, force: bool) -> threading.Event | None:
        with self._lock:
            started = self._monotonic()
            due = started >= (self._forced_from if force else self._due)
            if self._flight is None and due:
                self._due = started + self._refresh_seconds - _SLACK_SECONDS
                self._forced_from = started + _FORCED_GAP_SECONDS
                self._flight = threading.Event()
                threading.Thread(target=self._fly, args=(self._flight, started), name="sync", daemon=True).start()
            return self._flight

    def _fly(self, flight: threading.Event, started: float) -> None:
        try:
            self._run(started)
            self._keep_bill()
            self._tell()
        except Exception:  # noqa: BLE001 - the thread's last line: nothing may end unseen or leave viewers waiting
            _log.exception("How the sync went could not be noted")
        finally:
            with self._lock:
                self._flight = None
            flight.set()

    def _run(self, started: float) -> None:
        before, version = self._repository.totals, self._ledger.state.version
        outcome, error = self._try_to_sync()
        seconds = self._monotonic() - started
        self._meter.synced(seconds)
        now, spent = self._ledger.state, self._repository.totals.since(before)
        self._last_run = Run(outcome, seconds, spent, now.documents, now.version != version, now.version)
        _tell_of(self._last_run, error)

    def _try_to_sync(self) -> tuple[str, Exception | None]:
        """Sync, and return how that went, and why."""
        try:
            self._sync()
        except SourceError as error:
            self._failed(error)
            return str(error.failure), error
        except LedgerError as error:
            self._failed(_not_kept(error))
            return NOT_KEPT, error
        except Exception as error:  # noqa: BLE001 - a fault of ours is told as one
            self._failed(_BUG)
            return FAULT, error
        return WELL, None

    def _keep_bill(self) -> None:
        """Let the bill outlive this process as the ledger does; what cannot be written now is kept by the next sync."""
        try:
            self._ledger.set_marks({_BILL: self._meter.kept})
        except LedgerError as error:
            _log.warning("The count against the free quota was not kept: %s", error)

    def _tell(self) -> None:
        state = replace(self.state, under_way=False)
        for callback in self._callbacks:
            try:
                callback(state)
            except Exception:  # noqa: BLE001 - whatever it is, the sync and the other callbacks go on
                _log.exception("What should follow a sync failed")

    def _sync(self) -> None:
        first = data_time(self._ledger) is None
        on_page = self._progress() if first else _nothing
        catch_up(self._repository, self._ledger, reconcile_after=self._reconcile_after, on_page=on_page)
        self._failures = 0
        self._well = self._monotonic()
        self._compared = compared(self._ledger)
        self._state = SyncState(Phase.LIVE, self._ledger.state.version, data_time=data_time(self._ledger))

    def _progress(self) -> Callable[[], None]:
        """Count what there is to read; the result, called after each page, tells page and console how far it is."""
        self._loading(None)
        of = self._repository.count()
        self._loading(of)
        told = self._monotonic()

        def on_page() -> None:
            nonlocal told
            read = self._loading(of)
            if self._monotonic() - told >= _CONSOLE_SECONDS or read >= of:
                _log.info("First read: %d of %d usage documents", read, of)
                told = self._monotonic()

        return on_page

    def _loading(self, of: int | None) -> int:
        read = self._ledger.state.documents
        self._state = SyncState(Phase.LOADING, self._ledger.state.version, progress=Progress(read, of))
        return read

    def _failed(self, error: SourceError | Trouble) -> None:
        delay = _retry_delay(error, self._failures)
        self._failures += 1
        self._due = self._monotonic() + delay
        as_of = data_time(self._ledger)
        self._state = replace(
            self._state,
            phase=Phase.STALE if as_of else Phase.ERROR,
            data_time=as_of,
            error=error,
            retry_at=self._now() + timedelta(seconds=delay),
            progress=None,
        )


def _tell_of(run: Run, error: Exception | None) -> None:
    """Write a sync's line of the log. What failed comes with its cause, a fault of ours with where it is."""
    if error is None:
        _log.info(f"Synced: {_COST}", run.told)
    elif run.outcome == FAULT:
        _log.error(f"Sync failed for a reason that usage-dash does not know: {_COST}", run.told, exc_info=error)
    else:
        _log.warning(f"Sync failed: %(error)s ({_COST})", {**run.told, "error": str(error)})


def _not_kept(error: LedgerError) -> Trouble:
    title = "usage-dash could not keep what it read"
    return Trouble(title, remedy=str(error), reason=title, mendable_by_retry=False)


def _nothing() -> None:
    """Follow a page of a listing that nobody waits for."""


def _retry_delay(error: SourceError | Trouble, failures: int) -> float:
    """Seconds until the next try: doubling, and spread so that many dashboards do not come back at once."""
    first = _FIRST_RETRY_SECONDS if error.mendable_by_retry else _PATIENT_RETRY_SECONDS
    longest = _LAST_RETRY_SECONDS if error.mendable_by_retry else _PATIENT_RETRY_SECONDS * 5
    delay = min(longest, first * 2.0 ** min(failures, 10))
    return delay * random.uniform(0.8, 1.2)  # noqa: S311 - jitter is no secret
