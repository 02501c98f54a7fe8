"""Sending a message to an address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from usage_dash.alerts import reasons
from usage_dash.alerts.messages import Message
from usage_dash.settings.alert_addresses import Address

_SECONDS: Final = 45.0  # that a delivery may take
_GRACE: Final = 5.0  # seconds beyond those at which the process ends itself


class NotDeliveredError(Exception):
    """A message that an address did not take; a sentence says why, without anything secret."""


class Sender(Protocol):
    """Takes messages to addresses, one to one."""

    def send(self, address: Address, message: Message) -> None:
        """Deliver a message within a minute. Raises `NotDeliveredError`: it may have arrived all the same."""
        ...


class AppriseSender:
    """Sends by apprise, each message in a process of its own, since nothing else bounds what an address does."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds

    def send(self, address: Address, message: Message) -> None:
        """Deliver a message. Raises `NotDeliveredError`."""
        asked = {
            "url": address.url.get_secret_value(),
            "only": address.only,
            "title": message.title,
            "body": message.body,
            "id": message.id,
            "seconds": self._seconds,
        }
        told = _told(_finished(json.dumps(asked), self._seconds + _GRACE))
        if told is not None:
            raise NotDeliveredError(told)


def _finished(asked: str, seconds: float) -> str:
    """Run the process that sends; return what it said, which is nothing when it was ended."""
    command = [python_of(sys.executable or "", sys.prefix), "-P", "-m", "usage_dash.alerts.deliver"]
    seen = os.pathsep.join(filter(None, sys.path))  # it finds what this process finds, wherever that was told
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command,
            input=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=False,
            env={**os.environ, "PYTHONPATH": seen},
            start_new_session=True,  # Ctrl-C is not meant for a message that is on its way
        )
    except subprocess.TimeoutExpired:
        return ""
    except OSError as error:
        raise NotDeliveredError(reasons.NOT_STARTED) from error
    return done.stdout


def _told(said: str) -> str | None:
    """Return why a message was not delivered, by what the process said; None when it was."""
    with suppress(ValueError, KeyError, TypeError):
        found = json.loads(said)
        return None if found["delivered"] is True else reasons.reason(found["said"])
    return reasons.ENDLESS


def python_of(executable: str, prefix: str) -> str:
    """Return Python; in a server that has taken Python in, `executable` is that server, and Python below `prefix`."""
    return executable if Path(executable).stem.startswith("python") else str(Path(prefix, "bin", "python3"))
