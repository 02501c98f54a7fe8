"""A small, honest Firestore in memory: what usage-dash and google's client ask for, answered as Firestore answers.

Filters compare values of one type only; a document without a field that a query orders by is not found; ids order by
their UTF-8 bytes. A field path is one field's name, but not in masks of what to get. Not thread-safe: `fault` serves
one request after another.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from google.cloud.firestore_v1 import _helpers as google_values
from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types import Document, StructuredQuery, Value
from google.protobuf.timestamp_pb2 import Timestamp

_DOCUMENT = Document.pb()
_VALUE = Value.pb()
_Filter = StructuredQuery.FieldFilter.Operator
_OPERATORS: dict[int, Callable[[Any, Any], bool]] = {
    _Filter.LESS_THAN: operator.lt,
    _Filter.LESS_THAN_OR_EQUAL: operator.le,
    _Filter.GREATER_THAN: operator.gt,
    _Filter.GREATER_THAN_OR_EQUAL: operator.ge,
    _Filter.EQUAL: operator.eq,
}
_KINDS = ("null", "boolean", "number", "timestamp", "string", "bytes", "reference", "geo_point", "array", "map")


class PreconditionError(Exception):
    """A write asked for another document than is there; the message is the name of Firestore's status."""


class NoIndexError(Exception):
    """A field has no index that a query needs."""


class MemoryFirestore:
    """Documents by their resource names; `clock` is the server's.

    `has_no_index` is a field that was exempted from indexing, so that nothing can be added up by it.
    As lesser servers do, it gives them in the order of their writing without `in_order`, and lets them all pass a
    filter on ids with `ignores_ids`.
    """

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.in_order = True
        self.ignores_ids = False
        self.has_no_index: str | None = None

    def read_time(self) -> Timestamp:
        stamp = Timestamp()
        stamp.FromDatetime(self.clock())
        return stamp

    def put(self, name: str, fields: Mapping[str, object]) -> None:
        """Write a whole document of Python values."""
        now = self.read_time()
        encoded = {key: Value.pb(value) for key, value in google_values.encode_dict(dict(fields)).items()}
        self.documents[name] = _DOCUMENT(name=name, fields=encoded, create_time=now, update_time=now)

    def get(self, name: str, mask: Sequence[str]) -> Any:
        """Return a document with the fields of a mask alone; without a mask with all, and None if it is not there."""
        document = self.documents.get(name)
        if document is None or not mask:
            return document
        masked = _DOCUMENT(name=name, create_time=document.create_time, update_time=document.update_time)
        for path in mask:
            _copy_field(document.fields, masked.fields, FieldPath.from_api_repr(path).parts)
        return masked

    def find(self, parent: str, query: Any) -> list[Any]:
        """Return the documents that a `StructuredQuery` message asks for."""
        prefix = f"{parent}/{query.from_[0].collection_id}/"
        found = [
            document
            for name, document in self.documents.items()
            if name.startswith(prefix) and "/" not in name[len(prefix) :] and self._passes(document, query.where)
        ]
        if self.in_order:
            found = _ordered(found, query)
        found = found[query.offset :]
        return found[: query.limit.value] if query.HasField("limit") else found

    def aggregate(self, parent: str, query: Any) -> dict[str, Any]:
        """Return the counts and sums that a `StructuredAggregationQuery` message asks for, by their aliases.

        All are of the documents that have every field that is added up in the query.
        """
        summed = [each.sum.field.field_path for each in query.aggregations if each.HasField("sum")]
        if self.has_no_index in summed:
            raise NoIndexError
        found = [
            document
            for document in self.find(parent, query.structured_query)
            if all(_field(document, path) is not None for path in summed)
        ]
        return {
            each.alias: _sum(found, each.sum.field.field_path) if each.HasField("sum") else _count(found, each.count)
            for each in query.aggregations
        }

    def commit(self, writes: Sequence[Any]) -> None:
        """Apply `Write` messages, or none of them: each is a delete, or an update with its mask and transforms.

        Raises `PreconditionError`.
        """
        known = [write for write in writes if write.WhichOneof("operation")]  # google's types lack “verify”
        for write in known:
            self._check(write)
        for write in known:
            self._write(write)

    def _check(self, write: Any) -> None:
        found = self.documents.get(_name_of(write))
        wanted = write.current_document
        if wanted.HasField("exists") and wanted.exists != (found is not None):
            raise PreconditionError("NOT_FOUND" if wanted.exists else "ALREADY_EXISTS")
        if wanted.HasField("update_time") and (found is None or wanted.update_time != found.update_time):
            raise PreconditionError("FAILED_PRECONDITION")

    def _write(self, write: Any) -> None:
        name = _name_of(write)
        if write.delete:
            self.documents.pop(name, None)
            return
        now = self.read_time()
        document = self.documents.get(name) or _DOCUMENT(name=name, create_time=now)
        if not write.HasField("update_mask"):
            document.ClearField("fields")
        _copy_fields(write, document)
        for transform in write.update_transforms:
            _transform(document.fields, transform, now)
        document.update_time.CopyFrom(now)
        self.documents[name] = document

    def _passes(self, document: Any, where: Any) -> bool:
        kind = where.WhichOneof("filter_type")
        if kind is None:
            return True
        if kind == "composite_filter":
            return all(self._passes(document, part) for part in where.composite_filter.filters)
        condition = where.field_filter
        if self.ignores_ids and condition.field.field_path == "__name__":
            return True
        value = _field(document, condition.field.field_path)
        return value is not None and _compare(value, condition)


