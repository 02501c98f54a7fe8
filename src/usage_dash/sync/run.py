"""One sync, as the log and the metrics tell of it: how it went, how long it took, and what it cost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from usage_dash.repository.base import Failure
from usage_dash.sync.read_meter import Totals

WELL: Final = "ok"
NOT_KEPT: Final = "ledger"  # what was read could not be written
FAULT: Final = "fault"  # of ours
FAILURES: Final = (*map(str, Failure), NOT_KEPT, FAULT)


@dataclass(frozen=True, slots=True)
class Run:
    """One sync. `outcome` is `WELL` or one of `FAILURES`; `changed`: it brought the ledger to another version."""

    outcome: str
    seconds: float
    spent: Totals
    documents: int
    changed: bool
    version: int

    @property
    def told(self) -> dict[str, Any]:
        """All of it by name, for a line of the log."""
        told = asdict(self)
        spent = told.pop("spent")
        return told | {"reads": spent["reads"], "queries": spent["queries"], "bytes_out": spent["wire_bytes"]}
