"""A process that opens a ledger file, until it is done or killed."""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from usage_dash.ledger.ledger import Ledger

if __name__ == "__main__":
    Ledger(sys.argv[1], ZoneInfo(sys.argv[2]), Path(sys.argv[3])).close()
