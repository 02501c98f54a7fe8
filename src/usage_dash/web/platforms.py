"""The hosting platforms that are known, and where a process has to listen there."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Final

_PLATFORMS: Final = {"DYNO": "Heroku", "RENDER": "Render"}  # by a variable that each sets; both serve everybody


def platform_of(environ: Mapping[str, str]) -> str | None:
    """Return the name of the platform on which a process with this environment runs; None anywhere else."""
    return next((name for variable, name in _PLATFORMS.items() if variable in environ), None)


def every_address() -> str:
    """Return the address that stands for all of this machine's, of both kinds if it has both."""
    return "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - it is what a platform needs
