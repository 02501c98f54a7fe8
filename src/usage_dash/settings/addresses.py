"""Reading host names, origins and addresses, and which of them only this machine reaches."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from usage_dash.settings.readers import parts

_HOST = re.compile(r"\.?[^\W_][\w-]*(\.[\w-]+)*")
_HOST_OF_ORIGIN = re.compile(r"([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(:\d{1,5})?")
_USUAL_PORTS = {"http": ":80", "https": ":443"}
_SEGMENT = re.compile(r"[\w~-][\w.~-]*", re.ASCII)
_OURS = re.compile(r"api|assets|health|ready|metrics|embed|sign-in|sign-out|_dash.*")  # where a path of ours begins


def hosts(value: object) -> object:
    """Return the host names in a list with commas. Raise `ValueError` when one is none."""
    if not isinstance(value, str):
        return value
    names = [name.lower() for name in parts(value)]
    if not all(map(_HOST.fullmatch, names)):
        raise ValueError("not names")
    return tuple(names)


def url_prefix(path: str) -> str:
    """Return a path with a slash at both ends. Raise `ValueError` when it is none, or one that we use ourselves."""
    inner = path.strip("/")
    if not inner:
        return "/"
    segments = inner.split("/")
    if not all(map(_SEGMENT.fullmatch, segments)) or _OURS.fullmatch(segments[0]):
        raise ValueError("not a path")
    return f"/{inner}/"


def origins(value: object) -> object:
    """Return the origins in a list with commas, as browsers write them. Raise `ValueError` when one is none."""
    return tuple(map(_origin, parts(value))) if isinstance(value, str) else value


def safe_address(address: str) -> str:
    """Return an address that nobody can listen in on. Raise `ValueError` for http to another machine, or no address."""
    found = urlsplit(address)
    if not found.hostname or "@" in found.netloc or not (found.scheme == "https" or _is_plain_and_near(found)):
        raise ValueError("not safe")
    return address


def page_address(address: str) -> str:
    """Return the address of a page, with a slash at its end. Raise `ValueError` when it is none."""
    found = urlsplit(address.strip())
    host = found.netloc.lower()
    if found.scheme not in _USUAL_PORTS or not _HOST_OF_ORIGIN.fullmatch(host) or found.query or found.fragment:
        raise ValueError("not a page's address")
    return f"{found.scheme}://{host}{url_prefix(found.path)}"


def _origin(text: str) -> str:
    scheme, _, host = text.lower().rstrip("/").partition("://")
    if scheme not in _USUAL_PORTS or not _HOST_OF_ORIGIN.fullmatch(host):
        raise ValueError("not an origin")
    return f"{scheme}://{host.removesuffix(_USUAL_PORTS[scheme])}"


def _is_plain_and_near(found: SplitResult) -> bool:
    return found.scheme == "http" and is_loopback(str(found.hostname))


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches `host`; a name that is not known to be loopback is not."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
