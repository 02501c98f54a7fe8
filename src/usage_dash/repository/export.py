"""Copying usage documents to a file, or to standard output."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from usage_dash.documents.json_lines import lines_of
from usage_dash.repository.base import UsageRepository


class ExportError(Exception):
    """A file that cannot be written, in one sentence."""


def export(repository: UsageRepository, output: Path | None, *, replace: bool) -> str:
    """Write every usage document as a line of JSON, and give a sentence about it.

    `output` is a file, readable by its owner alone; it appears whole or not at all. None is standard output. Raises
    `ExportError`, also when the file is there and should not be replaced, and `SourceError`.
    """
    if output is None:
        documents, flawed = _write(repository, sys.stdout)
    else:
        with _new_file(output, replace=replace) as file:
            documents, flawed = _write(repository, file)
    findings = f", {flawed:,} with findings: their usable part" if flawed else ""
    return f"Wrote {documents:,} usage {'document' if documents == 1 else 'documents'}{findings}."


def _write(repository: UsageRepository, file: TextIO) -> tuple[int, int]:
    """Write the documents; count them, and those with findings."""
    documents = flawed = 0
    for page in repository.listing():
        file.writelines(f"{line}\n" for line in lines_of(page.batch))
        documents += page.batch.documents
        flawed += len(set(page.batch.findings["user_id"].to_pylist()))
    return documents, flawed


@contextmanager
def _new_file(path: Path, *, replace: bool) -> Iterator[TextIO]:
    if path.exists() and not replace:
        raise ExportError(f"“{path}” is there already: choose another name, or replace it with --force.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ExportError(f"“{path}” cannot be written: {(error.strerror or str(error)).lower()}.") from error
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        raise ExportError(f"“{path}” cannot be written: {(error.strerror or str(error)).lower()}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
