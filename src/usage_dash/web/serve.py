"""Serving with gunicorn: one process, which keeps the ledger, and some threads."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the process that only watches over the serving one stays small
    from flask import Flask

THREADS = 8
_GRACE_SECONDS = 3  # for requests under way, when it is told to stop


class CannotServeError(Exception):
    """An address or an app that cannot be served, in one sentence."""


def serve(
    make_app: Callable[[], Flask],
    host: str,
    port: int,
    *,
    on_ready: Callable[[str], None],
    explain: Callable[[Exception], str | None],
) -> None:
    """Listen on `host` and `port` (0: a free one) and serve until a signal ends it; leaves by `SystemExit`.

    `make_app` runs in the serving process; when the page can be had `on_ready` gets its address. Raises
    `CannotServeError`, also with the sentence that `explain` has for a failure of `make_app`.
    """
    if sys.platform == "win32":
        raise CannotServeError("gunicorn, which serves the page, needs Linux or macOS: on Windows use WSL.")
    listener = _listen(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    told, tell = multiprocessing.Pipe(duplex=False)
    parent = os.getpid()

    def load() -> Flask:
        try:
            return make_app()
        except Exception as error:
            sentence = explain(error)
            if sentence is None:
                raise
            tell.send(sentence)
            os.kill(parent, signal.SIGTERM)
            sys.exit()

    def loaded(_worker: object) -> None:
        # Ctrl-C reaches both processes; the first tells the second to end, and being told twice would end in noise.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        on_ready(address)

    try:
        _server(load, loaded, listener.detach()).run()
    finally:
        if os.getpid() == parent and told.poll():
            raise CannotServeError(told.recv())


def _server(load: Callable[[], Flask], loaded: Callable[[object], None], listener: int) -> Any:
    """Make gunicorn's application, which serves on the socket `listener`."""
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415 - cannot be imported on Windows

    options = {
        "bind": f"fd://{listener}",
        "worker_class": "gthread",
        "workers": 1,
        "threads": THREADS,
        "graceful_timeout": _GRACE_SECONDS,
        "loglevel": "warning",
        "control_socket_disable": True,
        "post_worker_init": loaded,
    }

    class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return load()

    return Server()


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise CannotServeError(_reason(host, port, error)) from error
    return listener


def _reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use: stop what listens there, or choose another port with PORT."
    if error.errno == errno.EACCES:
        return f"Port {port} of {host} may not be used by this user: choose one from 1024 with PORT."
    reason = (error.strerror or str(error)).lower()
    return f"HOST={host} cannot be listened on ({reason}): it must be an address of this machine."
