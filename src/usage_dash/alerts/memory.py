"""The memory of alerts: which events were told, and which address is still owed what.

It is written before anything is sent, in one transaction with the events that are told from now on; what was delivered
is noted after. So whatever ends the process in between, an alert may be sent once more, and none is lost.
"""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from usage_dash.alerts.findings import Finding, Judged, Key, Since
from usage_dash.alerts.messages import Message
from usage_dash.ledger.alerts import Addressed, Alert, Memo, Owed, Sent, judged_since, owed, received, sent, told_of
from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.settings.alert_addresses import Address

_log = logging.getLogger(__name__)

# How long it is known of a day or a month what was told; judged are five weeks at most.
KEPT: Final = timedelta(days=90)
MOST_TRIES: Final = 28  # of a delivery, which take about a day
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=4), timedelta(hours=1)
_SPREAD: Final = 0.2  # of a delay, so that many dashboards do not come back at once


class Composer(Protocol):
    """Writes messages."""

    def told(self, findings: tuple[Finding, ...], judged: Judged) -> Message:
        """Return what is sent of events of one rule and period."""
        ...

    def over(self, keys: tuple[Key, ...], judged: Judged) -> Message:
        """Return what is sent when events of one rule, told in one alert, are over."""
        ...


class Memory:
    """Who was told what, in the ledger. One thread judges, and any number of others send."""

    def __init__(
        self,
        ledger: Ledger,
        addresses: Iterable[Address],
        composer: Composer,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger
        self._addresses = {address.digest: address for address in addresses}
        self._composer = composer
        self._now = now
        self._using = threading.Lock()  # held while the ledger is written to
        self._closed = False
        self._unmarked: dict[tuple[str, str], datetime] = {}  # delivered, but the ledger could not be told
        self._writes = 0  # to the ledger
        self._known: tuple[int, Sent] | None = None  # after so many of them

    def since(self) -> Since:
        """Return when each rule was judged first, by its text."""
        with self._ledger.reader() as sql:
            return judged_since(sql)

    def take(self, judged: Judged) -> int:
        """Owe each address the alerts that follow from a judging; return how many alerts these are.

        Raises `LedgerError` where that cannot be kept; then nothing of it is owed.
        """
        horizon = judged.at.date() - KEPT if judged.at else date.min
        news = {finding.key: finding for finding in judged.findings if _begins(finding.period) >= horizon.isoformat()}
        periods = {"", judged.month} | {key.period for key in news}
        with self._ledger.reader() as sql:
            told, known = told_of(sql, periods), judged_since(sql)
        over = tuple(Key(*event) for event in told if judged.is_over(Key(*event)))
        fresh = tuple(finding for key, finding in news.items() if key not in told)
        alerts = (*self._told(fresh, judged), *self._over({key: told[key] for key in over}, judged))
        now = self._now()
        names = frozenset(state.rule.name.value for state in judged.states)
        since = _since(known, judged, now)
        self._remember(Memo(alerts, over, names, since, frozenset(self._addresses), horizon, now - KEPT))
        return len(alerts)

    def due(self) -> dict[Address, list[Owed]]:
        """Return what is to be sent now, the oldest first.

        Whatever is due later than any retry is was put off by a clock that was ahead, so it is due now.
        """
        self._mark()
        with self._ledger.reader() as sql:
            waiting = owed(sql)
        now = self._now()
        latest = now + _LAST_RETRY * (1 + _SPREAD)
        found: dict[Address, list[Owed]] = {}
        for each in waiting:
            address = self._addresses.get(each.address)
            unmarked = (each.alert.id, each.address) in self._unmarked
            if address and not unmarked and not now < each.due <= latest:
                found.setdefault(address, []).append(each)
        return found

    def delivered(self, each: Owed) -> None:
        """Note that an address was told. Where the ledger cannot be written, it is noted as soon as it can."""
        self._unmarked[each.alert.id, each.address] = self._now()
        self._mark()

    def not_delivered(self, each: Owed, problem: str) -> datetime | None:
        """Note why an address was not told; return when it is tried again, None if it is not."""
        due = None if each.tries + 1 >= MOST_TRIES else self._now() + _delay(each.tries)
        with self._using:
            if not self._closed:
                try:
                    self._ledger.not_delivered(each.alert.id, each.address, problem, due)
                    self._writes += 1
                except LedgerError as error:
                    _log.warning("That an alert was not delivered cannot be noted: %s", error)
        return due

    def sent(self) -> Sent:
        """Return what was sent, is owed and was given up; pages ask all the time, so the ledger is asked after news."""
        writes, known = self._writes, self._known
        if known is None or known[0] != writes:
            with self._ledger.reader() as sql:
                known = writes, sent(sql)
            self._known = known
        return known[1]

    @property
    def shorts(self) -> tuple[str, ...]:
        """What people may read of the addresses."""
        return tuple(address.short for address in self._addresses.values())

    def short(self, digest: str) -> str | None:
        """Return what people may read of an address, by its digest; None if it is no longer in the settings."""
        address = self._addresses.get(digest)
        return address.short if address else None

    def close(self) -> None:
        """Leave the ledger alone from now on; whatever is delivered later is not noted."""
        with self._using:
            self._closed = True

    def _remember(self, memo: Memo) -> None:
        with self._using:
            if not self._closed:
                self._ledger.remember(memo)
                self._writes += 1

    def _told(self, findings: tuple[Finding, ...], judged: Judged) -> list[Addressed]:
        """Owe everybody the events of each rule and period."""
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in findings:
            groups.setdefault((finding.rule.value, finding.period), []).append(finding)
        found = []
        for (rule, _), each in groups.items():
            alert = self._alert(rule, self._composer.told(tuple(each), judged))
            found.append(Addressed(alert, tuple(finding.key for finding in each), tuple(self._addresses)))
        return found

    def _over(self, over: dict[Key, str], judged: Judged) -> list[Addressed]:
        """Owe it to those who were told, or are to be, that events are over."""
        groups: dict[str, list[Key]] = {}
        for key, alert in over.items():
            groups.setdefault(alert, []).append(key)
        with self._ledger.reader() as sql:
            who = received(sql, groups)
        found = []
        for alert, keys in groups.items():
            if addresses := tuple(digest for digest in self._addresses if digest in who.get(alert, ())):
                message = self._composer.over(tuple(keys), judged)
                found.append(Addressed(self._alert(keys[0].rule, message, follows=alert), (), addresses))
        return found

    def _alert(self, rule: str, message: Message, follows: str | None = None) -> Alert:
        """Return what is kept of a message, with an id of its own: messages of two events may read the same."""
        return Alert(uuid.uuid4().hex, rule, self._now(), message.title, message.body, message.link, follows)

    def _mark(self) -> None:
        """Note what was delivered."""
        with self._using:
            for (alert, address), at in list(self._unmarked.items()):
                if self._closed:
                    return
                try:
                    self._ledger.delivered(alert, address, at)
                    self._writes += 1
                except LedgerError as error:
                    _log.warning("That an alert was delivered cannot be noted yet: %s", error)
                    return
                del self._unmarked[alert, address]


def _since(known: Since, judged: Judged, now: datetime) -> dict[str, datetime]:
    """Return when each of the present rules was judged first; one that is unknown was not judged now."""
    since = {}
    for rule in (state.rule for state in judged.states):
        if rule.text in known:
            since[rule.text] = known[rule.text]
        elif rule.name.value not in judged.unknown:
            since[rule.text] = judged.at or now
    return since


def _begins(period: str) -> str:
    """Return the first day of a day or a month; what has no period never ends."""
    return f"{period}-01"[:10] if period else date.max.isoformat()


def _delay(tries: int) -> timedelta:
    """Return the time until the next try: doubling, and spread."""
    delay = min(_LAST_RETRY, _FIRST_RETRY * (1 << min(tries, 10)))
    return delay * random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311 - jitter is no secret
