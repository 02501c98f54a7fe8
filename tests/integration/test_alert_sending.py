"""Alerts on their way: by webhook and by mail, to servers that take them, and to servers that do not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import pytest
from tests.servers.mail import MailServer
from tests.servers.ports import free_port
from tests.servers.webhook import Fault, Webhook

from usage_dash.alerts.deliver import deliver
from usage_dash.alerts.messages import Message
from usage_dash.alerts.reasons import reason
from usage_dash.alerts.sender import AppriseSender, NotDeliveredError
from usage_dash.settings.alert_addresses import Address, alert_addresses

BODY: Final = "Anna Petrov – $61.20\nZoë – $51.00\n\nhttps://usage.acme.example/trust"
MESSAGE: Final = Message("a1b2c3", "usage-dash: A user costs more than $50 a day", BODY, None)
Refused = Callable[[str], str]
PRIVATE: Final = "TIiajkdnlazkcOXrIdevi7FQ"


def _addresses(url: str) -> tuple[Address, ...]:
    found = alert_addresses(url)
    assert isinstance(found, tuple)
    return found


def _send(url: str, *, which: int = 0, seconds: float = 45) -> None:
    AppriseSender(seconds).send(_addresses(url)[which], MESSAGE)


@pytest.fixture
def refused() -> Iterator[Refused]:
    """Why an address does not take a message, which holds nothing secret; that is tried in this process."""
    logger = logging.getLogger("apprise")
    before = logger.level
    logger.setLevel(logging.DEBUG)

    def refused_by(url: str) -> str:
        [address] = _addresses(url)
        found = deliver({**asdict(MESSAGE), "url": url, "only": address.only})
        assert not found["delivered"]
        told = reason(found["said"])
        assert PRIVATE not in told
        return told

    yield refused_by
    logger.setLevel(before)


def _mail(server: MailServer, recipients: str = "ops@acme.example", options: str = "") -> str:
    return f"mailto://bot:{PRIVATE}@127.0.0.1:{server.port}/{recipients}?from=bot@acme.example{options}"


def test_a_webhook_gets_the_message_and_what_it_is_known_by() -> None:
    with Webhook() as webhook:
        _send(f"{webhook.url}?+X-Key={PRIVATE}")
    [posted] = webhook.posted
    assert posted.path == "/hook"
    assert posted.headers["X-Key"] == PRIVATE
    assert {name: posted.said[name] for name in ("id", "title", "message", "attachments")} == {
        "id": "a1b2c3",
        "title": MESSAGE.title,
        "message": BODY,
        "attachments": [],
    }


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (301, "It leads elsewhere (301), where nothing secret is sent: write the address that it leads to."),
        (403, "It does not let us in (403): a token or a password is wrong, or was taken away."),
        (404, "Nothing takes messages there (404): check the address, or make a new one."),
        (500, "It has failed (500); it is tried again."),
    ],
)
def test_what_a_webhook_answers_is_told(status: int, said: str, refused: Refused) -> None:
    with Webhook() as elsewhere, Webhook(status, {"Location": f"http://127.0.0.1:{elsewhere.port}/"}) as webhook:
        assert refused(f"{webhook.url}/{PRIVATE}") == said
    assert len(webhook.posted) == 1
    assert not elsewhere.posted


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.SILENT, "It takes too long to answer; it is tried again."),
        (Fault.DROPPED, "It ends the connection without an answer; it is tried again."),
    ],
)
def test_what_a_webhook_does_not_answer_is_told(fault: Fault, said: str, refused: Refused) -> None:
    with Webhook(fault=fault) as webhook:
        assert refused(f"{webhook.url}/{PRIVATE}?rto=0.2") == said


@pytest.mark.parametrize(
    ("fault", "said"),
    [(Fault.DRIPPING, "It does not come to an end"), (Fault.ENDLESS, "cannot be understood|come to an end")],
)
def test_an_answer_without_an_end_is_left(fault: Fault, said: str) -> None:
    with Webhook(fault=fault) as webhook, pytest.raises(NotDeliveredError, match=said):
        _send(webhook.url, seconds=2 if fault is Fault.DRIPPING else 30)


def test_nobody_there_is_told(refused: Refused) -> None:
    said = "Nothing answers there: check host and port; it is tried again."
    assert refused(f"json://127.0.0.1:{free_port()}/{PRIVATE}") == said
    assert refused(f"mailto://bot:{PRIVATE}@127.0.0.1:{free_port()}/ops@acme.example?from=bot@acme.example") == said


def test_no_such_host_is_told(refused: Refused) -> None:
    assert refused(f"json://nobody.invalid/{PRIVATE}") == "No machine has its name: check the host."


def test_a_mail_is_plain_text_and_carries_what_it_is_known_by() -> None:
    with MailServer(login=("bot", PRIVATE)) as server:
        _send(_mail(server))
    [mailed] = server.mailed
    assert mailed.to == ("ops@acme.example",)
    assert mailed.mail["Subject"] == MESSAGE.title
    assert mailed.mail["From"] == "bot@acme.example"
    assert (mailed.mail["X-Usage-Dash-Id"], mailed.mail["Auto-Submitted"]) == ("a1b2c3", "auto-generated")
    assert mailed.body.replace("\r\n", "\n").strip() == BODY
    assert mailed.mail.get_content_type() == "text/plain"


def test_a_mail_goes_to_the_one_recipient_that_is_meant() -> None:
    with MailServer(login=("bot", PRIVATE)) as server:
        _send(_mail(server, "ops@acme.example/dev@acme.example", "&cc=boss@acme.example"), which=1)
    assert [mailed.to for mailed in server.mailed] == [("dev@acme.example",)]


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (
            MailServer(login=("bot", "another")),
            "The mail server does not let us in (535): user or password is wrong, or it wants one for programs.",
        ),
        (
            MailServer(to_recipients={"ops@acme.example": "450 4.2.0 Greylisted, try later"}),
            "The mail server asks for another try later (450), which comes by itself.",
        ),
        (
            MailServer(to_mail="451 4.3.0 Busy"),
            "The mail server asks for another try later (451), which comes by itself.",
        ),
        (
            MailServer(to_recipients={"ops@acme.example": "550 5.1.1 Nobody"}),
            "The mail server refuses the message (550): check sender and recipients.",
        ),
    ],
)
def test_what_a_mail_server_replies_is_told(server: MailServer, said: str, refused: Refused) -> None:
    with server:
        url = _mail(server) if server.login else _mail(server).replace(f"bot:{PRIVATE}@", "")
        assert refused(url) == said


def test_a_mail_server_that_takes_too_long_is_told(refused: Refused) -> None:
    server = MailServer()
    server.awake.clear()
    with server:
        url = _mail(server, options="&cto=0.5").replace(f"bot:{PRIVATE}@", "")
        assert refused(url) == "It takes too long to answer; it is tried again."


def test_a_mail_goes_encrypted_to_who_can_be_trusted_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    with MailServer(certificate=tmp_path) as server:
        url = _mail(server).replace("mailto", "mailtos").replace(f"bot:{PRIVATE}@", "")
        assert refused(url).startswith("It has no certificate that this machine trusts.")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        _send(url)
    assert len(server.mailed) == 1


def test_a_server_that_offers_no_encryption_gets_no_password(refused: Refused) -> None:
    with MailServer(login=("bot", PRIVATE)) as server:
        url = _mail(server).replace("mailto", "mailtos")
        assert refused(url).startswith("It does not speak the encryption that it is asked for")
    assert not server.mailed
