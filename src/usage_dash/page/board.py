"""The board: all that the answers of one dashboard are made from."""

from __future__ import annotations

from dataclasses import dataclass, field

from usage_dash.alerts.watch import NoWatch, Watcher
from usage_dash.billing.reader import BillAsker, NoBill
from usage_dash.checks.checks import Checks
from usage_dash.money.outlook import Outlook
from usage_dash.page.links import Links
from usage_dash.prices.price_list import PriceList
from usage_dash.reporting.dashboard import Reports
from usage_dash.repository.base import Source
from usage_dash.settings.currencies import Currency
from usage_dash.sync.names import Names, NoNames
from usage_dash.sync.sync import Sync


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard's source, its sync, its reports, checks and budgets; pages ask every `refresh_seconds`.

    `links` lead around. Costs are shown in `currency` as well; `names` is told who is shown. `bill` reads what OpenAI
    billed, and `prices` tell what other models would cost. `watch` tells whoever is to be told.
    """

    source: Source
    sync: Sync
    reports: Reports
    checks: Checks
    outlook: Outlook
    refresh_seconds: float
    links: Links = field(default_factory=Links)
    currency: Currency | None = None
    names: Names = field(default_factory=NoNames)
    bill: BillAsker = field(default_factory=NoBill)
    prices: PriceList = field(default_factory=PriceList)
    watch: Watcher = field(default_factory=NoWatch)

    def close(self) -> None:
        """Wait for the sync and the look-up under way, then let go of the sources and the ledger."""
        self.watch.close()
        self.sync.close()
        self.names.close()
        self.bill.close()
        self.reports.close()
