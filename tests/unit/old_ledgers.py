"""Files of ledgers in older formats, as the code of their time wrote them."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"


def unpack(directory: Path, number: int) -> Path:
    """Put a ledger of this format into a directory."""
    file = directory / "usage.duckdb"
    with gzip.open(DATA / f"ledger-format-{number}.duckdb.gz") as packed, file.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    return file
