"""A source of users' names in memory, which can be told to fail or to wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from usage_dash.documents.people import Name, name_of
from usage_dash.repository.names import LookedUp

Account = tuple[object, object]  # a name and an e-mail address, of whatever kind people's data has


class MemoryNames:
    """Accounts by user id. Each look-up is noted in `calls`; `before`, called first, may block or raise."""

    def __init__(self, accounts: dict[str, Account] | None = None, *, batch: int = 300) -> None:
        self.accounts = accounts if accounts is not None else {}
        self.batch = batch
        self.identity = "memory"
        self.calls: list[tuple[str, ...]] = []
        self.closed = False
        self.before: Callable[[Sequence[str]], None] = lambda _ids: None

    @property
    def asked(self) -> list[str]:
        """All ids that were looked up, in order."""
        return [user_id for call in self.calls for user_id in call]

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        self.calls.append(tuple(ids))
        self.before(ids)
        names: dict[str, Name] = {each: name_of(*self.accounts[each]) for each in ids if each in self.accounts}
        return LookedUp(names, queries=1, reads=len(ids))

    def close(self) -> None:
        self.closed = True
