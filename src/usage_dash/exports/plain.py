"""Rows as plain values: times as RFC 3339 writes them in UTC."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def plain(batch: Any) -> Any:
    """Return the batch with its times as text."""
    return pa.RecordBatch.from_arrays([_plain(column) for column in batch.columns], names=batch.schema.names)


def _plain(column: Any) -> Any:
    if not pa.types.is_timestamp(column.type):
        return column
    told = column.cast(pa.timestamp("us")).cast(pa.string())  # 2026-11-24 10:15:00.000000
    return pc.binary_join_element_wise(pc.replace_substring(told, " ", "T"), "Z", "")
