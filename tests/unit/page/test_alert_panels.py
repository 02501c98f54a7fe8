"""Alerts on the page of trust: how each rule stands, whom it told, and where all that is set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from plotly.io.json import to_json_plotly
from tests.fakes import SOURCE, MemoryRepository
from tests.integration.page_client import text
from tests.unit.builders import batch, document, item

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.alerts.findings import RuleState
from usage_dash.alerts.standing import RuleStanding, Standing, Waiting
from usage_dash.alerts.watch import NoWatch, Watcher
from usage_dash.checks.checks import Checks
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.money.outlook import Outlook
from usage_dash.page.answer import answer
from usage_dash.page.board import Board
from usage_dash.page.components.alert_panels import alert_panels
from usage_dash.page.components.times import Clock
from usage_dash.page.request import parse
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.repository.base import Source
from usage_dash.settings.alert_rules import Rule, RuleName
from usage_dash.sync.state import Phase, SyncState
from usage_dash.sync.sync import Sync

NOW = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
CLOCK = Clock(NOW, ZoneInfo("UTC"))
BUDGET = Rule(RuleName.BUDGET, (80.0,), "budget=80")
SILENT = Rule(RuleName.SILENT, (21_600.0,), "silent=6h")
FORECAST = Rule(RuleName.FORECAST, (), "forecast")
STANDING = Standing(
    ("slack #costs", "mailto ops@acme.example"),
    300.0,
    NOW,
    (
        RuleStanding(RuleState(BUDGET, "A budget reaches 80%", "85% of $1,850"), NOW - timedelta(days=1)),
        RuleStanding(RuleState(SILENT, "Nothing is recorded for 6 hours", "51 s"), None),
        RuleStanding(RuleState(FORECAST, "The forecast passes a budget", "", "No budget is set"), None),
    ),
    (),
    (),
)
LATE = Waiting("budget", "mailto ops@acme.example", NOW - timedelta(hours=5), 3, "Refused.", NOW)


def drawn(standing: Standing | None, source: Source = SOURCE) -> Any:
    return json.loads(to_json_plotly(alert_panels(standing, source, CLOCK)))


def parts(component: Any, kind: str) -> Iterator[Any]:
    """All elements of a kind."""
    for each in component if isinstance(component, list) else [component]:
        if isinstance(each, dict):
            if each["type"] == kind:
                yield each
            else:
                yield from parts(each["props"].get("children"), kind)


def rows(standing: Standing) -> list[list[str]]:
    (body,) = parts(drawn(standing), "Tbody")
    return [[text(cell) for cell in row["props"]["children"]] for row in body["props"]["children"]]


def test_each_rule_says_how_near_it_is_and_whom_it_told() -> None:
    assert rows(STANDING) == [
        ["A budget reaches 80%", "85% of $1,850", "24 Nov, 14:02", "Delivered"],
        ["Nothing is recorded for 6 hours", "51 s", "never", "–"],
        ["The forecast passes a budget", "No budget is set", "never", "–"],
    ]
    assert "3 rules, looked at every 5 min" in text(drawn(STANDING))


@pytest.mark.parametrize(
    ("waiting", "given_up", "said"),
    [
        ([LATE], [], "1 of 2 delivered"),
        ([LATE, LATE], [], "1 of 2 delivered"),
        ([LATE], [replace(LATE, address="slack #costs", due=None)], "0 of 2 delivered"),
        ([], [replace(LATE, due=None, written=NOW - timedelta(days=8))], "Delivered"),
        ([replace(LATE, problem=None, tries=0)], [], "Waiting"),
        ([replace(LATE, rule="silent")], [], "Delivered"),
    ],
)
def test_it_says_how_many_were_reached(waiting: list[Waiting], given_up: list[Waiting], said: str) -> None:
    assert rows(replace(STANDING, waiting=tuple(waiting), given_up=tuple(given_up)))[0][3] == said


def test_the_settings_stand_beside_with_the_command_that_tries_them() -> None:
    said = text(drawn(STANDING))
    for part in ("USAGE_DASH_ALERTS", "slack #costs", "mailto ops@acme.example", "budget=80, silent=6h, forecast"):
        assert part in said
    (command,) = parts(drawn(STANDING), "Pre")
    assert text(command) == "usage-dash alerts test"


def test_where_nobody_is_told_it_says_how_to_change_that() -> None:
    assert text(drawn(None)) == "AlertsNobody is told. Set USAGE_DASH_ALERTS."
    assert "Of sample data nobody is told" in text(drawn(None, replace(SOURCE, sample=True)))


@dataclass
class Watched:
    """A watch that stands as it is said to."""

    stands: Standing

    def start(self) -> None:
        pass

    def standing(self, *, rules: bool = True) -> Standing:
        return self.stands if rules else replace(self.stands, rules=())

    def tally(self) -> None:
        return None

    def close(self) -> None:
        pass


def answered(
    watch: Watcher, viewer: Viewer, scope: Scope = EVERYBODY, held: dict[str, str] | None = None, at: str = "trust"
) -> Any:
    """What a browser is sent, on the page of trust unless it is elsewhere."""
    with closing(Ledger(SOURCE.identity, ZoneInfo("UTC"))) as ledger:
        ledger.apply(batch(document("ada", item(), size=1_000)))
        sync, reports = Sync(MemoryRepository(), ledger), Reports(ledger, ViewCache(), lambda: NOW)
        checks = Checks(reports, sync, Rules(), 30)
        board = Board(SOURCE, sync, reports, checks, Outlook(reports), 30, watch=watch)
        asked = parse(Admitted(viewer, scope), {"at": at}, reports.today)
        found = answer(board, SyncState(Phase.LIVE, 1, data_time=NOW), asked, held or {})
        return json.loads(orjson.dumps(found))


def test_only_who_may_see_the_source_sees_them() -> None:
    late = replace(STANDING, waiting=(LATE,))
    admin = answered(Watched(late), Viewer.admin())
    assert "mailto ops@acme.example" in text(admin["alerts"])
    assert "The alert to mailto ops@acme.example was not delivered" in text(admin["checks"])
    assert "Nobody is told" in text(answered(NoWatch(), Viewer.admin())["alerts"])
    lead = answered(Watched(late), Viewer.lead(["Support"]), Scope(frozenset({"ada"})))
    assert lead["alerts"] == []
    assert "acme" not in json.dumps(lead)


def test_an_alert_that_was_not_delivered_counts_in_the_badge() -> None:
    def badge(standing: Standing, at: str) -> str:
        return text(answered(Watched(standing), Viewer.admin(), at=at)["pages"]).removeprefix("OverviewTrust")

    for at in ("", "trust"):
        assert badge(STANDING, at) == ""
        assert badge(replace(STANDING, waiting=(LATE,)), at).startswith("1")


def test_a_good_check_says_when_somebody_is_told() -> None:
    full = RuleState(Rule(RuleName.FULL, (), "full"), "A document is nearly full", "2%")
    standing = replace(STANDING, rules=(RuleStanding(full, None),))
    told = "When you are toldA document is nearly full."
    assert told in text(answered(Watched(standing), Viewer.admin())["checks"])
    assert "When you are told" not in text(answered(NoWatch(), Viewer.admin())["checks"])


def test_a_look_that_finds_the_same_is_not_sent_again() -> None:
    held = answered(Watched(STANDING), Viewer.admin())["held"]
    again = replace(STANDING, judged=NOW + timedelta(minutes=5))
    assert "alerts" not in answered(Watched(again), Viewer.admin(), held=held)
    assert "alerts" in answered(Watched(replace(STANDING, waiting=(LATE,))), Viewer.admin(), held=held)
