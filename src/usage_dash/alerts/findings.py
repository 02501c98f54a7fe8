"""What is true now of the alert rules: findings, each an event that is told once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from usage_dash.settings.alert_rules import Rule, RuleName

LASTING: Final = frozenset({RuleName.FORECAST, RuleName.SILENT, RuleName.FAILING, RuleName.FULL, RuleName.BILLED})


class Key(NamedTuple):
    """By which an event is known again.

    `rule` is the name of a rule, whatever its limits are. `period` is the reporting day, 2026-11-26, or the month,
    2026-11, of which it is true; empty for what is true until it is over. `subject` is a user's id, or whatever else
    tells events of one rule and period apart.
    """

    rule: str
    period: str
    subject: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One event: somebody or something, `subject`, is over a rule's limit, in a `period`; see `Key`.

    `line` says it in a line of plain text that is fit for a message: “Anna Petrov – $61.20”. `todo` is what to do,
    where that is not the same for all of the rule.
    """

    rule: RuleName
    period: str
    subject: str
    line: str
    todo: str = ""

    @property
    def key(self) -> Key:
        """By which it is known again."""
        return Key(self.rule.value, self.period, self.subject)


@dataclass(frozen=True, slots=True)
class Ruling:
    """How one rule stands: its findings, and `now`, how near it is (“highest $18.40”, “85% of $1,850”).

    `lingering` are events that would not be told anew, but are not over either: so close to a limit that there an event
    would be told again and again. A rule that cannot be true says why not, `idle`. Of one that is `unknown` nothing
    is over. `users` are ids of those whom it names, or may name soon.
    """

    now: str
    findings: tuple[Finding, ...] = ()
    lingering: frozenset[Key] = frozenset()
    idle: str = ""
    unknown: bool = False
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleState:
    """How near a rule is: the rule in words (“A user costs more than $50 a day”), and how it stands `now`.

    A rule that cannot be true says why not: `idle` (“No budget is set: USAGE_DASH_BUDGETS”).
    """

    rule: Rule
    words: str
    now: str
    idle: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is true now, by data of the time `at`; None before the first sync.

    `unknown` are names of rules that cannot be judged now; see `Ruling`. `month` is the reporting month, 2026-11.
    `states` has each rule, in the settings' order.
    """

    findings: tuple[Finding, ...]
    unknown: frozenset[str]
    lingering: frozenset[Key]
    month: str
    at: datetime | None
    states: tuple[RuleState, ...]

    def is_over(self, key: Key) -> bool:
        """Tell whether an event that was told is over, and that is worth a message.

        What is true of a day or a past month stays true. Of what is unknown, or whose rule was taken away, nothing is
        over.
        """
        names = {state.rule.name.value for state in self.states if not state.idle} - self.unknown
        if key.rule not in names or key.rule not in LASTING or key.period not in {"", self.month}:
            return False
        return key not in self.lingering and all(key != finding.key for finding in self.findings)


Since = Mapping[str, datetime]
"""When each rule was judged first, by its `text`; one that is not there is judged for the first time."""
