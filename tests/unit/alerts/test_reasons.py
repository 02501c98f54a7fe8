"""Why a message was not taken: numbers and words that are known are told, and nothing else of what was said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.alerts.reasons import UNKNOWN, reason

_POOL = "HTTPSConnectionPool(host='acme.example', port=443): Max retries exceeded with url: /hook/PRIVATE (Caused by "


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Failed to send Slack notification: error=429.",
            "It takes no more messages for now (429); it is tried again.",
        ),
        (
            "Failed: Bad Request - Unsupported Parameters., error=400.",
            "It refuses the message (400): check the address",
        ),
        (
            "Failed to send JSON POST notification: error=410.",
            "Nothing takes messages there any more (410): make a new",
        ),
        ("Socket Exception: (534, b'5.7.9 Application-specific password required')", "The mail server does not let us"),
        ("Socket Exception: (421, b'try later')", "The mail server asks for another try later (421)"),
        ("Socket Exception: {'ops@acme.example': (554, b\"it's full\")}", "The mail server refuses the message (554)"),
        (
            "SMTP recipient ops@acme.example was refused: 452 b'full'",
            "The mail server asks for another try later (452)",
        ),
        (
            f"Socket Exception: {_POOL}SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
            "certificate verify failed: unable to get local issuer certificate')))",
            "It has no certificate that this machine trusts",
        ),
        (
            f"Socket Exception: {_POOL}SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version number')))",
            "It does not speak",
        ),
        (f"Socket Exception: {_POOL}ConnectTimeoutError('Connection to acme.example timed out.')", "It takes too long"),
        (
            f"Socket Exception: {_POOL}NameResolutionError(\"Failed to resolve 'acme.example'\")",
            "No machine has its name",
        ),
        ("Socket Exception: [Errno 113] No route to host", "Nothing answers there"),
        ("Socket Exception: ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))", "It ends"),
        ("Notification service 'JSON' raised an exception.", "Its answer cannot be understood"),
        ("PRIVATE", UNKNOWN),
    ],
)
def test_what_is_known_is_told(said: str, told: str) -> None:
    found = reason(["A Connection error occurred sending JSON notification to acme.example.", said])
    assert found.startswith(told)
    assert found.endswith(".")
    assert "PRIVATE" not in found


def test_without_a_word_it_is_not_known() -> None:
    assert reason([]) == UNKNOWN


@given(st.lists(st.text(st.characters(exclude_characters="0123456789")).map("PRIVATE{}".format)))
def test_nothing_that_was_said_is_told(said: list[str]) -> None:
    assert "PRIVATE" not in reason(said)
