"""A stream of Firestore's answers, cut into pages of bounded size as it arrives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from usage_dash.documents.batch import IdRange
from usage_dash.repository.base import Page
from usage_dash.repository.firestore.calls import AnswerError
from usage_dash.repository.firestore.decode import decode
from usage_dash.repository.firestore.errors import CALL_ERRORS
from usage_dash.repository.firestore.messages import read_time_of

PAGE_DOCUMENTS = 300
PAGE_BYTES = 8 * 2**20


def pages(responses: Iterator[bytes]) -> Iterator[Page]:
    """Yield the documents of a stream, at least one page.

    When the stream fails, what had arrived by then is yielded before the error comes out. Raises `AnswerError` when
    the stream does not tell the source's clock.
    """
    queries = 1
    for chunk in _chunks(responses):
        batch, slow = decode(chunk)
        reads = max(queries, batch.documents)  # an empty answer is billed as one read
        yield Page(batch, clock_of(chunk), sum(map(len, chunk)), queries=queries, reads=reads, slow=slow)
        queries = 0
    if queries:
        raise AnswerError


def pages_at_once(responses: Sequence[bytes], wanted: Iterable[bytes]) -> Iterator[Page]:
    """Yield the `wanted` ones of responses that came together, at least one page; the first one carries the bill."""
    read_time = clock_of(responses)
    bill = {"queries": 1, "reads": max(1, len(responses)), "wire_bytes": sum(map(len, responses))}
    for chunk in _chunks(wanted):
        batch, slow = decode(chunk)
        yield Page(batch, read_time, **bill, slow=slow)
        bill = {}
    if bill:
        yield Page(decode([])[0], read_time, **bill)


def clock_of(responses: Sequence[bytes]) -> datetime:
    """Return the source's clock as of the first response. Raises `AnswerError` when it does not tell."""
    read_time = read_time_of(responses[0]) if responses else None
    if read_time is None:
        raise AnswerError
    return read_time


def last_id(page: Page, ids: IdRange) -> str | None:
    """Return the last id of a page, or of the range if it has none. Raises `AnswerError` unless the page is in order.

    Whoever lists removes what is absent between two pages' last ids, so a page out of order would remove users.
    """
    user_ids: list[str] = page.batch.users["user_id"].to_pylist()
    keys = [user_id.encode() for user_id in user_ids]
    lowest = [] if ids.after is None else [ids.after.encode()]
    highest = [] if ids.until is None else [ids.until.encode() + b"\0"]
    if not all(earlier < later for earlier, later in pairwise([*lowest, *keys, *highest])):
        raise AnswerError
    return user_ids[-1] if user_ids else ids.after


def within(user_id: str, ids: IdRange) -> bool:
    """Tell whether a document id is in a range."""
    key = user_id.encode()
    return (ids.after is None or ids.after.encode() < key) and (ids.until is None or key <= ids.until.encode())


def _chunks(responses: Iterable[bytes]) -> Iterator[list[bytes]]:
    chunk: list[bytes] = []
    size = 0
    try:
        for response in responses:
            chunk.append(response)
            size += len(response)
            if len(chunk) >= PAGE_DOCUMENTS or size >= PAGE_BYTES:
                yield chunk
                chunk, size = [], 0
    except CALL_ERRORS:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk
