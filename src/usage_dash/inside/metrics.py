"""Metrics of one dashboard for Prometheus, in a registry of their own.

What is counted elsewhere is collected when it is asked for. That reads nothing of the source, and of the ledger no more
than its size, and what each model cost and how the budget stands, where that may have changed. Nobody and nothing that
belongs to somebody is in a label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from usage_dash import __version__
from usage_dash.access.viewer import Viewer
from usage_dash.inside.alert_tally import AlertTally
from usage_dash.inside.spend import Spend
from usage_dash.ledger.ledger import TooMuchError
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.money.budgets import Kind, Standing
from usage_dash.money.outlook import Outlook
from usage_dash.reporting.dashboard import Reports
from usage_dash.sync.run import FAILURES, WELL
from usage_dash.sync.state import SyncState
from usage_dash.sync.sync import Sync

Alerts = Callable[[], AlertTally | None]  # None where nobody is to be told

KINDS: Final = ("page", "api", "export")  # of answers
_ANSWERS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
_SYNCS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Metrics:
    """What can be scraped of one dashboard; `asks_bill`: it reads what OpenAI billed. `alerts` tells of alerts."""

    def __init__(
        self, sync: Sync, reports: Reports, outlook: Outlook, *, asks_bill: bool, alerts: Alerts = lambda: None
    ) -> None:
        self._registry = CollectorRegistry()
        self._sync = sync
        ProcessCollector(registry=self._registry)
        Info("usage_dash_build", "Which version serves.", registry=self._registry).info({"version": __version__})
        self._answers = Histogram(
            "usage_dash_answer_duration_seconds",
            "Seconds until an answer to somebody who was let in begins to be sent.",
            ["kind"],
            buckets=_ANSWERS,
            registry=self._registry,
        )
        self._failed = Counter(
            "usage_dash_answer_failures", "Such answers that say that it failed.", ["kind"], registry=self._registry
        )
        self._syncs = Histogram(
            "usage_dash_sync_duration_seconds", "Seconds that a sync took.", buckets=_SYNCS, registry=self._registry
        )
        self._failures = Counter(
            "usage_dash_sync_failures", "Syncs that failed, by why.", ["kind"], registry=self._registry
        )
        for kind in KINDS:
            self._answers.labels(kind)
            self._failed.labels(kind)
        for kind in FAILURES:
            self._failures.labels(kind)
        self._registry.register(_Collected(sync, reports, outlook, alerts, asks_bill=asks_bill))
        sync.after(self._synced)

    def answered(self, kind: str, seconds: float, *, failed: bool) -> None:
        """Count an answer of one of `KINDS`."""
        self._answers.labels(kind).observe(seconds)
        if failed:
            self._failed.labels(kind).inc()

    def scraped(self, accept: str) -> tuple[bytes, str]:
        """Return all metrics in the format that an Accept header asks for, and that format's media type."""
        try:
            encode, media_type = choose_encoder(accept)
        except TypeError:  # a version that is no number
            encode, media_type = choose_encoder("")
        return encode(self._registry), media_type

    def _synced(self, _state: SyncState) -> None:
        run = self._sync.last_run
        if run is not None:
            self._syncs.observe(run.seconds)
            if run.outcome != WELL:
                self._failures.labels(run.outcome).inc()


