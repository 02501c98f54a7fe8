"""A Firestore emulator in a process of its own, which can be stopped and started again on the same port.

What it does not do as Firestore does: a filter on document ids finds nothing; order by id is ignored; in one write,
the transforms after an `ArrayUnion` or a `SERVER_TIMESTAMP` are dropped (`chatbot` writes around that); ids that name
a property of JavaScript's objects, such as "constructor", fail; a stop forgets all documents.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import TracebackType

from tests.servers.ports import free_port

_SCRIPT = Path(__file__).with_name("emulator.mjs")


class Emulator:
    """Starts with `start` or `with`, and ends with this process at the latest. `host` is as in "127.0.0.1:8080"."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[str] | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        node = shutil.which("node")
        if node is None:
            raise RuntimeError("The Firestore emulator needs node; install it and run `npm ci`.")
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [node, str(_SCRIPT), str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._process.stdout is None or self._process.stdout.readline() != "ready\n":
            self.stop()
            raise RuntimeError("The Firestore emulator did not start; its words are above. Was `npm ci` run?")

    def stop(self) -> None:
        """End at once, as a crash would; callers see the connection break."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
