"""Who users are, beside their usage documents: what is told of them in a file, and what was looked up."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

PEOPLE: Final = pa.schema({"user_id": pa.string(), "name": pa.string(), "email": pa.string(), "team": pa.string()})
