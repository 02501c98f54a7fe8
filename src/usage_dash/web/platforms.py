"""The hosting platforms that are known: how each makes itself known, and the names that it gives."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from usage_dash.settings import Settings


@dataclass(frozen=True, slots=True)
class Platform:
    """A place that serves to the whole internet, under these host names."""

    name: str
    hosts: tuple[str, ...]


def platform_of(environ: Mapping[str, str]) -> Platform | None:
    """Return the platform on which a process with this environment runs; None anywhere else."""
    if "DYNO" in environ:
        # The app's own name is told only where its owner has asked for that (a chosen name gets digits that nobody can
        # guess). The router brings nobody here by another app's name, so all of them are as good.
        return Platform("Heroku", (environ.get("HEROKU_APP_DEFAULT_DOMAIN_NAME") or ".herokuapp.com",))
    if "RENDER" in environ:
        own = environ.get("RENDER_EXTERNAL_HOSTNAME")
        return Platform("Render", (own,) if own else ())
    return None


def public_url(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Return the address at which people open the page, with a slash at its end; None when nobody told it."""
    platform = platform_of(environ)
    names = [name for name in (platform.hosts if platform else ()) if not name.startswith(".")]
    return settings.url or (f"https://{names[0]}{settings.url_prefix}" if names else None)


def every_address() -> str:
    """Return the address that stands for all of this machine's, of both kinds if it has both."""
    return "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - it is what a platform needs
