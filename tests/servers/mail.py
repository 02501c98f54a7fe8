"""A mail server of this machine that takes mails, or refuses them with a chosen reply."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tests.servers.certificate import certify
from tests.servers.ports import free_port

TAKEN: Final = "250 OK"
_DEADLINE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail that arrived, and for whom."""

    to: tuple[str, ...]
    mail: EmailMessage

    @property
    def body(self) -> str:
        """Its text."""
        part = self.mail.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


@dataclass
class MailServer:
    """Takes mails in a `with`; `mailed` has those that arrived.

    `to_recipients` is its reply to a recipient, by address, and `to_mail` the one to a mail. With a `login` nobody else
    is let in; with a `certificate`, the folder for one, it offers encryption. While it is not `awake`, mails wait.
    """

    login: tuple[str, str] | None = None
    certificate: Path | None = None
    to_recipients: dict[str, str] = field(default_factory=dict)
    to_mail: str = TAKEN
    port: int = field(default_factory=free_port)
    mailed: list[Mailed] = field(default_factory=list)
    awake: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.awake.set()
        self._changed = threading.Condition()
        self._controller: Controller | None = None

    def wait(self, count: int) -> list[Mailed]:
        """Wait until so many mails have arrived, and return them."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.mailed) >= count, _DEADLINE), f"{count} never arrived"
            return list(self.mailed)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = self.to_recipients.get(address, TAKEN)
        if self.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if reply == TAKEN:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(  # noqa: N802 - see above
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        await asyncio.to_thread(self.awake.wait, _DEADLINE)
        if self.to_mail == TAKEN:
            content = envelope.content
            assert isinstance(content, bytes)
            mail = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            with self._changed:
                self.mailed.append(Mailed(tuple(envelope.rcpt_tos), mail))
                self._changed.notify_all()
        return self.to_mail

    def __enter__(self) -> Self:
        self._controller = Controller(self, "127.0.0.1", self.port, **self._options())
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._controller is not None
        self.awake.set()
        self._controller.stop()

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self.login:
            options |= {"authenticator": self._let_in, "auth_require_tls": False}
        if self.certificate:
            certify(self.certificate, ["127.0.0.1"])
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate / "certificate.pem", self.certificate / "key.pem")
            options |= {"tls_context": context, "require_starttls": True}
        return options

    def _let_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, said: object) -> AuthResult:
        assert isinstance(said, LoginPassword)
        known = (said.login.decode(), said.password.decode()) == self.login
        return AuthResult(success=known, handled=False)  # the server says it
