"""Why a bill could not be read, in sentences that say what to do.

None of them holds what OpenAI or a proxy said, as that can hold a part of the key.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

_OF_STATUS: Final = {
    HTTPStatus.BAD_REQUEST: "OpenAI does not understand the question (400): check OPENAI_PROJECT_IDS and "
    "OPENAI_API_KEY_IDS.",
    HTTPStatus.UNAUTHORIZED: "OpenAI does not accept the key (401): set OPENAI_ADMIN_KEY to an admin key that an "
    "owner of the organisation has made; keys of the chatbot will not do.",
    HTTPStatus.FORBIDDEN: "OpenAI does not let this key read the bill (403): set OPENAI_ADMIN_KEY to an admin key that "
    "may read usage.",
    HTTPStatus.NOT_FOUND: "There is no bill where OpenAI was asked (404): check OPENAI_BASE_URL and "
    "OPENAI_PROJECT_IDS.",
    HTTPStatus.TOO_MANY_REQUESTS: "OpenAI is asked too often (429), by whichever programs use this key; usage-dash "
    "asks again by itself.",
}
UNREACHABLE: Final = (
    "OpenAI cannot be reached: check the network and OPENAI_BASE_URL; usage-dash asks again by itself, an hour later."
)
NO_WAY: Final = (
    "OpenAI cannot be asked through this machine's proxy, or with its certificates: check HTTPS_PROXY, ALL_PROXY, "
    "SSL_CERT_FILE and SSL_CERT_DIR."
)
SLOW: Final = "OpenAI takes too long to answer; usage-dash asks again by itself, an hour later."
NO_BILL: Final = (
    "What answered at OPENAI_BASE_URL is no bill of OpenAI's: check that address, and any proxy on the way."
)
ENDLESS: Final = "OpenAI's answer has no end, so it was not read: check OPENAI_BASE_URL, and any proxy on the way."
UNKNOWN: Final = "OpenAI's bill could not be read for a reason that usage-dash does not know; its log says more."


class BillError(Exception):
    """A bill that cannot be read; the message says why and what to do. Not to be asked for within `pause` seconds."""

    def __init__(self, sentence: str, pause: float = 0.0) -> None:
        super().__init__(sentence)
        self.pause = pause


def of_status(status: int) -> str:
    """Return what an HTTP status means that is no success."""
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return (
            f"OpenAI's address leads elsewhere ({status}), where the key is not sent: set OPENAI_BASE_URL to the "
            "address itself."
        )
    if status in _OF_STATUS:
        return _OF_STATUS[HTTPStatus(status)]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"OpenAI has failed ({status}); usage-dash asks again by itself, an hour later."
    return f"OpenAI refuses to tell the bill ({status}): check OPENAI_ADMIN_KEY and OPENAI_BASE_URL."


def of_currencies(found: set[str]) -> str:
    """Return what it means that a bill is not, or not only, in dollars."""
    codes = " and ".join(sorted(code.upper() for code in found))
    return f"OpenAI bills in {codes}, and what is recorded is in US dollars: the two cannot be compared."
