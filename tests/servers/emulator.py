"""A Firestore emulator in a process of its own, which can be stopped and started again on the same port.

What it does not do as Firestore does: a filter on document ids finds nothing; order by id is ignored; in one write,
the transforms after an `ArrayUnion` or a `SERVER_TIMESTAMP` are dropped (`chatbot` writes around that); ids that name
a property of JavaScript's objects, such as "constructor", fail; a stop forgets all documents. `emulator.mjs` teaches it
the conditions of web clients' transactions.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import TracebackType

from tests.servers import node
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
        self._process = node.started(_SCRIPT, str(self.port))

    def stop(self) -> None:
        """End at once, as a crash would; callers see the connection break."""
        if self._process is not None:
            node.stop(self._process)
            self._process = None

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
