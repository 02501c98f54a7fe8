"""JSON: an object with what the rows are about, and the rows, one a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from usage_dash.exports.plain import plain
from usage_dash.reporting.exports import Rows


def as_json(about: Mapping[str, Any], rows: Rows) -> Iterator[bytes]:
    """Return the file in pieces."""
    yield b'{"about":' + orjson.dumps(about) + b',\n"rows":['
    before = b"\n"
    for batch in rows.batches:
        yield before + b",\n".join(map(orjson.dumps, plain(batch).to_pylist()))
        before = b",\n"
    yield b"\n]}\n"
