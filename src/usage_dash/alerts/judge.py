"""What is true now of each alert rule, of everybody, in one state of the ledger.

The judge remembers nothing of what was told: of a day or a month it finds the same as long as that is looked at, and
whoever remembers tells it once. Days and months are looked at until a week after they ended, so that what happened in
their last minutes is told too, and what arrives late, or after the process was down for up to a week.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from usage_dash.access.viewer import RIGHTS, Role
from usage_dash.alerts.findings import Finding, Judged, Key, RuleState, Ruling, Since
from usage_dash.alerts.of_budgets import budget, forecast, months
from usage_dash.alerts.of_days import unusual
from usage_dash.alerts.of_usage import billed, failing, full, silent
from usage_dash.alerts.of_users import month_of, user_day, user_month
from usage_dash.alerts.places import span_of
from usage_dash.alerts.words import in_words
from usage_dash.checks.checks import Checks
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.money.outlook import Outlook
from usage_dash.reporting.dashboard import Moment, Reports
from usage_dash.reporting.lately import Lately
from usage_dash.reporting.ranges import today as day_of
from usage_dash.reporting.silence import Recorded, recorded
from usage_dash.settings.alert_rules import Rule, RuleName
from usage_dash.settings.budgets import Budgets
from usage_dash.sync.names import Names, NoNames
from usage_dash.sync.state import SyncState
from usage_dash.sync.sync import Sync

# What these say falls or grows while nothing is read, though nothing is so: they are only judged on fresh data.
_OF_FRESH_DATA: Final = frozenset(
    {RuleName.FORECAST, RuleName.UNUSUAL, RuleName.SILENT, RuleName.FULL, RuleName.BILLED}
)
_FAILING: Final = Key(RuleName.FAILING.value, "", "")
_NOT_YET: Final = Ruling("not known yet", unknown=True)


@dataclass(frozen=True, slots=True)
class _OfLedger:
    """What the ledger tells: how its rules stand, when usage was recorded, and the reporting day that this is of."""

    rulings: Mapping[Rule, Ruling]
    recorded: Recorded | None
    today: date


class Judge:
    """Says how the rules of one dashboard stand; what the ledger tells is worked out once for all who ask the same."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        reports: Reports,
        checks: Checks,
        outlook: Outlook,
        sync: Sync,
        *,
        names: Names | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Judge by the `rules` what is in `reports`, by the limits of `checks`; `names` is told who may be named."""
        self.rules = rules
        self._reports = reports
        self._checks = checks
        self._outlook = outlook
        self._sync = sync
        self._names = names or NoNames()
        self._monotonic = monotonic
        self._failed = float("-inf")  # when a sync was last seen to have failed

    def judge(self, since: Since) -> Judged:
        """Return what is true now, and of days and months that ended within a week, if their rule was judged before.

        `since` says when each rule was judged first, by its text. One that is not there is judged for the first time:
        of it only what stands now is found. It is to be noted as judged unless it is among the unknown.
        """
        state, of_ledger = self._sync.state, self._of_ledger()
        self._names.want(user for ruling in of_ledger.rulings.values() for user in ruling.users)
        now = self._reports.stamp(EVERYBODY).now
        found = {rule: self._ruling(rule, of_ledger, state, now, since) for rule in self.rules}
        return Judged(
            findings=tuple(
                finding
                for rule, ruling in found.items()
                for finding in ruling.findings
                if self._is_new_enough(finding, of_ledger.today, since.get(rule.text))
            ),
            unknown=frozenset(rule.name.value for rule, ruling in found.items() if ruling.unknown),
            lingering=frozenset[Key]().union(*(ruling.lingering for ruling in found.values())),
            month=month_of(of_ledger.today),
            at=state.data_time,
            states=tuple(RuleState(rule, in_words(rule), each.now, each.idle) for rule, each in found.items()),
        )

    def _ruling(self, rule: Rule, of_ledger: _OfLedger, state: SyncState, now: datetime, since: Since) -> Ruling:
        if rule.name is RuleName.FAILING:
            return self._failing(rule, state, now, since.get(rule.text))
        found = self._of_usage(rule, of_ledger, state, now)
        if found.idle:
            return found
        if state.data_time is None:
            return _NOT_YET
        is_fresh = state.error is None and self._sync.last_run is not None
        return found if is_fresh or rule.name not in _OF_FRESH_DATA else replace(found, findings=(), unknown=True)

    def _of_usage(self, rule: Rule, of_ledger: _OfLedger, state: SyncState, now: datetime) -> Ruling:
        if rule.name is RuleName.SILENT:
            until = state.data_time and min(state.data_time, now)
            return silent(of_ledger.recorded, until, self._reports.zone, self._checks.rules, rule)
        if rule.name is RuleName.BILLED:
            return billed(self._checks.billed(EVERYBODY, RIGHTS[Role.ADMIN]), now, rule)
        return of_ledger.rulings[rule]

    def _failing(self, rule: Rule, state: SyncState, now: datetime, first: datetime | None) -> Ruling:
        """Return how the syncs go; they go well again once they have for as long as they may fail."""
        found, monotonic = failing(state, self._ago(state, now, first), rule), self._monotonic()
        if state.error is not None:
            self._failed = monotonic
        is_near = monotonic - self._failed < rule.limit
        return replace(found, lingering=frozenset({_FAILING})) if is_near else found

    def _ago(self, state: SyncState, now: datetime, first: datetime | None) -> timedelta | None:
        """Return how long ago a sync went well; where none ever did, when the rule was judged `first`.

        What a former process read is told by its data's time.
        """
        last = state.data_time or first
        known = now - last if last else None
        return known if self._sync.well_since is None else self._sync.well_since

    def _of_ledger(self) -> _OfLedger:
        budgets = self._outlook.budgets

        def work_out() -> _OfLedger:
            with self._reports.moment(EVERYBODY) as moment:
                return _OfLedger(self._by_ledger(moment, budgets), recorded(moment, Lately()), moment.today)

        asked = self._reports.stamp(EVERYBODY).key("alerts", [rule.text for rule in self.rules], budgets.key)
        return self._reports.kept(asked, work_out)

    def _by_ledger(self, moment: Moment, budgets: Budgets) -> dict[Rule, Ruling]:
        """Return how those rules stand of which the ledger alone tells."""
        found = months(moment, budgets)
        asked: dict[RuleName, Callable[[Rule], Ruling]] = {
            RuleName.USER_DAY: partial(user_day, moment),
            RuleName.USER_MONTH: partial(user_month, moment),
            RuleName.BUDGET: partial(budget, found),
            RuleName.FORECAST: partial(forecast, found),
            RuleName.UNUSUAL: partial(unusual, moment, self._outlook.unusual),
            RuleName.FULL: partial(full, moment, self._checks.rules.document_limit),
        }
        return {rule: asked[rule.name](rule) for rule in self.rules if rule.name in asked}

    def _is_new_enough(self, finding: Finding, today: date, first: datetime | None) -> bool:
        """Tell whether a finding's period goes on, or ended after its rule was judged first."""
        if finding.period in {"", today.isoformat(), month_of(today)}:
            return True
        return first is not None and span_of(finding.period)[1] >= day_of(first, self._reports.zone)
