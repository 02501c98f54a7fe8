"""Files of the page, sent compressed: each once, at the best level, and kept by the hash of its content.

Gzip is made in a moment, once for each process. Brotli sends a fifth less but takes seconds, so it is made in a thread
of its own, and kept in the user's cache folder for later starts; until it is ready gzip serves.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import queue
import re
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import brotli
import platformdirs
from dash import Dash
from flask import Flask, Response, request

from usage_dash.web.request_log import OWN

_log = logging.getLogger(__name__)
_TEXTS: Final = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml", "text/markdown"})
_FOLDERS: Final = ("/assets/", "/_dash-component-suites/")
_NEEDLESS: Final = (
    "Accept-Ranges",
    "Content-Disposition",
    "Last-Modified",
)  # beside an ETag
_FEWEST_BYTES: Final = 500  # below it the headers weigh more than what is saved
_ENCODINGS: Final = ("br", "gzip")  # the best first
_YIELDING: Final = 10  # how nice the thread is to those that answer


class Packer:
    """Keeps the compressed forms of contents in memory, and brotli's in `folder` too."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._forms: dict[str, dict[str, bytes]] = {}  # by a content's hash, then by encoding
        self._lock = threading.Lock()
        self._wanted: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._worker: threading.Thread | None = None

    def forms(self, digest: str, content: bytes) -> Mapping[str, bytes]:
        """Return what there is of a content, by encoding: gzip, and brotli when it is ready."""
        with self._lock:
            if digest not in self._forms:
                kept = self._kept(digest, content)
                forms = {"gzip": gzip.compress(content, mtime=0)} | ({} if kept is None else {"br": kept})
                self._forms[digest] = forms
                if kept is None:
                    self._ask_for_brotli(digest, content)
                return forms
            return self._forms[digest]

    def _ask_for_brotli(self, digest: str, content: bytes) -> None:
        self._wanted.put((digest, content))
        if self._worker is None:
            # A daemon: work that is not done when the process ends is done by the next.
            self._worker = threading.Thread(target=self._work, name="static-files", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        if sys.platform == "linux":  # where a thread has a priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _YIELDING)
        while True:
            digest, content = self._wanted.get()
            form = brotli.compress(content, mode=brotli.MODE_TEXT, quality=11, lgwin=24)
            self._forms[digest] = {**self._forms[digest], "br": form}
            self._keep(digest, form)

    def _kept(self, digest: str, content: bytes) -> bytes | None:
        """Read what an earlier process made; whatever does not unpack to the content counts as not there."""
        if self._folder is None:
            return None
        try:
            form = (self._folder / f"{digest}.br").read_bytes()
            return form if brotli.decompress(form) == content else None
        except (OSError, brotli.error):
            return None

    def _keep(self, digest: str, form: bytes) -> None:
        if self._folder is None:
            return
        path = self._folder / f"{digest}.br"
        unfinished = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(form)
            unfinished.replace(path)
        except OSError as error:
            _log.info("Compressed files are kept in memory only: %s", error)
            self._folder = None


def cache_folder() -> Path | None:
    """Return the folder that the platform has for what can be made again; None for a user without a home."""
    folder = platformdirs.user_cache_path("usage-dash", appauthor=False)
    return folder / "static" if folder.is_absolute() else None


def send_compressed(server: Flask, packer: Packer) -> None:
    """Send each file of the page in the best form that there is and the client takes."""

    @server.after_request
    def pack(response: Response) -> Response:
        if not _is_file(response):
            return response
        response.direct_passthrough = False
        file = response.response
        response.make_sequence()
        if hasattr(file, "close"):
            file.close()  # at once: some servers do not come to it when the browser has gone
        content = response.get_data()
        digest = hashlib.blake2b(content, digest_size=16).hexdigest()
        forms = packer.forms(digest, content) if len(content) >= _FEWEST_BYTES else {}
        encoding = next((form for form in _ENCODINGS if form in forms and request.accept_encodings[form]), None)
        if encoding:
            response.set_data(forms[encoding])
            response.content_encoding = encoding
        for name in _NEEDLESS:
            response.headers.pop(name, None)
        response.vary.add("Accept-Encoding")
        response.set_etag(f"{digest}-{encoding}" if encoding else digest)
        response.make_conditional(request)
        return response


def prepare(app: Dash) -> None:
    """Ask for each file that the documents name before a visitor does, so that its forms are made."""
    client = app.server.test_client()
    client.environ_base[OWN] = True
    documents = "".join(client.get(path).text for path in ("/embed", "/sign-in"))  # what is open to nobody known
    for url in dict.fromkeys(re.findall(r'(?:src|href)="([^"]+)"', documents)):
        if any(folder in url for folder in _FOLDERS):  # the others lead people on
            client.get(url).close()


def _is_file(response: Response) -> bool:
    return (
        request.method in {"GET", "HEAD"}
        and response.status_code == 200  # noqa: PLR2004 - not a part of a file, nor “not modified”
        and request.path.startswith(_FOLDERS)
        and response.mimetype in _TEXTS
    )
