"""A process that writes to a ledger until it is killed; what it has written tells how far it came."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.unit.builders import Document, batch, document, item

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.ledger import Ledger

SOURCE = "firestore:p/(default)/usage"


def documents_after(step: int) -> list[Document]:
    """The collection after so many steps: users come and go, arrays grow and lose their front."""
    return [
        document(f"user {number}", *(item(minute) for minute in range(max(0, step - 40), step)), total_calls=step)
        for number in range(step % 7, 20 + step % 5)
    ]


def main(path: str) -> None:
    """Go on from the step that the ledger holds, one transaction a step."""
    ledger = Ledger(SOURCE, ZoneInfo("UTC"), Path(path))
    for step in count(int(ledger.mark("step") or 0) + 1):
        ledger.apply(batch(*documents_after(step)), within=EVERYTHING, marks={"step": str(step)})
        sys.stdout.write(f"{step}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
