"""Cursors: where a list goes on, of which question."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import orjson


class CursorError(Exception):
    """A cursor with which nothing goes on; the message says why, after “This asks for …”."""


def written(place: Sequence[str | None], question: str) -> str:
    """Return the cursor of a place in the answer to the question with this key."""
    return base64.urlsafe_b64encode(orjson.dumps([question, *place])).rstrip(b"=").decode()


def read(cursor: str, question: str, length: int) -> list[str | None] | None:
    """Return the place, of so many parts; None without a cursor. Raise `CursorError` for one of another question."""
    if not cursor:
        return None
    try:
        told = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except ValueError as error:
        raise CursorError("“cursor” that is none") from error
    if not isinstance(told, list) or not told or not all(_is_part(part) for part in told):
        raise CursorError("“cursor” that is none")
    if told[0] != question:
        raise CursorError("a “cursor” of another question: it goes on with the filters and the order that it came from")
    if len(told) != length + 1:
        raise CursorError("“cursor” that is none")
    return told[1:]


def _is_part(part: object) -> bool:
    return part is None or isinstance(part, str)
