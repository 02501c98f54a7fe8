"""All checks of one dashboard, for whoever asks: page, command line, programs and messages."""

from __future__ import annotations

from dataclasses import replace

from usage_dash.access.viewer import Rights, Viewer
from usage_dash.billing.reader import BillAsker, NoBill
from usage_dash.checks.arriving import usage_arrives
from usage_dash.checks.billed import as_billed
from usage_dash.checks.budgets import allowances_hold, budgets_hold
from usage_dash.checks.check import Check, heaviest_first
from usage_dash.checks.of_ledger import of_ledger
from usage_dash.checks.of_sync import up_to_date
from usage_dash.checks.reading import reading_is_free
from usage_dash.checks.rules import Rules
from usage_dash.checks.usual import days_are_usual
from usage_dash.ledger.scope import Scope
from usage_dash.money.outlook import Outlook
from usage_dash.reporting.billed import Billed, billed
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.lately import Lately
from usage_dash.reporting.silence import Recorded, recorded
from usage_dash.sync.sync import Sync


class Checks:
    """What can be checked of one dashboard; what the ledger tells is worked out once for all who ask the same."""

    def __init__(
        self,
        reports: Reports,
        sync: Sync,
        rules: Rules,
        refresh_seconds: float,
        bill: BillAsker | None = None,
        *,
        outlook: Outlook | None = None,
    ) -> None:
        self._reports = reports
        self._lately = Lately()
        self._sync = sync
        self.rules = rules
        self._refresh_seconds = refresh_seconds
        self._bill = bill or NoBill()
        self._outlook = outlook or Outlook(reports)

    def of(self, scope: Scope, viewer: Viewer) -> tuple[Check, ...]:
        """Return the checks of all that a scope may see, whatever is chosen of it, the heaviest first.

        Only who may see the source is told of it, and only who may see findings which users a check is about.
        """
        rights = viewer.rights
        found, usage = self._of_ledger(scope)
        found += self._of_budgets(scope, viewer)
        now, read_at = self._reports.stamp(scope).now, self._sync.state.data_time
        arrives = usage_arrives(usage, read_at and min(read_at, now), self._reports.zone, self.rules)
        found += (arrives,) if arrives else ()
        if rights.source:
            zone = self._reports.zone
            found += (up_to_date(self._sync.state, self._sync.compared, now, self._refresh_seconds, zone),)
            bill = as_billed(self.billed(scope, rights), now)
            found += (bill,) if bill else ()
            reading = reading_is_free(self._sync.source, self._sync.meter(), now, zone)
            found += (reading,) if reading else ()
        return heaviest_first(found if rights.findings else map(_without_names, found))

    def billed(self, scope: Scope, rights: Rights) -> Billed | None:
        """Return what is recorded beside what OpenAI billed, for who may see the source; None without a key.

        Then it is also time to read the bill anew, if that is an hour ago; what it brings is there the next time.
        """
        if not rights.source or not self._bill.asks:
            return None
        self._bill.want()

        def work_out() -> tuple[Billed | None]:
            with self._reports.moment(scope) as moment:
                return (billed(moment),)

        return self._reports.kept(self._reports.stamp(scope).key("billed", self._bill.told), work_out)[0]

    def _of_budgets(self, scope: Scope, viewer: Viewer) -> tuple[Check, ...]:
        """Return how budgets and allowances stand, which the outlook keeps."""
        standings, near = self._outlook.standings(scope, viewer), self._outlook.near(scope)
        return tuple(check for check in (budgets_hold(standings), allowances_hold(near)) if check)

    def _of_ledger(self, scope: Scope) -> tuple[tuple[Check, ...], Recorded | None]:
        """Return what the ledger alone tells, and what has to be held against the time of the last sync."""

        def work_out() -> tuple[tuple[Check, ...], Recorded | None]:
            with self._reports.moment(scope) as moment:
                usual = days_are_usual(moment, self._outlook.unusual)
                found = of_ledger(moment, self.rules, self._lately)
                return found + ((usual,) if usual else ()), recorded(moment, self._lately)

        return self._reports.kept(self._reports.stamp(scope).key("checks"), work_out)


def _without_names(check: Check) -> Check:
    return replace(check, users=(), others=check.concerned, table=None)
