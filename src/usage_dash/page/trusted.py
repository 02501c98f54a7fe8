"""How far the figures can be trusted, as it is told: by a badge on all pages, and on a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from usage_dash.alerts.standing import Standing
from usage_dash.alerts.undelivered import undelivered
from usage_dash.alerts.unjudged import unjudged
from usage_dash.alerts.when_told import when_told
from usage_dash.checks.check import Check, heaviest_first
from usage_dash.page.board import Board
from usage_dash.page.request import Asked
from usage_dash.reporting import trust
from usage_dash.reporting.billed import Billed
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.names import names_of
from usage_dash.reporting.trust_models import Trust

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Trusted:
    """The checks of all that a viewer may see; on the page of trust, what else is told there.

    `names` are those of users whom checks are about. `counted` compares counters with entries, and `billed` what is
    recorded with OpenAI's bill. `is_asked` says whether there is a key to ask for that; None for who may not see it.
    `alerts` are how these stand, None where nobody is told any; who may not see them has no `sees_alerts`.
    """

    checks: tuple[Check, ...]
    names: dict[str, str] = field(default_factory=dict)
    counted: Trust | None = None
    billed: Billed | None = None
    is_asked: bool | None = None
    alerts: Standing | None = None
    sees_alerts: bool = False

    @property
    def pressing(self) -> int:
        """How many checks somebody is to do something about."""
        return sum(check.is_pressing for check in self.checks)

    @property
    def told_when(self) -> Mapping[str, str]:
        """When somebody is told, by the keys of checks."""
        return when_told(self.alerts) if self.alerts else {}

    @property
    def told(self) -> tuple[object, ...]:
        """All of it but ages, which go on by themselves."""
        checks = [replace(check, figure="") if check.since else check for check in self.checks]
        alerts = self.alerts and replace(self.alerts, judged=None)
        return checks, sorted(self.names.items()), self.counted, self.billed, self.is_asked, alerts


def trusted(board: Board, asked: Asked) -> Trusted:
    """Return how far the figures can be trusted that who asks may see; whatever is chosen of them."""
    who, rights = asked.who, asked.who.viewer.rights
    stamp = board.reports.stamp(who.scope)
    alerts = board.watch.standing(rules=asked.trust) if rights.source else None
    of_alerts = [check(alerts, stamp.now, stamp.zone) for check in (undelivered, unjudged)] if alerts else []
    checks = heaviest_first([*board.checks.of(who.scope, who.viewer), *filter(None, of_alerts)])
    if not asked.trust or not stamp.documents:
        return Trusted(checks)
    concerned = sorted({user.user_id for check in checks for user in check.users})
    board.names.want(concerned)
    return Trusted(
        checks,
        _kept(board, asked, "names of concerned", concerned, lambda moment: names_of(moment, concerned)),
        _kept(board, asked, "counted", (), trust.trust),
        board.checks.billed(who.scope, rights),
        is_asked=board.bill.asks if rights.source else None,
        alerts=alerts,
        sees_alerts=rights.source,
    )


def _kept(board: Board, asked: Asked, name: str, about: object, question: Callable[[Moment], _T]) -> _T:
    """Return the answer to a question about all that who asks may see."""
    scope = asked.who.scope

    def ask() -> _T:
        with board.reports.moment(scope) as moment:
            return question(moment)

    return board.reports.kept(board.reports.stamp(scope).key(name, about), ask)
