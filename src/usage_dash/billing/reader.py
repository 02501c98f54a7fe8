"""Reading the bill in the background, once an hour at most, however many look."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Final, Protocol

from usage_dash.billing import problems
from usage_dash.billing.problems import BillError
from usage_dash.billing.question import Question
from usage_dash.ledger.bill import Ask, Bill
from usage_dash.ledger.ledger import Ledger, LedgerError

_log = logging.getLogger(__name__)

HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_AGAIN_DAYS: Final = 35  # that are read each time, as OpenAI still adds to the last ones and corrects others
_MOST_DAYS: Final = 180  # that are read at all: what OpenAI gives in a page


class BillSource(Protocol):
    """Says what was billed."""

    @property
    def question(self) -> Question:
        """Which bill that is."""
        ...

    def read(self, first: date) -> Bill:
        """Return the bill from a UTC day on, up to now. Raises `BillError`."""
        ...


class BillAsker(Protocol):
    """What is told when somebody looks who may see the bill; nobody waits for it. `asks`: there is one to ask for."""

    asks: ClassVar[bool]

    @property
    def told(self) -> datetime | None:
        """When the ledger was last told of a try; None before."""
        ...

    def want(self) -> None:
        """Read the bill in a moment, if the last try is an hour ago."""
        ...

    def wait(self) -> None:
        """Wait until no try is under way."""
        ...

    def close(self) -> None:
        """Read no more; a try under way comes to nothing."""
        ...


class NoBill:
    """Asks nobody."""

    asks: ClassVar[bool] = False
    told: datetime | None = None

    def want(self) -> None:
        """Ask nobody."""

    def wait(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is held open."""


class BillReader:
    """Keeps what `source` says in the ledger, in one thread at a time.

    When it was last asked is in the ledger too, so that a restart asks no sooner; another question is asked at once.
    """

    asks: ClassVar[bool] = True

    def __init__(
        self, source: BillSource, ledger: Ledger, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._now = now
        self._question = source.question.digest
        self._lock = threading.Lock()  # of what follows
        self._using = threading.Lock()  # held while the ledger is used
        self._flight: threading.Event | None = None  # set when the try under way has ended
        self._closed = False
        self._read_all = False  # whether all days since the first use were read
        self._told: datetime | None = None
        last = ledger.last_ask()
        self._last = last if last and last.question == self._question else None

    @property
    def told(self) -> datetime | None:
        """When the ledger was last told of a try; see `BillAsker.told`."""
        return self._told

    def want(self) -> None:
        """Read the bill in a moment, unless it is too soon; see `BillAsker.want`."""
        with self._lock:
            if self._closed or self._flight is not None or not self._is_due:
                return
            self._flight = threading.Event()
            threading.Thread(target=self._fly, args=(self._flight,), name="bill", daemon=True).start()

    def wait(self) -> None:
        """Wait until no try is under way."""
        with self._lock:
            flight = self._flight
        if flight is not None:
            flight.wait()

    def close(self) -> None:
        """Leave the ledger alone. OpenAI may take its time, so a try under way is not waited for."""
        with self._lock, self._using:
            self._closed = True

    @property
    def _is_due(self) -> bool:
        """Whether the last try is long enough ago; one that is yet to come was made by a wrong clock."""
        return self._last is None or not self._last.asked <= self._now() < self._last.due

    def _fly(self, flight: threading.Event) -> None:
        try:
            self._try()
        except LedgerError as error:
            _log.warning("OpenAI's bill was read, but cannot be kept: %s", error)
        except Exception:  # noqa: BLE001 - the thread's last line: nothing may end unseen
            _log.exception("Keeping OpenAI's bill failed for a reason that usage-dash does not know")
        finally:
            with self._lock:
                self._flight = None
            flight.set()

    def _try(self) -> None:
        asked = self._now()
        first, is_all = self._first(asked.astimezone(UTC).date())
        bill, problem, pause = self._read(first)
        self._read_all = self._read_all or (bill is not None and is_all)
        due = asked + max(HOUR, timedelta(seconds=pause))
        self._keep(Ask(self._question, self._source.question.whole, asked, due, problem), bill)

    def _first(self, today: date) -> tuple[date, bool]:
        """Return the first day to read, and whether that is the first of all days, which are read once a start."""
        recent, oldest = today - (_AGAIN_DAYS - 1) * _DAY, today - (_MOST_DAYS - 1) * _DAY
        with self._using:
            first_use = None if self._read_all or self._closed else self._ledger.first_use(oldest)
        return min(recent, first_use or recent), first_use is not None

    def _read(self, first: date) -> tuple[Bill | None, str | None, float]:
        """Return the bill, or else why there is none and for how many seconds not to ask."""
        try:
            return self._source.read(first), None, 0.0
        except BillError as error:
            _log.warning("OpenAI's bill cannot be read: %s", error)
            return None, str(error), error.pause
        except Exception:  # noqa: BLE001 - told as any other failure
            _log.exception("Reading OpenAI's bill failed for a reason that usage-dash does not know")
            return None, problems.UNKNOWN, 0.0

    def _keep(self, ask: Ask, bill: Bill | None) -> None:
        with self._lock:
            self._last = ask
        with self._using:
            if not self._closed:
                self._ledger.keep_bill(ask, bill)
                self._told = ask.asked
