"""Sending what is owed: each address in a thread of its own, so that none holds up the others."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Final

from usage_dash.alerts.memory import Memory
from usage_dash.alerts.messages import Message
from usage_dash.alerts.sender import NotDeliveredError, Sender
from usage_dash.inside.alert_tally import AlertTally
from usage_dash.ledger.alerts import Owed
from usage_dash.settings.alert_addresses import Address

_log = logging.getLogger(__name__)

_UNKNOWN: Final = "It could not be sent, for a reason that usage-dash does not know; its log has the kind of error."


class Deliveries:
    """Sends what `memory` has owed. An address that is being sent to is left alone until that has ended."""

    def __init__(self, memory: Memory, sender: Sender) -> None:
        self._memory = memory
        self._sender = sender
        self._changed = threading.Condition()  # of what follows
        self._busy: set[str] = set()  # addresses that are being sent to, by their digests
        self._closed = False
        self._sent = 0
        self._failed = 0

    @property
    def tally(self) -> AlertTally:
        """How many tries went well, and how many failed, since the process began."""
        return AlertTally(self._sent, self._failed)

    def begin(self) -> None:
        """Send what is due, and wait for nobody; for one thread at a time."""
        with self._changed:
            busy = frozenset(self._busy)  # as of before: what they are sent now is still owed in the memory
        for address, owed in self._memory.due().items():
            if address.digest in busy:
                continue
            with self._changed:
                if self._closed:
                    return
                self._busy.add(address.digest)
            threading.Thread(target=self._send_all, args=(address, owed), name="alerts", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is being sent, or so long, or until it is closed; return whether nothing is."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._busy and not self._closed and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return not self._busy

    def close(self, seconds: float) -> None:
        """Send no more; what is being sent is given so long to end, so that it can be noted."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._busy, seconds)
        self._memory.close()

    def _send_all(self, address: Address, owed: Sequence[Owed]) -> None:
        """Send to an address until that fails once: what else it is owed waits for the next time.

        What had to wait until something else was delivered follows at once.
        """
        sent: set[str] = set()
        try:
            while fresh := [each for each in owed if each.alert.id not in sent]:
                if not all(not self._closed and self._send(address, each) for each in fresh):
                    return
                sent.update(each.alert.id for each in fresh)
                owed = self._memory.due().get(address, ())
        except Exception:  # noqa: BLE001 - the thread's last line: nothing may end unseen
            _log.exception("What was delivered could not be noted")
        finally:
            with self._changed:
                self._busy.remove(address.digest)
                self._changed.notify_all()

    def _send(self, address: Address, each: Owed) -> bool:
        problem = self._try(address, each)
        with self._changed:
            self._sent += problem is None
            self._failed += problem is not None
        if problem is None:
            self._memory.delivered(each)
            return True
        if self._memory.not_delivered(each, problem) is None:
            told = "An alert of the rule %s was given up after %d tries: %s"
            _log.error(told, each.alert.rule, each.tries + 1, problem)
        return False

    def _try(self, address: Address, each: Owed) -> str | None:
        """Send an alert; return why that failed. What nobody expected may hold secrets, so its kind is logged alone."""
        alert = each.alert
        try:
            self._sender.send(address, Message(alert.id, alert.title, alert.body, alert.link))
        except NotDeliveredError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - told as any other failure
            _log.error("Sending an alert failed for a reason that usage-dash does not know: %s", type(error).__name__)
            return _UNKNOWN
        return None
