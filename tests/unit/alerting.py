"""What the tests of alerts share: who judges, writes and sends by what the test says, and addresses."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import SecretStr
from tests.fakes import DEADLINE

from usage_dash.alerts.findings import Finding, Judged, Key, RuleState, Since
from usage_dash.alerts.messages import Message
from usage_dash.alerts.sender import NotDeliveredError
from usage_dash.settings.alert_addresses import Address
from usage_dash.settings.alert_rules import Rule, RuleName

TODAY, MONTH = "2026-03-02", "2026-03"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = tuple(
    Rule(RuleName(text.partition("=")[0]), (), text) for text in ("user-day=50", "forecast", "silent=6h", "full")
)
SILENT = Finding(RuleName.SILENT, "", "", "Nothing is recorded.")


def address(name: str) -> Address:
    return Address(SecretStr(f"json://secret-{name}@example.org"), f"json {name}", f"digest of {name}")


def user_day(user: str, day: str = TODAY) -> Finding:
    return Finding(RuleName.USER_DAY, day, user, f"{user} – $61.20")


def full(user: str) -> Finding:
    return Finding(RuleName.FULL, "", user, f"{user} – 93%")


class FakeJudge:
    """Finds what the test says."""

    def __init__(self) -> None:
        self.findings: tuple[Finding, ...] = ()
        self.unknown: frozenset[str] = frozenset()
        self.lingering: frozenset[Key] = frozenset()
        self.rules = RULES
        self.at: datetime | None = NOW
        self.since: list[dict[str, datetime]] = []
        self.error: Exception | None = None

    def judge(self, since: Since) -> Judged:
        self.since.append(dict(since))
        if self.error:
            raise self.error
        return self.judged

    @property
    def judged(self) -> Judged:
        states = tuple(RuleState(rule, f"In words: {rule.text}", "now") for rule in self.rules)
        return Judged(self.findings, self.unknown, self.lingering, MONTH, self.at, states)


class FakeComposer:
    """Writes lines of events that tests can read again; each message has an id of its own."""

    def __init__(self, prefix: str = "") -> None:
        self._ids = (f"{prefix}{number}" for number in itertools.count(1))

    def told(self, findings: tuple[Finding, ...], judged: Judged) -> Message:
        lines = sorted(finding.subject for finding in findings)
        return self._message(f"{findings[0].rule} {findings[0].period}".strip(), lines, judged)

    def over(self, keys: tuple[Key, ...], judged: Judged) -> Message:
        return self._message(f"over: {keys[0].rule}", sorted(key.subject for key in keys), judged)

    def _message(self, title: str, lines: Iterable[str], judged: Judged) -> Message:
        return Message(next(self._ids), title, "\n".join((*lines, f"Data as of {judged.at}")), "https://example.org/")


@dataclass
class FakeSender:
    """Notes what it is given; fails for the addresses in `failing`, waits while one in `held` is not let go."""

    sent: list[tuple[str, Message]] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    failing: dict[str, Exception] = field(default_factory=dict)
    held: dict[str, threading.Event] = field(default_factory=dict)
    arrived: threading.Event = field(default_factory=threading.Event)

    def send(self, address: Address, message: Message) -> None:
        self.tries.append(address.short)
        self.arrived.set()
        if address.short in self.held:
            assert self.held[address.short].wait(DEADLINE)
        if address.short in self.failing:
            raise self.failing[address.short]
        self.sent.append((address.short, message))

    def fail(self, who: Address, error: Exception | None = None) -> None:
        self.failing[who.short] = error or NotDeliveredError("It does not answer.")

    def hold(self, who: Address) -> threading.Event:
        self.held[who.short] = threading.Event()
        return self.held[who.short]

    def told(self, who: Address) -> list[str]:
        """The titles of what an address was told, in order, each with those it is about."""
        messages = [message for to, message in self.sent if to == who.short]
        return [" ".join((each.title, *each.body.splitlines()[:-1])).strip() for each in messages]
