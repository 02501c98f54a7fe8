"""A file of usage documents, one JSON object a line, as `usage-dash export-documents` writes it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from usage_dash.documents.batch import EVERYTHING, Batch, IdRange
from usage_dash.documents.fields import ENTRIES_FIELD, ENTRY, TIME, TIMES, USER_ID, Field
from usage_dash.documents.findings import DOCUMENT_ID, Action, Finding, Problem
from usage_dash.documents.json_lines import read_line
from usage_dash.documents.parse import UsageDocument, batch_of, parse
from usage_dash.documents.sizes import size_of_document
from usage_dash.documents.times import time
from usage_dash.repository.base import Failure, Holder, Page, Source, SourceError
from usage_dash.repository.in_memory import Snapshot


class LocalRepository:
    """Usage documents in the JSON Lines file `path`; reading is free, so nothing is billed.

    The source's clock is the time of the file's last change: what it holds is as of then. The file may be written to
    or replaced at any time; it is read again when it has changed. A line that is no document is listed by its number,
    with a finding.
    """

    def __init__(self, path: Path, collection: str) -> None:
        """Remember where the file is; nothing is read yet."""
        self._path = path
        self._collection = collection
        self._seen: tuple[int, ...] = ()
        self._snapshot: Snapshot | None = None

    @property
    def source(self) -> Source:
        """The file by its name, and a digest of its folder, so that files of one name stay apart."""
        folder = hashlib.sha256(os.fsencode(self._path.resolve().parent)).hexdigest()[:12]
        name = self._path.name
        return Source(
            identity=f"local:{name}/{folder}/{self._collection}",
            label=f"{name} · local file",
            place=name,
            holder=Holder("file", name, "USAGE_DASH_LOCAL_FILE"),
            billed=False,
        )

    def count(self, ids: IdRange = EVERYTHING) -> int:
        """Count the documents in `ids`. Raises `SourceError`."""
        return self._current().count(ids)

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        """Add up the `totalCalls` of the documents in `ids`. Raises `SourceError`."""
        return self._current().total_calls(ids)

    def changed(self, since: datetime) -> Iterator[Page]:
        """Read the documents dated at or after `since`, oldest first. Raises `SourceError`."""
        snapshot = self._current()
        return _pages(snapshot.changed(since), snapshot.as_of)

    def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Page]:
        """Read the documents in `ids`, ordered by id. Raises `SourceError`."""
        snapshot = self._current()
        return _pages(snapshot.listing(ids), snapshot.as_of)

    def latest(self, limit: int) -> Page:
        """Read the documents that were dated last. Raises `SourceError`."""
        snapshot = self._current()
        return Page(snapshot.latest(limit), snapshot.as_of)

    def close(self) -> None:
        """Nothing is held open."""

    def _current(self) -> Snapshot:
        try:
            with self._path.open("rb") as file:
                state = os.fstat(file.fileno())
                # A change while reading is seen as one the next time.
                seen = (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
                if self._snapshot is None or seen != self._seen:
                    changed_at = max(state.st_mtime, state.st_ctime)  # a file copied with its old time changed now
                    self._snapshot = Snapshot(self._read(file), datetime.fromtimestamp(changed_at, UTC))
                    self._seen = seen
                return self._snapshot
        except OSError as error:
            raise _failed(self._path, error) from error

    def _read(self, file: BinaryIO) -> Batch:
        """Read every line. Raises `SourceError` when none of them is a document."""
        lines = [(number, _read(line)) for number, line in enumerate(file, start=1) if line.strip()]
        if lines and not any(isinstance(raw, dict) for _, raw in lines):
            raise SourceError(
                Failure.INVALID,
                title=f"“{self._path.name}” holds no usage documents",
                remedy="It must hold one JSON object a line, as “usage-dash export-documents” writes it.",
                reason=f"“{self._path.name}” holds no usage documents",
                mendable_by_retry=False,
            )
        return batch_of(_distinct(_document(number, raw, self._collection) for number, raw in lines))


def _read(line: bytes) -> object:
    try:
        return read_line(line)
    except ValueError:
        return None  # which is no map: parsing it finds that


def _document(number: int, raw: object, collection: str) -> UsageDocument:
    """Read one line's document; one without a usable `userId` goes by the line's number."""
    if not isinstance(raw, dict):
        return parse(f"line {number}", raw)
    named = raw.get(USER_ID)
    user_id = named if isinstance(named, str) and named else f"line {number}"
    stored = _stored(raw)
    document = parse(user_id, stored, size_of_document(f"{collection}/{user_id}", stored))
    return document if user_id == named else _found(document, Problem.MISSING, Action.LINE_NUMBER_TAKEN)


def _stored(raw: dict[str, Any]) -> dict[str, Any]:
    """Make text the timestamp that it was in Firestore, so that the document has its size and is found by its date."""
    items = raw.get(ENTRIES_FIELD)
    if isinstance(items, list):
        raw = raw | {ENTRIES_FIELD: [_timed(item, ENTRY) if isinstance(item, dict) else item for item in items]}
    return _timed(raw, TIMES)


def _timed(raw: dict[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    texts = {field.name: raw.get(field.name) for field in fields if field.type == TIME}
    readings = {name: time(text) for name, text in texts.items() if isinstance(text, str)}
    return raw | {name: reading.value for name, reading in readings.items() if reading.exact}


def _distinct(documents: Iterable[UsageDocument]) -> list[UsageDocument]:
    """Keep the last document of each id."""
    kept: dict[str, UsageDocument] = {}
    for document in documents:
        again = document.user_id in kept
        kept[document.user_id] = _found(document, Problem.REPEATED_ID, Action.LAST_TAKEN) if again else document
    return list(kept.values())


def _found(document: UsageDocument, problem: Problem, action: Action) -> UsageDocument:
    return replace(document, findings=(*document.findings, Finding(DOCUMENT_ID, problem, action)))


def _pages(batches: Iterator[Batch], as_of: datetime) -> Iterator[Page]:
    return (Page(batch, as_of) for batch in batches)


def _failed(path: Path, error: OSError) -> SourceError:
    name, reason = f"“{path.name}”", (error.strerror or "it cannot be read").lower()
    if isinstance(error, FileNotFoundError):
        return SourceError(
            Failure.NOT_FOUND,
            title=f"The file {name} is not there",
            remedy="Check USAGE_DASH_LOCAL_FILE, or write one with “usage-dash export-documents”.",
            reason=f"{name} is not there",
            command=f"usage-dash export-documents --output {path.name}",
        )
    return SourceError(
        Failure.PERMISSION if isinstance(error, PermissionError) else Failure.INVALID,
        title=f"The file {name} cannot be read ({reason})",
        remedy="Check that USAGE_DASH_LOCAL_FILE names a file, and that usage-dash may read it.",
        reason=f"{name} cannot be read",
    )
