"""Why an address did not take a message, in sentences of ours that say what to do.

What apprise and servers say can hold anything, an address's secrets too. So only numbers are taken from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

NOT_STARTED: Final = "The process that sends cannot be started here: this machine may lack memory. It is tried again."
ENDLESS: Final = "It does not come to an end with its answer; it is tried again."
UNKNOWN: Final = "It did not take the message, and it is not known why: check the address, and what it leads to."
_STRANGE: Final = "Its answer cannot be understood: check the address, and what it leads to."

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")
_REPLY: Final = re.compile(r"\((\d{3}), b['\"]|was refused: (\d{3})\b")  # of a mail server
_KEY: Final = "It does not let us in ({}): a token or a password is wrong, or was taken away."
_OF_STATUS: Final = {
    HTTPStatus.UNAUTHORIZED: _KEY,
    HTTPStatus.FORBIDDEN: _KEY,
    HTTPStatus.NOT_FOUND: "Nothing takes messages there ({}): check the address, or make a new one.",
    HTTPStatus.GONE: "Nothing takes messages there any more ({}): make a new address.",
    HTTPStatus.TOO_MANY_REQUESTS: "It takes no more messages for now ({}); it is tried again.",
}
_LOGIN: Final = range(530, 540)  # a mail server's replies about who somebody is
_LATER: Final = range(400, 500)
_OF_WORDS: Final = (
    (
        r"certificate verify failed|hostname mismatch",
        "It has no certificate that this machine trusts. An authority of your own goes into REQUESTS_CA_BUNDLE, or for "
        "mail into SSL_CERT_FILE.",
    ),
    (
        r"STARTTLS extension not supported|\[SSL: |SSLError",
        "It does not speak the encryption that it is asked for: check scheme and port, and ?mode= of mail.",
    ),
    (
        r"Name or service not known|getaddrinfo|nodename nor|name resolution|NameResolution",
        "No machine has its name: check the host.",
    ),
    (r"timed out|did not finish within", "It takes too long to answer; it is tried again."),
    (
        r"Connection refused|unreachable|No route to host",
        "Nothing answers there: check host and port; it is tried again.",
    ),
    (r"aborted|closed|reset by peer|Broken pipe", "It ends the connection without an answer; it is tried again."),
    (r"raised an exception", _STRANGE),
)


def reason(said: Iterable[str]) -> str:
    """Return what apprise's warnings and their causes mean."""
    text = "\n".join(said)
    if status := _STATUS.search(text):
        return _of_status(int(status[1]))
    if reply := _REPLY.search(text):
        return _of_reply(int(reply[1] or reply[2]))
    meant = (sentence for words, sentence in _OF_WORDS if re.search(words, text, re.IGNORECASE))
    return next(meant, UNKNOWN)


def _of_status(status: int) -> str:
    if status in _OF_STATUS:
        return _OF_STATUS[HTTPStatus(status)].format(status)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"It leads elsewhere ({status}), where nothing secret is sent: write the address that it leads to."
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"It has failed ({status}); it is tried again."
    return f"It refuses the message ({status}): check the address, and what it leads to."


def _of_reply(reply: int) -> str:
    if reply in _LOGIN:
        return f"The mail server does not let us in ({reply}): user or password is wrong, or it wants one for programs."
    if reply in _LATER:
        return f"The mail server asks for another try later ({reply}), which comes by itself."
    return f"The mail server refuses the message ({reply}): check sender and recipients."