class _Collected(Collector):
    """Asks for what is counted elsewhere."""

    def __init__(self, sync: Sync, reports: Reports, outlook: Outlook, alerts: Alerts, *, asks_bill: bool) -> None:
        self._sync = sync
        self._outlook = outlook
        self._reports = reports
        self._alerts = alerts
        self._asks_bill = asks_bill
        self._spend = Spend(reports)

    def collect(self) -> Iterator[Metric]:
        """Return it, as it is now; what is not known is left out."""
        yield from self._data()
        yield from self._read()
        yield from self._ledger()
        yield from self._cache()
        yield from self._bill()
        yield from self._deliveries()
        yield from self._budget()
        yield self._costs()

    def _data(self) -> Iterator[Metric]:
        state, documents = self._sync.state, self._reports.stamp(EVERYBODY).documents
        as_of = None if state.data_time is None else state.data_time.timestamp()
        yield _gauge("data_timestamp_seconds", "When the data was complete, in seconds since 1970.", as_of)
        yield _gauge("sync_failing", "1 while the last sync has failed, else 0.", float(state.error is not None))
        yield _gauge("documents", "Usage documents in the ledger.", documents)

    def _read(self) -> Iterator[Metric]:
        read = self._sync.totals()
        yield _counter("reads", "Documents read, as Firestore bills them.", read.reads)
        yield _counter(
            "naive_reads", "What reading everything for each viewer at each refresh would have read.", read.naive
        )
        yield _counter("queries", "Queries made to the source.", read.queries)
        yield _counter("read_bytes", "Bytes that the source sent.", read.wire_bytes)

    def _ledger(self) -> Iterator[Metric]:
        size = self._reports.ledger_size()
        yield _gauge("ledger_memory_bytes", "Memory that the ledger takes.", size.memory)
        yield _gauge("ledger_disk_bytes", "Size of the ledger's file; none where it is in memory.", size.disk)

    def _cache(self) -> Iterator[Metric]:
        tally = self._reports.cache_tally()
        yield _counter("cache_hits", "Results of queries that were known already.", tally.hits)
        yield _counter("cache_misses", "Results of queries that were worked out.", tally.misses)
        yield _counter("cache_evictions", "Results that went to make room for others.", tally.evictions)
        yield _gauge("cache_bytes", "Memory that kept results take, about.", tally.octets)

    def _bill(self) -> Iterator[Metric]:
        ask = self._reports.last_ask() if self._asks_bill else None
        if ask:
            asked, failing = ask.asked.timestamp(), float(ask.problem is not None)
            yield _gauge("bill_asked_timestamp_seconds", "When OpenAI's bill was asked for last.", asked)
            yield _gauge("bill_failing", "1 while the last try to read OpenAI's bill has failed, else 0.", failing)

    def _deliveries(self) -> Iterator[Metric]:
        tally = self._alerts()
        if tally:
            yield _counter("alerts_delivered", "Alerts that an address took.", tally.sent)
            yield _counter("alert_failures", "Tries to deliver an alert that failed.", tally.failed)
            yield _gauge("alerts_waiting", "Alerts that an address waits for.", tally.waiting)
            judged = None if tally.judged is None else tally.judged.timestamp()
            yield _gauge("alerts_judged_timestamp_seconds", "When the alert rules were judged last.", judged)

    def _budget(self) -> Iterator[Metric]:
        """Tell of everybody's budget; none where there is too little memory to ask, as of what models cost."""
        found: tuple[Standing, ...] = ()
        with suppress(TooMuchError):
            found = self._outlook.standings(EVERYBODY, Viewer.viewer())
        for each in found:
            if each.kind is Kind.MONTH:
                expected = each.forecast.month.least if each.forecast else None
                yield _gauge("budget_dollars", "What may be spent this month.", each.limit)
                yield _gauge("budget_spent_dollars", "What was spent of it, as far as is known.", each.spent.least)
                yield _gauge("budget_forecast_dollars", "What the month is expected to cost at least.", expected)

    def _costs(self) -> Metric:
        found = GaugeMetricFamily(
            "usage_dash_model_cost_dollars",
            "What each model cost, all-time, as far as that is known.",
            labels=["model"],
        )
        for model, dollars in self._spend.by_model().items():
            found.add_metric([model], dollars)
        return found


def _gauge(name: str, told: str, value: float | None) -> Metric:
    return GaugeMetricFamily(f"usage_dash_{name}", told, value)


def _counter(name: str, told: str, value: float) -> Metric:
    return CounterMetricFamily(f"usage_dash_{name}", told, value)
