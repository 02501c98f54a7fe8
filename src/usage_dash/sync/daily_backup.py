"""A copy of the ledger's file each day, made by the process that uses it, as no other can read it meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Final

from usage_dash.ledger.backup import Backups
from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.sync.state import Phase, SyncState

_log = logging.getLogger(__name__)
_RETRY_SECONDS: Final = 3600.0


class DailyBackup:
    """Backs a ledger up once a day, after a sync: a ledger that nothing is read into stays as it was.

    It is done in a thread of its own, so that no sync waits for it. What fails is logged, and is tried
    again an hour later.
    """

    def __init__(
        self,
        ledger: Ledger,
        backups: Backups,
        today: Callable[[], date],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._backups = backups
        self._today = today
        self._monotonic = monotonic
        self._lock = threading.Lock()  # held while a copy is made
        self._not_before = float("-inf")

    def after_sync(self, state: SyncState) -> None:
        """Begin today's backup if it is not there; for `Sync.after`."""
        day = self._today()
        if state.phase is not Phase.LIVE or self._monotonic() < self._not_before or self._backups.of(day).exists():
            return
        if self._lock.acquire(blocking=False):
            threading.Thread(target=self._back_up, args=(day,), name="backup", daemon=True).start()

    def _back_up(self, day: date) -> None:
        file = self._backups.of(day)
        try:
            self._ledger.copy_to(file)
            self._backups.drop_old()
            _log.info("The ledger was backed up to %s", file)
        except (LedgerError, OSError) as error:
            self._not_before = self._monotonic() + _RETRY_SECONDS
            _log.warning("The ledger could not be backed up; it is tried again in an hour: %s", error)
        finally:
            self._lock.release()
