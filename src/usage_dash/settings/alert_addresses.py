"""Addresses that alerts go to, as apprise writes them: read, and told without their secrets."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr
from pydantic_core import PydanticCustomError

from usage_dash.settings.addresses import is_loopback

_BETWEEN: Final = re.compile(r"[\s,;]+(?=[a-z0-9]{1,32}://)|\s*[\r\n]+\s*", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([a-z0-9]{1,32})://", re.IGNORECASE)
_PATH: Final = re.compile("[/?]")  # where it begins
_SIGNS: Final = re.compile("[?&]")  # before options
_PASSWORDS: Final = re.compile("(?:pass|password)=")
_RECIPIENTS: Final = re.compile("(?:to|cc|bcc|pass|password)=")
_MAIL: Final = "mailto"
_WEB: Final = {"http": "json", "https": "jsons"}
_ORDINALS: Final = {1: "1st", 2: "2nd", 3: "3rd"}
_LOGGER: Final = "apprise"


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody who is told, by apprise's URL, which holds secrets.

    `short` is what people may read of it: whom it tells, but no token and no password. `digest` is what it is known by
    where something is kept of it; a new password leaves it the same, so what was not delivered goes on. `only` is the
    one of a mail's recipients that is meant, so that each is told by itself.
    """

    url: SecretStr
    short: str
    digest: str
    only: str = ""


def alert_addresses(value: object) -> object:
    """Return the addresses in a text, between which are spaces, new lines or commas.

    Raises a sentence that names a wrong one by its place and its scheme, and holds nothing else of it. apprise is
    imported here, where there is an address.
    """
    if not isinstance(value, str):
        return value
    written = [part for part in _BETWEEN.split(value.strip(" \t\r\n,;")) if part]
    found = [address for place, url in enumerate(written, 1) for address in _addresses(url.rstrip(" \t,;"), place)]
    return tuple({address.digest: address for address in found}.values())


def _addresses(url: str, place: int) -> list[Address]:
    try:
        service = _understood(url)
        if service.schema.startswith(_MAIL):
            _require_encrypted(service)
            return [Address(SecretStr(url), f"{_MAIL} {one}", _digest(url, one), one) for one in _recipients(service)]
        return [Address(SecretStr(url), _short(service, url), _digest(url))]
    except ValueError as error:
        scheme = _SCHEME.match(url)
        raise PydanticCustomError(
            "sentence",
            "The {place} address of USAGE_DASH_ALERTS ({scheme}…) is not understood: {why}.",
            {"place": _ordinal(place), "scheme": scheme[0].lower() if scheme else "", "why": str(error)},
        ) from None


def _understood(url: str) -> Any:
    """Return what apprise makes of an address. Raise `ValueError` with a clause; whatever it says itself is a doubt."""
    from apprise import Apprise  # noqa: PLC0415 - heavy, and most dashboards tell nobody

    scheme = _SCHEME.match(url)
    if scheme is None:
        raise ValueError("it does not begin with a scheme such as mailto:// or slack://")
    if _parted(url)[0].count("@") > 1:  # apprise would take a part of the password for the host
        raise ValueError("within a password, “@” is written %40 and “/” %2F")
    name = scheme[1].lower()
    with _what_apprise_says() as said:
        service = Apprise.instantiate(url)
    if service is None or said:
        raise ValueError(_why_not(name))
    if len(service) > 1 and not name.startswith(_MAIL):
        raise ValueError("it tells several at once, of whom one may be told again for another: part it")
    return service


def _why_not(name: str) -> str:
    """Return, as a clause, what keeps apprise from an address with this scheme."""
    from apprise.apprise import N_MGR  # noqa: PLC0415 - see above

    if name in N_MGR:
        return _looks_like(name, N_MGR[name])
    return f"a webhook begins with {_WEB[name]}:// instead" if name in _WEB else "apprise knows no such scheme"


def _looks_like(name: str, plugin: Any) -> str:
    if not plugin.enabled:
        return "what it needs beside apprise is not installed"
    form = max(plugin.templates, key=len).replace("{schema}", name)
    return f"one of {plugin.service_name} is written {form}, see {plugin.setup_url}"


@contextmanager
def _what_apprise_says() -> Iterator[list[logging.LogRecord]]:
    """Collect apprise's warnings, which can hold secrets, and keep them out of the log."""
    said: list[logging.LogRecord] = []
    logger = logging.getLogger(_LOGGER)
    before = logger.filters[:]

    def keep(record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            said.append(record)
        return False

    logger.addFilter(keep)
    try:
        yield said
    finally:
        logger.filters[:] = before


def _require_encrypted(mail: Any) -> None:
    """Raise `ValueError` with a clause for a password that anybody on its way could read."""
    if mail.password and mail.secure_mode == "insecure" and not is_loopback(mail.smtp_host):
        raise ValueError("its password would go unencrypted, which mailtos:// does not let happen")


def _recipients(mail: Any) -> list[str]:
    return list(dict.fromkeys([*(address for _, address in mail.targets), *sorted(mail.cc), *sorted(mail.bcc)]))


def _short(service: Any, url: str) -> str:
    """Return what an address tells of itself: a host or a channel, where apprise says that it stands there.

    With an “@” behind the host, what stands there may be a part of a password.
    """
    name = str(service.schema)
    if name == "slack":
        return f"{name} {service.channels[0] or ''}".rstrip()
    has_host = service.host and all("{host}" in form for form in service.templates)
    return f"{name} {service.host}" if has_host and "@" not in _parted(url)[1].partition("?")[0] else name


def _digest(url: str, recipient: str = "") -> str:
    before, rest = _parted(url)
    login, _, host = before.rpartition("@")
    path, *options = _SIGNS.split(rest)
    lasting = [option for option in options if not (_RECIPIENTS if recipient else _PASSWORDS).match(option)]
    known_by = (url.partition("://")[0].lower(), login.partition(":")[0], host, recipient or path, *lasting)
    return hashlib.sha256("\0".join(known_by).encode(errors="surrogatepass")).hexdigest()


def _parted(url: str) -> tuple[str, str]:
    """Return what stands before path and query, and these."""
    text = url.partition("://")[2]
    before = _PATH.split(text, maxsplit=1)[0]
    return before, text[len(before) :]


def _ordinal(place: int) -> str:
    return _ORDINALS.get(place, f"{place}th")
