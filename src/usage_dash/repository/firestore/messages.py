"""One of Firestore's answers becomes a usage document: what is on the wire is decoded, then parsed tolerantly.

This reads whatever a document holds. `columnar` reads most documents much faster and comes here with the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import DocumentReference, GeoPoint
from google.cloud.firestore_v1.types import RunQueryResponse
from google.cloud.firestore_v1.vector import Vector

from usage_dash.documents.parse import UsageDocument, parse

_RESPONSE: Final = RunQueryResponse.pb()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def decode_document(response: bytes) -> UsageDocument:
    """Decode a serialised `google.firestore.v1.RunQueryResponse` that holds a document.

    Raises `google.protobuf.message.DecodeError` for bytes that are no such message.
    """
    document = _RESPONSE.FromString(response).document
    return parse(user_id_in(document), _map(document.fields))


def user_id_of(response: bytes) -> str | None:
    """Return the id of the document in a serialised response; None when it holds none."""
    decoded = _RESPONSE.FromString(response)
    return user_id_in(decoded.document) if decoded.HasField("document") else None


def read_time_of(response: bytes) -> datetime | None:
    """Return the source's clock as a serialised response tells it, to the microsecond; None when it does not."""
    decoded = _RESPONSE.FromString(response)
    if not decoded.HasField("read_time"):
        return None
    read_time: datetime = decoded.read_time.ToDatetime(tzinfo=UTC)
    return read_time


def user_id_in(document: Any) -> str:
    """Return the id of a `google.firestore.v1.Document`: the last segment of its name."""
    name: str = document.name
    return name.rpartition("/")[2]


# The client library's own `decode_dict` gives the same values, but one reference into another database, or one map
# that only looks like a vector, makes it raise, and then a whole page of documents would be lost with it.


def decode_value(value: Any) -> object:
    """Return a `google.firestore.v1.Value` as the Python value that google's client gives for it. Never raises."""
    kind = value.WhichOneof("value_type")
    if kind is None or kind == "null_value":
        return None
    convert = _CONVERSIONS.get(kind)
    return convert(value) if convert else getattr(value, kind)


def _time(value: Any) -> object:
    stamp = value.timestamp_value
    try:
        if stamp.nanos % 1000:
            return DatetimeWithNanoseconds.from_timestamp_pb(stamp)  # type: ignore[no-untyped-call]  # google's
        return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1000)
    except (OverflowError, ValueError):  # beyond the years 1 to 9999
        return {"_seconds": stamp.seconds, "_nanoseconds": stamp.nanos}


def _reference(value: Any) -> object:
    _, _, path = value.reference_value.partition("/documents/")
    try:
        return DocumentReference(*path.split("/"))
    except ValueError:  # to something that is no document
        return value.reference_value


def _geo_point(value: Any) -> object:
    return GeoPoint(value.geo_point_value.latitude, value.geo_point_value.longitude)


def _array(value: Any) -> object:
    return [decode_value(item) for item in value.array_value.values]


def _map_or_vector(value: Any) -> object:
    fields = _map(value.map_value.fields)
    numbers = fields.get("value")
    return Vector(numbers) if fields.get("__type__") == "__vector__" and isinstance(numbers, list) else fields


def _map(fields: Mapping[str, Any]) -> dict[str, object]:
    return {name: decode_value(value) for name, value in fields.items()}


_CONVERSIONS: Final = {
    "timestamp_value": _time,
    "reference_value": _reference,
    "geo_point_value": _geo_point,
    "array_value": _array,
    "map_value": _map_or_vector,
}
