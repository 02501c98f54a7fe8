"""One delivery by apprise: the program of a process of its own, which `sender` starts and ends.

What answers at an address can be slow, endless or huge, and apprise bounds little of that. A process can be ended, with
all that it holds. It is told what to send on standard input, as JSON, and says on standard output how that went.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apprise import AppriseAsset

_ROOM: Final = 512 * 2**20  # bytes of memory that it may take
_PATIENCE: Final = 15.0  # seconds that a server may be silent, if its address does not say
_LINES, _CHARACTERS = 40, 500  # of what apprise says
_LEVELS: Final = {"WARNING", "ERROR"}
_CAUSE: Final = "Socket Exception: "  # how a line begins that says what a warning does not
_WEBHOOKS: Final = ("json", "xml", "form")


def deliver(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Send `title` and `body` to the address `url`, of whose recipients `only` one may be meant.

    Returns whether it took them, and what apprise said of that.
    """
    from apprise import Apprise, NotifyFormat  # noqa: PLC0415 - after the bounds are set

    service = Apprise.instantiate(asked["url"], asset=_asset())
    _prepare(service, asked)
    result = Apprise(service).notify(
        body=asked["body"], title=asked["title"], body_format=NotifyFormat.TEXT, log_level=logging.DEBUG
    )
    said = [entry.message for entry in result.logs() if entry.level in _LEVELS or entry.message.startswith(_CAUSE)]
    return {"delivered": bool(result), "said": [message[:_CHARACTERS] for message in said[-_LINES:]]}


def _asset() -> AppriseAsset:
    """Return how apprise shall be: it follows nobody elsewhere, keeps and makes nothing, and links to no picture."""
    from apprise import AppriseAsset  # noqa: PLC0415 - see above

    return AppriseAsset(
        app_id="usage-dash",
        app_desc="usage-dash",
        http_redirects=False,
        image_path_mask=False,
        image_url_mask="",
        image_url_logo="",
        language="en",
        pem_autogen=False,
        pgp_autogen=False,
        service_timeout=0,
        storage_mode="memory",
    )


def _prepare(service: Any, asked: Mapping[str, Any]) -> None:
    """Address one recipient alone, and let webhooks and mails carry the message's id: who gets it twice can tell."""
    if service.schema.startswith(_WEBHOOKS):
        service.payload_extras.setdefault("id", asked["id"])
    if asked["only"]:
        service.targets, service.cc, service.bcc = [(False, asked["only"])], set(), set()
    if service.schema.startswith("mailto"):
        service.headers.setdefault("X-Usage-Dash-Id", asked["id"])
        service.headers.setdefault("Auto-Submitted", "auto-generated")  # so no absent person's mailbox answers
    if "rto=" not in asked["url"]:
        service.socket_read_timeout = _PATIENCE


def _bound(seconds: float) -> None:
    """Let this process neither last nor grow, whatever becomes of the one that started it."""
    end = threading.Timer(seconds, os._exit, [1])
    end.daemon = True
    end.start()
    try:
        import resource  # noqa: PLC0415 - not every system has it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (_ROOM, _ROOM))


def main() -> None:
    """Send what standard input says, within so many seconds."""
    asked = json.load(sys.stdin)
    _bound(asked["seconds"])
    logging.getLogger("apprise").setLevel(logging.DEBUG)  # only so are its reasons among what it said
    json.dump(deliver(asked), sys.stdout)


if __name__ == "__main__":
    main()
