"""Firestore's answers become a Batch, many at a time: clean entries never turn into Python objects.

A document is taken apart only as far as its own fields, which `documents.parse` reads; its entries are read from
their bytes together with those of all other documents. Where that leaves anything open, such as an entry that is not
clean or stands twice, the whole document is decoded and parsed value by value, so the outcome is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from usage_dash.documents.batch import ENTRIES, Batch
from usage_dash.documents.fields import ENTRIES_FIELD, USAGE_FIELDS, USER_ID
from usage_dash.documents.parse import batch_of, parse
from usage_dash.repository.firestore.messages import decode_document, decode_value, user_id_in
from usage_dash.repository.firestore.wire import Bools, Entries, Ints, read_entries
from usage_dash.repository.firestore.wire_schema import open_response

_FIELDS: Final = USAGE_FIELDS | {USER_ID}
_NESTED: Final = ("array_value", "map_value")


def decode(responses: Sequence[bytes]) -> Batch:
    """Decode serialised `google.firestore.v1.RunQueryResponse` messages, keeping their order.

    Responses without a document, which only report progress, are left out. Raises
    `google.protobuf.message.DecodeError` for bytes that are no such message.
    """
    opened = [document for document in map(_open, responses) if document is not None]
    is_clean, owners, entries = _clean_entries(opened)
    documents = [
        parse(document.user_id, document.fields) if clean else decode_document(document.response)
        for document, clean in zip(opened, is_clean, strict=True)
    ]
    batch = batch_of(documents)
    other_owners = np.repeat(np.arange(len(opened)), [len(document.entries) for document in documents])
    return replace(batch, entries=_merged(entries, owners, batch.entries, other_owners))


@dataclass(frozen=True, slots=True)
class _Opened:
    """A document taken apart: its own fields with no entries in them, and its entries as bytes.

    `fields` is None where a map or an array stands for a single value; such a document needs full decoding.
    """

    response: bytes
    user_id: str
    fields: dict[str, object] | None
    items: Sequence[bytes]


def _open(response: bytes) -> _Opened | None:
    message = open_response(response)
    if not message.HasField("document"):
        return None
    return _Opened(response, user_id_in(message.document), *_taken_apart(message.document.fields))


def _taken_apart(values: Any) -> tuple[dict[str, object] | None, Sequence[bytes]]:
    fields: dict[str, object] = {}
    items: Sequence[bytes] = ()
    for name, value in values.items():
        if name not in _FIELDS:
            fields[name] = None  # the parser asks for the name alone
            continue
        kind = value.WhichOneof("value_type")
        if name == ENTRIES_FIELD and kind == "array_value":
            fields[name], items = [], value.array_value.values
        elif kind in _NESTED:
            return None, ()
        else:
            fields[name] = decode_value(value)
    return fields, items


def _clean_entries(opened: Sequence[_Opened]) -> tuple[Bools, Ints, pa.Table]:
    """Return which documents need no full decoding, and the entries of those with the index of each one's document."""
    counts = np.array([len(document.items) for document in opened], np.int64)
    owners = np.repeat(np.arange(len(opened)), counts)
    entries = read_entries(list(chain.from_iterable(document.items for document in opened)))
    clean = np.array([document.fields is not None for document in opened], np.bool_)
    clean[owners[~entries.complete | _repeated(owners, entries)]] = False
    rows = np.flatnonzero(clean[owners])
    positions = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    user_ids = pa.array([document.user_id for document in opened], pa.string()).take(pa.array(owners[rows]))
    return clean, owners[rows], _table(user_ids, positions[rows], entries.take(rows))


def _repeated(owners: Ints, entries: Entries) -> Bools:
    """Tell which entries stood in their document before. By their hashes: what is told wrongly is decoded in full."""
    contents = pd.DataFrame({"owner": owners, **entries.columns})
    return pd.util.hash_pandas_object(contents, index=False).duplicated().to_numpy()


def _table(user_ids: pa.Array, positions: Ints, entries: Entries) -> pa.Table:
    columns = {name: pa.array(column) for name, column in entries.columns.items()}
    columns["user_id"] = user_ids
    columns["position"] = pa.array(positions)
    columns["model"] = entries.models.take(columns["model"])
    columns["cost"] = pa.array(entries.columns["cost"].view(np.float64))
    columns["rest"] = pa.nulls(len(positions), pa.string())
    return pa.Table.from_arrays([columns[field.name].cast(field.type) for field in ENTRIES], schema=ENTRIES)


def _merged(clean: pa.Table, owners: Ints, others: pa.Table, other_owners: Ints) -> pa.Table:
    """Put the entries of both tables into the order of their documents."""
    if not others.num_rows:
        return clean
    order = np.argsort(np.concatenate((owners, other_owners)), kind="stable")
    return pa.concat_tables([clean, others]).take(pa.array(order)).combine_chunks()
