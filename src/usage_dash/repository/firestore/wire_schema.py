"""Firestore's answers with the items of arrays left as bytes, so that opening one costs little.

Reading each item of `recentUsage` into Python objects is what makes the stock client slow. These messages have the
fields and the rules of Google's own, except that `ArrayValue.values` holds serialised `Value` messages.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from google.cloud.firestore_v1.types import Document
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped] # no types

_Field: Final = descriptor_pb2.FieldDescriptorProto


def open_response(response: bytes) -> Any:
    """Parse a serialised `RunQueryResponse`; of its fields only `document` is there.

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