def _name_of(write: Any) -> str:
    return str(write.delete or write.update.name)


def _copy_field(fields: Any, target: Any, path: Sequence[str]) -> None:
    name, *rest = path
    if name not in fields:
        return
    if rest:
        _copy_field(fields[name].map_value.fields, target[name].map_value.fields, rest)
    else:
        target[name].CopyFrom(fields[name])


def _copy_fields(write: Any, document: Any) -> None:
    for name in write.update_mask.field_paths:
        document.fields.pop(name.strip("`"), None)
    for name, value in write.update.fields.items():
        document.fields[name].CopyFrom(value)


def _transform(fields: Any, transform: Any, now: Timestamp) -> None:
    target = fields[transform.field_path]
    kind = transform.WhichOneof("transform_type")
    if kind == "set_to_server_value":
        target.timestamp_value.CopyFrom(now)
    elif kind == "increment":
        _increment(target, transform.increment)
    elif kind == "append_missing_elements":
        items = target.array_value.values
        items.extend(item for item in transform.append_missing_elements.values if item not in items)
    elif kind == "remove_all_from_array":
        kept = [item for item in target.array_value.values if item not in transform.remove_all_from_array.values]
        target.array_value.ClearField("values")
        target.array_value.values.extend(kept)
    else:
        raise ValueError(f"This server has no “{kind}”; Firestore has.")


def _increment(target: Any, by: Any) -> None:
    whole = target.WhichOneof("value_type") != "double_value" and by.WhichOneof("value_type") == "integer_value"
    total = _number(target) + _number(by)
    target.CopyFrom(_VALUE(integer_value=int(total)) if whole else _VALUE(double_value=total))


def _count(documents: Sequence[Any], count: Any) -> Any:
    found = len(documents)
    return _VALUE(integer_value=min(found, count.up_to.value) if count.HasField("up_to") else found)


def _sum(documents: Iterable[Any], path: str) -> Any:
    """Add up numbers and nothing else: whole ones as long as all are and 64 bits hold their sum."""
    values = [_field(document, path) for document in documents]
    numbers = [_number(value) for value in values if _key(value)[0] == _KINDS.index("number")]
    whole = all(isinstance(number, int) for number in numbers) and -(2**63) <= sum(numbers) < 2**63
    return _VALUE(integer_value=sum(numbers)) if whole else _VALUE(double_value=float(sum(numbers)))


def _number(value: Any) -> float:
    kind = value.WhichOneof("value_type")
    return getattr(value, kind) if kind in {"integer_value", "double_value"} else 0


def _compare(value: Any, condition: Any) -> bool:
    (kind, comparable), (kind_of_bound, bound) = _key(value), _key(condition.value)
    return kind == kind_of_bound and _OPERATORS[condition.op](comparable, bound)


def _ordered(documents: Iterable[Any], query: Any) -> list[Any]:
    fields = [order.field.field_path for order in query.order_by]
    found = [document for document in documents if all(_field(document, field) is not None for field in fields)]
    found.sort(key=lambda document: _name_key(document.name))
    for order in reversed(query.order_by):
        descending = order.direction == StructuredQuery.Direction.DESCENDING
        found.sort(key=lambda document, path=order.field.field_path: _key(_field(document, path)), reverse=descending)
    keys = [tuple(_key(_field(document, field)) for field in fields) for document in found]
    start = _position(keys, query.start_at) if query.HasField("start_at") else 0
    end = _position(keys, query.end_at) if query.HasField("end_at") else len(found)
    return found[start:end]


def _position(keys: list[tuple[Any, ...]], cursor: Any) -> int:
    """Count the documents before a cursor in an ascending order."""
    bound = tuple(_key(value) for value in cursor.values)
    precedes = operator.lt if cursor.before else operator.le
    return sum(precedes(key[: len(bound)], bound) for key in keys)


def _field(document: Any, path: str) -> Any:
    if path == "__name__":
        return _VALUE(reference_value=document.name)
    return document.fields.get(path)


def _key(value: Any) -> tuple[int, Any]:
    kind = value.WhichOneof("value_type").removesuffix("_value")
    if kind in {"integer", "double"}:
        return _KINDS.index("number"), _number(value)
    rank, raw = _KINDS.index(kind), getattr(value, f"{kind}_value")
    if kind == "timestamp":
        return rank, (raw.seconds, raw.nanos)
    if kind == "string":
        return rank, raw.encode()
    return rank, _name_key(raw) if kind == "reference" else str(raw)


def _name_key(name: str) -> list[bytes]:
    return [segment.encode() for segment in name.split("/")]
