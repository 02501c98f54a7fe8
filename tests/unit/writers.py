"""Those who write usage documents: the chatbot, with clocks that run wrong, and people who edit, spoil and delete."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from tests.fakes import MemoryRepository

Entries = list[dict[str, Any]]

TICK = timedelta(milliseconds=1)  # no two writes happen at the same time
IDS = [f"{letter}{number}" for number in range(6) for letter in ("Z", "é", "\uffee", "\U0001f600")]
WAYS = ["create", "create_undated", "update", "update", "trim", "edit", "take_out", "recount", "spoil", "delete"]

_SKEWS = [sign * seconds for sign in (-1, 1) for seconds in (0, 3, 60, 3600, 86_400, 3 * 365 * 86_400)]
_UNDATED = [None, "2026-03-02T09:00:00Z", 1_772_442_030, False]
_JUNK: list[object] = [None, "12", "many", float("nan"), -3, [], {"a": 1}]


class Writers:
    """Each of the `WAYS` of writing is a method; `chance` decides what is left open.

    `written` tells when each document was last written or deleted, and `stamped` which of them last got the
    server's own timestamp.
    """

    def __init__(self, source: MemoryRepository) -> None:
        self.source = source
        self.written: dict[str, datetime] = {}
        self.stamped: set[str] = set()
        self._entries = 0

    def write(self, way: str, chance: random.Random) -> None:
        getattr(self, way if self.source.documents else "create")(chance)

    def fill(self, count: int) -> None:
        for user in IDS[:count]:
            self._put(user, _dated(self.source.clock - timedelta(days=30), [self._entry()]))

    def create(self, chance: random.Random) -> None:
        """A first write, dated by a client's clock; over an old document it is an edit that may hide."""
        date = self.source.clock + timedelta(seconds=chance.choice(_SKEWS))
        self._put(chance.choice(IDS), _dated(date, [self._entry()]))

    def create_undated(self, chance: random.Random) -> None:
        self._put(chance.choice(IDS), _dated(chance.choice(_UNDATED), [self._entry()]))

    def update(self, chance: random.Random) -> None:
        user, entries = self._some(chance)
        self._stamp(user, [*entries, self._entry()])

    def trim(self, chance: random.Random) -> None:
        user, entries = self._some(chance)
        self._stamp(user, [*entries[chance.randint(1, 4) :], self._entry()])

    def edit(self, chance: random.Random) -> None:
        user, entries = self._some(chance)
        if entries:
            chance.choice(entries)["costUsd"] += 0.5
            self._change(user, entries, chance)

    def take_out(self, chance: random.Random) -> None:
        user, entries = self._some(chance)
        if entries:
            entries.remove(chance.choice(entries))
            self._change(user, entries, chance)

    def recount(self, chance: random.Random) -> None:
        """An edit by hand, behind the chatbot's back: another count, and the date as it was."""
        user, entries = self._some(chance)
        self._put(user, {**self.source.documents[user], "totalCalls": len(entries) + chance.choice([-1, 1, 9])})

    def spoil(self, chance: random.Random) -> None:
        user, _ = self._some(chance)
        name = chance.choice(["totalCalls", "totalCostUsd", "recentUsage"])
        self._put(user, {**self.source.documents[user], name: chance.choice(_JUNK)})

    def delete(self, chance: random.Random) -> None:
        user, _ = self._some(chance)
        del self.source.documents[user]
        self._note(user)

    def _some(self, chance: random.Random) -> tuple[str, Entries]:
        """Some user, and a copy of the entries of its document."""
        user = chance.choice(sorted(self.source.documents))
        entries = self.source.documents[user]["recentUsage"]
        return user, [dict(entry) for entry in entries] if isinstance(entries, list) else []

    def _entry(self) -> dict[str, Any]:
        self._entries += 1
        at = self.source.clock - timedelta(minutes=self._entries % 3)
        return {"timestamp": at, "model": f"m{self._entries % 2}", "costUsd": self._entries / 8, "calls": 1}

    def _change(self, user: str, entries: Entries, chance: random.Random) -> None:
        """Write as the chatbot does, or behind its back."""
        if chance.random() < 0.5:
            self._stamp(user, entries)
        else:
            self._put(user, {**self.source.documents[user], **_usage(entries)})

    def _stamp(self, user: str, entries: Entries) -> None:
        """An update as the chatbot's: `lastUpdated` is the server's timestamp."""
        self.source.clock += TICK
        self._put(user, {**self.source.documents[user], **_dated(self.source.clock, entries)})
        self.stamped.add(user)

    def _put(self, user: str, raw: dict[str, Any]) -> None:
        self.source.documents[user] = raw
        self._note(user)

    def _note(self, user: str) -> None:
        self.source.clock += TICK
        self.written[user] = self.source.clock
        self.stamped.discard(user)


def _usage(entries: Entries) -> dict[str, Any]:
    return {
        "totalCalls": len(entries),
        "totalTokens": 10 * len(entries),
        "totalCostUsd": sum(entry["costUsd"] for entry in entries),
        "recentUsage": entries,
    }


def _dated(date: object, entries: Entries) -> dict[str, Any]:
    return {**_usage(entries), "lastUpdated": date}
