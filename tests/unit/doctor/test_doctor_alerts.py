"""Who is told, and by what budgets, as the doctor tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.doctor.seeing import HEROKU, RENDER, setup, state_of

from usage_dash.checks.check import State
from usage_dash.doctor import alerts

PRIVATE = "TIiajkdnlazkcOXrIdevi7FQ"
SLACK = f"slack://T1JJ3T3L2/A1BRTD4JD/{PRIVATE}/#alerts"


def _title(*addresses: str) -> str:
    check = alerts.alerts(setup(alerts=" ".join(addresses)))
    assert check is not None
    return check.title


def test_nobody_is_told_unless_somebody_wants_it() -> None:
    assert state_of(alerts.alerts(setup())) is State.GOOD
    assert alerts.alerts(setup(alerts=SLACK, chosen_source="demo")) is None


def test_who_is_told_is_named_without_secrets() -> None:
    many = [f"json://{name}.example/{PRIVATE}" for name in "abcdefg"]
    assert _title(SLACK, "mailto://bot@acme.example") == "Alerts go to slack #alerts, mailto bot@acme.example"
    assert _title(*many).endswith("json d.example, json e.example and 2 more")


@pytest.mark.parametrize(
    ("environ", "settings", "state", "words"),
    [
        ({}, {"ledger_file": True}, State.GOOD, ""),
        ({}, {}, State.LOOK, "Set USAGE_DASH_LEDGER"),
        (RENDER, {"ledger_file": True}, State.LOOK, "sleeps"),
        (HEROKU, {}, State.LOOK, "told again"),
    ],
)
def test_what_is_forgotten_at_a_restart_is_told(
    environ: dict[str, str], settings: dict[str, Any], state: State, words: str, tmp_path: Path
) -> None:
    kept = {"ledger_file": tmp_path / "usage.duckdb"} if settings else {}
    check = alerts.alerts(setup(environ, alerts=SLACK, **kept))
    assert state_of(check) is state
    assert check is not None
    assert words in check.todo
    assert "By 7 rules, every 5 minutes" in check.detail


def test_each_minute_is_told_as_one() -> None:
    check = alerts.alerts(setup(alerts=SLACK, alert_minutes=1))
    assert check is not None
    assert check.detail == "By 7 rules, every minute"


def test_without_an_address_of_the_page_there_are_no_links(tmp_path: Path) -> None:
    def detail(**more: str) -> str:
        check = alerts.alerts(setup(alerts=SLACK, ledger_file=tmp_path / "usage.duckdb", **more))
        assert check is not None
        return check.detail

    assert "without links" in detail()
    assert "without links" not in detail(url="https://usage.acme.example/")


def test_budgets_are_told() -> None:
    check = alerts.budgets(setup(budgets="month=2500, team:Support=400, user=20, user:anna=100"))
    assert state_of(check) is State.GOOD
    assert check is not None
    told = "There are budgets: $2,500.00 a month for all, for 1 team, $20.00 for each user, others for 1 user"
    assert check.title == told
    assert alerts.budgets(setup()) is None


def test_a_budgets_file_that_went_away_is_told(tmp_path: Path) -> None:
    file = tmp_path / "budgets.yaml"
    file.write_text("month: 2500\n")
    gone = setup(budgets=str(file))
    file.unlink()
    assert state_of(alerts.budgets(gone)) is State.ACT
