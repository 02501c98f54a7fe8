"""Firestore's answers as Python values, which `documents.parse` reads tolerantly, or only opened.

What is decoded here may hold whatever a document can. Making Python objects of each item of `recentUsage` is what makes
the stock client slow, so `open_response` leaves the items of arrays as bytes; `decode` reads most of them much faster,
and comes here with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import DocumentReference, GeoPoint
from google.cloud.firestore_v1.types import Document, MapValue, RunQueryResponse, Value
from google.cloud.firestore_v1.vector import Vector
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped] # no types

from usage_dash.documents.parse import UsageDocument, parse
from usage_dash.documents.sizes import size_of_document

_RESPONSE: Final = RunQueryResponse.pb()
_VALUE: Final = Value.pb()
_MAP: Final = MapValue.pb()
_Field: Final = descriptor_pb2.FieldDescriptorProto
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def decode_document(response: bytes) -> UsageDocument:
    """Decode a serialised `google.firestore.v1.RunQueryResponse` that holds a document.

    Raises `google.protobuf.message.DecodeError` for bytes that are no such message.
    """
    document = _RESPONSE.FromString(response).document
    fields = _map(document.fields)
    return parse(user_id_in(document), fields, size_of_document(path_of(document), fields))


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


def path_of(document: Any) -> str:
    """Return the path of a `google.firestore.v1.Document` within its database, such as "usage/ada"."""
    name: str = document.name
    return name.partition("/documents/")[2]


# The client library's own `decode_dict` gives the same values, but one reference into another database, or one map
# that only looks like a vector, makes it raise, and then a whole page of documents would be lost with it.


def decode_value(value: Any) -> object:
    """Return a `google.firestore.v1.Value` as the Python value that google's client gives for it. Never raises."""
    kind = value.WhichOneof("value_type")
    if kind is None or kind == "null_value":
        return None
    convert = _CONVERSIONS.get(kind)
    return convert(value) if convert else getattr(value, kind)


def decode_item(item: bytes) -> object:
    """Return a serialised `Value` as `decode_value` does. Raises `DecodeError` for bytes that are none."""
    return decode_value(_VALUE.FromString(item))


def decode_map(content: bytes) -> object:
    """Return a serialised `MapValue`, in which a vector may stand. Raises `DecodeError` for bytes that are none."""
    return _map_or_vector(_MAP.FromString(content).fields)


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


def _map_or_vector(values: Mapping[str, Any]) -> object:
    fields = _map(values)
    numbers = fields.get("value")
    return Vector(numbers) if fields.get("__type__") == "__vector__" and isinstance(numbers, list) else fields


def _map(fields: Mapping[str, Any]) -> dict[str, object]:
    return {name: decode_value(value) for name, value in fields.items()}


_CONVERSIONS: Final[dict[str, Callable[[Any], object]]] = {
    "timestamp_value": _time,
    "reference_value": _reference,
    "geo_point_value": _geo_point,
    "array_value": _array,
    "map_value": lambda value: _map_or_vector(value.map_value.fields),
}


def open_response(response: bytes) -> Any:
    """Parse a serialised `RunQueryResponse` of which only `document` is there, with the items of arrays as bytes.

    Raises `google.protobuf.message.DecodeError` for bytes that are no such message.
    """
    return _response_class().FromString(response)


@cache
def _response_class() -> Any:
    google = Document.pb().DESCRIPTOR.file
    pool = descriptor_pool.DescriptorPool()
    for needed in google.dependencies:
        pool.AddSerializedFile(needed.serialized_pb)
    pool.AddSerializedFile(_shallow(google).SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{google.package}.Response"))


def _shallow(google: Any) -> Any:
    """Copy Google's description of documents, with arrays of bytes and a response that holds a document."""
    shallow = descriptor_pb2.FileDescriptorProto()
    google.CopyToProto(shallow)
    items = next(message for message in shallow.message_type if message.name == "ArrayValue").field[0]
    items.type = _Field.TYPE_BYTES
    items.ClearField("type_name")
    response = shallow.message_type.add(name="Response")
    response.field.add(
        name="document",
        number=1,
        label=_Field.LABEL_OPTIONAL,
        type=_Field.TYPE_MESSAGE,
        type_name=f".{google.package}.Document",
    )
    return shallow
