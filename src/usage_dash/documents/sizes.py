"""How many bytes Firestore counts for a document, by its published rules: its storage ends at 1 MiB a document.

The rules stand at https://firebase.google.com/docs/firestore/storage-size. They say that a map counts “the same way as
document size”, which is read here as its fields alone, without the 32 bytes that a document has for itself.
"""

from __future__ import annotations

from collections.abc import Sized
from datetime import datetime
from typing import Any, Final

LARGEST_DOCUMENT: Final = 1_048_576  # bytes, 1 MiB
NUMBER: Final = 8  # bytes; a time too, and one dimension of a vector
FLAG: Final = 1  # bytes; null too
_POINT: Final = 16  # bytes; two numbers
_NAME: Final = 16  # bytes of a document's name beside its text
_DOCUMENT: Final = 32  # bytes of a document beside its name and its fields


def size_of_document(path: str, fields: dict[str, Any]) -> int:
    """Return the size in bytes of the document at `path`, such as "usage/ada"."""
    return size_of_name(path) + _DOCUMENT + size_of_value(fields)


def size_of_name(path: str) -> int:
    """Return the size in bytes of a document's name: each part of the path counts as text."""
    return size_of_text(path) + _NAME


def size_of_text(text: str) -> int:
    """Return the size in bytes of a text, or of a field's name."""
    return len(text if text.isascii() else text.encode(errors="surrogatepass")) + 1


def size_of_value(value: object) -> int:
    """Return the size in bytes of a field's value as a source gives it, whatever lies in it."""
    size = 0
    left = [value]  # a stack, since a file's values may be nested deeper than Python's calls
    while left:
        value = left.pop()
        if isinstance(value, dict):
            size += sum(map(size_of_text, value))
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        else:
            size += _size_of_one(value)
    return size


def _size_of_one(value: object) -> int:
    if value is None or isinstance(value, bool):
        return FLAG
    if isinstance(value, int | float | datetime):
        return NUMBER
    if isinstance(value, str):
        return size_of_text(value)
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Sized):  # Google's vector
        return len(value) * NUMBER
    path = getattr(value, "path", None)  # Google's reference to a document
    return size_of_name(path) if isinstance(path, str) else _POINT
