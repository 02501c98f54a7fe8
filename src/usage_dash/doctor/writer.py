"""The faults of the writer: what the checks find in all documents, from the ledger where it is free, else read anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from usage_dash.checks.check import Check, heaviest_first
from usage_dash.checks.of_ledger import of_ledger
from usage_dash.checks.rules import Rules
from usage_dash.doctor.told import act
from usage_dash.ledger.file import LedgerError, look_at
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.lately import Lately
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.repository.base import UsageRepository
from usage_dash.settings import Settings
from usage_dash.sync.catch_up import data_time, read_everything
from usage_dash.wording import formats

_MANY: Final = 10_000  # documents from which on somebody has to want it

OpenLedger = Callable[[Settings, str, Path | None], Ledger]


class UnwantedError(Exception):
    """So many documents that nobody may want to pay for them; a sentence says what they cost."""


def not_looked(error: Exception) -> Check:
    """Tell why documents were not looked at, by what `Examiner.faults` raised."""
    return act("writer", "The documents were not looked at", str(error))


@dataclass(frozen=True, slots=True)
class Examiner:
    """Looks at all documents of one source; `say` is told what is read, and what that costs, before it is."""

    settings: Settings
    repository: UsageRepository
    open_ledger: OpenLedger
    rules: Rules
    say: Callable[[str], None]

    def faults(self, *, want: bool) -> tuple[Check, ...]:
        """Return what the checks find, the heaviest first; `want`: however much is to be read.

        Raises `SourceError`, `LedgerError` and `UnwantedError`.
        """
        source = self.repository.source.identity
        path = self._free_ledger(source)
        if path is None:
            self._require_wanted(want=want)
        with closing(self.open_ledger(self.settings, source, path)) as ledger:
            if path is None:
                read_everything(self.repository, ledger, on_page=lambda: None)
            else:
                self._tell_age(ledger, path)
            with Reports(ledger, ViewCache()).moment(EVERYBODY) as moment:
                return heaviest_first(of_ledger(moment, self.rules, Lately()))

    def _free_ledger(self, source: str) -> Path | None:
        """Return the ledger's file if it holds something and opening it changes nothing."""
        path = self.settings.ledger
        if path is None or not path.exists():
            return None
        try:
            seen = look_at(path, source)
        except LedgerError as error:
            self.say(f"{error} So the source is read.")
            return None
        return path if seen.is_current and seen.documents else None

    def _tell_age(self, ledger: Ledger, path: Path) -> None:
        as_of = data_time(ledger)
        when = f"as of {as_of:%Y-%m-%d %H:%M} UTC" if as_of else "which is not complete yet"
        self.say(f"Looking at the ledger {path}, {when}; nothing is read.")

    def _require_wanted(self, *, want: bool) -> None:
        count = self.repository.count()
        documents = formats.counted(count, "document")
        source = self.repository.source
        if not source.billed or source.sample:
            self.say(f"Reading {documents}.")
            return
        cost = formats.money(count * self.settings.read_price / 100_000)
        if count >= _MANY and not want:
            raise UnwantedError(f"To read {documents} costs about {cost}; say --yes if you want that.")
        self.say(f"Reading {documents}, which costs about {cost}.")
