"""Spend by model, as metrics tell it: so many models at most, by names that are fit for a label."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from math import fsum
from typing import Final

from usage_dash.ledger.ledger import TooMuchError
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.spend import spend_by_model
from usage_dash.reporting.sums import Sum

MOST_MODELS: Final = 50  # each is a series that Prometheus keeps
OTHER: Final = "other"  # the models beyond
_LONGEST_NAME: Final = 100  # characters


class Spend:
    """The spend of everybody, worked out once for each version of the ledger."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._lock = threading.Lock()
        self._version = 0  # no ledger's
        self._known: Mapping[str, float] = {}

    def by_model(self) -> Mapping[str, float]:
        """Return dollars by model, as they were before where there is too little memory to ask."""
        with self._lock:
            if self._version != self._reports.stamp(EVERYBODY).version:
                self._ask()
            return self._known

    def _ask(self) -> None:
        try:
            with self._reports.moment(EVERYBODY) as moment:
                self._known, self._version = labelled(spend_by_model(moment)), moment.version
        except TooMuchError:
            return  # the next scrape asks again


def labelled(spend: Mapping[str, Sum]) -> Mapping[str, float]:
    """Return what is known to have been spent by label; the dearest `MOST_MODELS`, and all others together.

    Models of which no cost is known are left out: they may have cost anything.
    """
    dollars: dict[str, list[float]] = defaultdict(list)
    for name, cost in spend.items():
        if cost.least is not None:
            dollars[_label(name)].append(cost.known)
    sums = {label: fsum(parts) for label, parts in dollars.items()}
    named = sorted(sums, key=lambda label: (-abs(sums[label]), label))[:MOST_MODELS]
    others = sorted(sums.keys() - set(named))
    found = {label: sums[label] for label in named}
    if others:  # one of the named may be called so
        found[OTHER] = fsum([found.get(OTHER, 0.0), *map(sums.__getitem__, others)])
    return found


def _label(name: str) -> str:
    """Return a name without what could look like another line, and not too long."""
    return "".join(each if each.isprintable() else "�" for each in name[:_LONGEST_NAME])
