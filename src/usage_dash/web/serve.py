"""Serving with waitress: one process, which keeps the ledger, and some threads.

A request is read whole before it takes a thread, so that slow clients hold none. Who takes nothing more of an answer
that is still being made, as with a download that is paused, does hold one, and is let go after a while.
"""

from __future__ import annotations

import errno
import logging
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from waitress import create_server, wasyncore

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS: Final = 8
_STOPPING: Final = (signal.SIGTERM, signal.SIGINT)
_GRACE_SECONDS = 13.0  # for requests under way, when it is told to stop: a press of “Refresh” may wait for 12
_LAST_SECONDS = 1  # for threads that have answered, to tell so
_IDLE_SECONDS = 20  # after which a silent connection is closed
_STALLED_SECONDS = 60.0  # after which whoever takes nothing of an answer is let go
_MOST_CONNECTIONS = 2000
_OTHER_FILES = 100  # that the process has open: the ledger, the source, answers that overflow to a disk
_CAN_POLL = hasattr(select, "poll")
_MOST_SELECTED = 512  # sockets that Windows watches at once
_LONGEST_HEADERS = 96 * 1024  # bytes; a frame's token may name a thousand users
_LONGEST_BODY = 512 * 1024  # bytes; the app says more kindly what is too long for it


class CannotServeError(Exception):
    """An address that cannot be served, in one sentence."""


def listen(host: str, port: int) -> socket.socket:
    """Take `port` (0: a free one) of `host`. Raise `CannotServeError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server((host, port), family=family, backlog=1024, dualstack_ipv6=both)
    except OSError as error:
        raise CannotServeError(_reason(host, port, error)) from error


def address(host: str, listener: socket.socket) -> str:
    """Return the URL of what listens on `host`."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def serve(app: WSGIApplication, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Answer requests until SIGTERM or SIGINT, then those that are under way; `on_ready` is called in between.

    The process is to end then, and does not listen to these signals any more.
    """
    channels: dict[int, Any] = {}
    # A burst is no trouble: a browser asks for twenty files at once.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app,
        map=channels,
        sockets=[listener],
        threads=THREADS,
        connection_limit=_connections(),
        channel_timeout=_IDLE_SECONDS,
        cleanup_interval=_IDLE_SECONDS // 2,
        max_request_header_size=_LONGEST_HEADERS,
        max_request_body_size=_LONGEST_BODY,
        clear_untrusted_proxy_headers=False,  # web.proxies says which are believed, whichever server listens
        ident="",
    )
    with _signals(server.pull_trigger) as told_to_stop:
        on_ready()
        stalled = _Stalled()
        while not told_to_stop():
            _turn(channels)
            stalled.let_go(list(server.active_channels.values()), time.time())
        _finish(server, channels)


@contextmanager
def _signals(wake: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Give what tells whether a signal has come. Nothing is raised, or it would cut off whatever is just being done.

    A second one changes nothing: `make` passes on what the whole group was sent. It may interrupt the first one's
    handler, so no lock is taken there, and it may come when all is done, so it is ignored then.
    """
    told = False

    def stop(*_: object) -> None:
        nonlocal told
        if not told:
            told = True
            wake()

    for number in _STOPPING:
        signal.signal(number, stop)
    try:
        yield lambda: told
    finally:
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)


class _Stalled:
    """Connections that have something to take, and since when that was noticed first."""

    def __init__(self) -> None:
        self._since: dict[Any, float] = {}

    def let_go(self, channels: list[Any], now: float) -> None:
        """Close those that have taken nothing for too long: their threads, if they hold any, learn of it."""
        self._since = {each: self._since.get(each, now) for each in channels if each.total_outbufs_len}
        for channel, since in self._since.items():
            if now - max(since, channel.last_activity) > _STALLED_SECONDS:
                channel.handle_close()


def _finish(server: Any, channels: dict[int, Any]) -> None:
    """Take no more connections, and close each when its requests are answered, or time is up."""
    wasyncore.dispatcher.close(server)
    until = time.monotonic() + _GRACE_SECONDS
    while any(map(_is_busy, server.active_channels.values())) and time.monotonic() < until:
        _turn(channels, 0.1)
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.task_dispatcher.shutdown(timeout=_LAST_SECONDS)  # before what their threads tell it by is closed
    wasyncore.close_all(channels)


def _is_busy(channel: Any) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


def _turn(channels: dict[int, Any], seconds: float = 1.0) -> None:
    """Wait for something to happen on a connection, and see to it."""
    wasyncore.loop(seconds, use_poll=_CAN_POLL, map=channels, count=1)


def _connections() -> int:
    """Return how many connections may be open at once: as many as the process may open files, and watch."""
    if not _CAN_POLL:
        return _MOST_SELECTED - _OTHER_FILES
    import resource  # noqa: PLC0415 - where there is no poll there is none

    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _OTHER_FILES
    if resource.RLIM_INFINITY != allowed < wanted:
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return _MOST_CONNECTIONS if allowed == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, allowed - _OTHER_FILES)


def _reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use: stop what listens there, or choose another port with PORT."
    if error.errno == errno.EACCES:
        return f"Port {port} of {host} may not be used by this user: choose one from 1024 with PORT."
    reason = (error.strerror or str(error)).lower()
    return f"HOST={host} cannot be listened on ({reason}): it must be an address of this machine."
