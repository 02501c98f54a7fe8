"""Safe by default: without sign-in, the page is served to this machine only.

Sign-in comes later. Until then whoever reaches the address sees everybody's usage, so any address but loopback needs
`USAGE_DASH_AUTH=none`, written down by somebody who knows what stands in front of it.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from usage_dash.settings import SettingsError

_FDS = Path("/dev/fd")  # this process's open files, on Linux and macOS
_UNIX = "unix:"
_UNKNOWN = "an address that is not known yet"
_PLATFORMS = {"DYNO": "Heroku", "RENDER": "Render"}  # variables that these set; both serve to the whole internet


def require_safe_address(hosts: Iterable[str], auth: str | None) -> None:
    """Raise `SettingsError` when one of `hosts` can be reached from elsewhere and nobody has said that it may."""
    if auth == "none":
        return
    for host in hosts:
        if not is_loopback(host):
            raise SettingsError(
                f"usage-dash refuses to serve on {host}, because it has no sign-in yet and everybody who reaches that "
                "address would see all usage: keep to HOST=127.0.0.1, or set USAGE_DASH_AUTH=none if something in "
                "front of it decides who may look."
            )


def require_safe_process(auth: str | None) -> None:
    """Raise `SettingsError` when this process, which a WSGI server started, serves other machines unallowed."""
    require_safe_address(serving_hosts(os.environ, listening_hosts()), auth)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches `host`; a name that is not known to be loopback is not."""
    if host == "localhost" or host.startswith(_UNIX):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def serving_hosts(environ: Mapping[str, str], listening: list[str]) -> list[str]:
    """Name where a process serves: on a hosting platform, told by its variable, else where it is `listening`."""
    platforms = [platform for variable, platform in _PLATFORMS.items() if variable in environ]
    # Gunicorn's --preload makes the app before there is a socket.
    preloaded = not listening and environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")
    return [*platforms, *([_UNKNOWN] if preloaded else listening)]


def listening_hosts() -> list[str]:
    """Name the hosts of all sockets that this process listens on."""
    if not _FDS.is_dir():
        return []
    hosts = (_listening_host(int(entry.name)) for entry in _FDS.iterdir())
    return [host for host in hosts if host is not None]


def _listening_host(fd: int) -> str | None:
    """Give the host of a listening socket; None when `fd` is anything else."""
    try:
        sock = socket.socket(fileno=fd)
    except OSError:  # no socket, or closed meanwhile
        return None
    try:
        if not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return None
        name = sock.getsockname()
        return str(name[0]) if sock.family in (socket.AF_INET, socket.AF_INET6) else f"{_UNIX}{name!r}"
    finally:
        sock.detach()  # it is not ours to close
