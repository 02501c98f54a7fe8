"""How alerts stand, in plain values: what a page shows of each rule, and of what could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from usage_dash.alerts.findings import RuleState


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """A rule, how it stood when it was judged last, and when an alert of it was `sent` last, if ever."""

    state: RuleState
    sent: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that an address waits for since it was `written`.

    `address` is what people may read of it; `rule` is a rule's name. `problem` is why the last try failed, None before
    the first one. `due` is when it is tried next, None if it was given up after so many `tries`.
    """

    rule: str
    address: str
    written: datetime
    tries: int
    problem: str | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How alerts stand. `judged` is when rules were judged last; `problem` is why they were not since, if that failed.

    `addresses` are what people may read of those who are told. `waiting` has what is tried again, the oldest first,
    `given_up` what is not any more, the latest first.
    """

    addresses: tuple[str, ...]
    every_seconds: float
    judged: datetime | None
    rules: tuple[RuleStanding, ...]
    waiting: tuple[Waiting, ...]
    given_up: tuple[Waiting, ...]
    problem: str | None = None
