"""Firestore's answers become a Batch, many at a time: clean entries never turn into Python objects.

A document is taken apart only as far as its own fields, which `documents.parse` reads; its entries are read from
their bytes together with those of all other documents. Where that leaves anything open, such as an entry that is not
clean or stands twice, the whole document is decoded and parsed value by value, so the outcome is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from usage_dash.documents.batch import ENTRIES, Batch
from usage_dash.documents.fields import ENTRIES_FIELD, USAGE_FIELDS, USER_ID
from usage_dash.documents.parse import batch_of, parse
from usage_dash.documents.sizes import size_of_document
from usage_dash.repository.firestore.entries import Entries, read_entries, sizes_of
from usage_dash.repository.firestore.messages import (
    decode_document,
    decode_item,
    decode_value,
    open_response,
    path_of,
    user_id_in,
)
from usage_dash.repository.firestore.wire import Bools, Ints

_FIELDS: Final = USAGE_FIELDS | {USER_ID}


def decode(responses: Sequence[bytes]) -> tuple[Batch, int]:
    """Decode serialised `google.firestore.v1.RunQueryResponse` messages, keeping their order.

    Returns the batch and how many documents had to be decoded value by value. Responses without a document, which only
    report progress, are left out. Raises `google.protobuf.message.DecodeError` for bytes that are no such message.
    """
    opened = [document for document in map(_open, responses) if document is not None]
    clean, entries_sizes, owners, entries = _clean_entries(opened)
    sizes = entries_sizes + _sizes_of_others(opened)
    documents = [
        parse(document.user_id, document.fields, document.size + int(size))
        if is_clean
        else decode_document(document.response)
        for document, is_clean, size in zip(opened, clean, sizes, strict=True)
    ]
    batch = batch_of(documents)
    other_owners = np.repeat(np.arange(len(opened)), [len(document.entries) for document in documents])
    return replace(batch, entries=_merged(entries, owners, batch.entries, other_owners)), int((~clean).sum())


@dataclass(frozen=True, slots=True)
class _Opened:
    """A document taken apart: its own fields with nothing in their arrays, its entries, and other items, as bytes.

    `size` is what Firestore counts for it without these items, in bytes. `fields` is None where a map or an array
    stands for a single value; such a document needs full decoding.
    """

    response: bytes
    user_id: str
    fields: dict[str, object] | None
    size: int = 0
    items: Sequence[bytes] = ()
    others: Sequence[bytes] = ()


def _open(response: bytes) -> _Opened | None:
    message = open_response(response)
    if not message.HasField("document"):
        return None
    document = message.document
    fields: dict[str, object] = {}
    arrays: dict[str, Sequence[bytes]] = {}
    for name, value in document.fields.items():
        kind = value.WhichOneof("value_type")
        if name in _FIELDS and (kind == "map_value" or (kind == "array_value" and name != ENTRIES_FIELD)):
            return _Opened(response, user_id_in(document), None)
        if kind == "array_value":
            fields[name], arrays[name] = [], value.array_value.values
        else:
            fields[name] = decode_item(value.SerializeToString()) if kind == "map_value" else decode_value(value)
    items = arrays.pop(ENTRIES_FIELD, ())
    size = size_of_document(path_of(document), fields)
    others = list(chain.from_iterable(arrays.values()))
    return _Opened(response, user_id_in(document), fields, size, items, others)


def _sizes_of_others(opened: Sequence[_Opened]) -> Ints:
    """Return what Firestore counts for the items of each document's other arrays, in bytes."""
    sizes = sizes_of(list(chain.from_iterable(document.others for document in opened)))
    return _sums(sizes, _owners([document.others for document in opened]), len(opened))


def _owners(arrays: Sequence[Sequence[bytes]]) -> Ints:
    """Return the index of its array for each item of all arrays."""
    return np.repeat(np.arange(len(arrays)), [len(array) for array in arrays])


def _sums(sizes: Ints, owners: Ints, count: int) -> Ints:
    return np.bincount(owners, sizes, count).astype(np.int64)


def _clean_entries(opened: Sequence[_Opened]) -> tuple[Bools, Ints, Ints, pa.Table]:
    """Return which documents need no full decoding and how much their entries take in Firestore, in bytes.

    And the entries of those documents, after the index of each one's document.
    """
    owners = _owners([document.items for document in opened])
    entries = read_entries(list(chain.from_iterable(document.items for document in opened)))
    clean = np.array([document.fields is not None for document in opened], np.bool_)
    clean[owners[~entries.complete | _repeated(owners, entries)]] = False
    rows = np.flatnonzero(clean[owners])
    positions = np.arange(len(owners)) - np.searchsorted(owners, owners)
    user_ids = pa.array([document.user_id for document in opened], pa.string()).take(pa.array(owners[rows]))
    sizes = _sums(entries.sizes[rows], owners[rows], len(opened))
    return clean, sizes, owners[rows], _table(user_ids, positions[rows], entries.take(rows))


def _repeated(owners: Ints, entries: Entries) -> Bools:
    """Tell which entries stood in their document before. By their hashes: what is told wrongly is decoded in full."""
    contents = pd.DataFrame({"owner": owners, **entries.columns})
    return pd.util.hash_pandas_object(contents, index=False).duplicated().to_numpy()


def _table(user_ids: pa.Array, positions: Ints, entries: Entries) -> pa.Table:
    columns = {name: pa.array(column) for name, column in entries.columns.items()}
    columns["user_id"] = user_ids
    columns["position"] = pa.array(positions)
    for name, texts in entries.texts.items():
        columns[name] = texts.take(pa.array(entries.columns[name], mask=entries.columns[name] < 0))
    columns["cost"] = pa.array(entries.columns["cost"].view(np.float64))
    return pa.Table.from_arrays([columns[field.name].cast(field.type) for field in ENTRIES], schema=ENTRIES)


def _merged(clean: pa.Table, owners: Ints, others: pa.Table, other_owners: Ints) -> pa.Table:
    """Put the entries of both tables into the order of their documents."""
    if not others.num_rows:
        return clean
    order = np.argsort(np.concatenate((owners, other_owners)), kind="stable")
    return pa.concat_tables([clean, others]).take(pa.array(order)).combine_chunks()
