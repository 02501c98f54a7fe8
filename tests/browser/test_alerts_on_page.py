"""Alerts on the page of trust, as a browser shows them: a real watch, whose webhook takes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus

import pytest
from flask import Flask
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import EagerClock
from tests.servers.webhook import Webhook

from usage_dash.app import create_dash
from usage_dash.settings import Settings, SourceName

RULES = "user-day=50, budget=50/80/100, silent=6h"
MISSED = "#react-entry-point #check-alerts-are-delivered"
ALERTS = "#react-entry-point #alerts"


@pytest.fixture(scope="module")
def page(serve: Callable[[Flask], Dashboard]) -> Iterator[Dashboard]:
    """A user has just spent $61, and whoever should know cannot be told."""
    source = scenes.repository()
    scenes.use(source, "user-05", 61.0)
    with Webhook(status=HTTPStatus.INTERNAL_SERVER_ERROR) as webhook:
        alerts = webhook.url.replace("json://", "json://somebody:secret-word@")
        known = {"chosen_source": SourceName.FIRESTORE, "alerts": alerts, "alert_rules": RULES, "refresh_seconds": 3600}
        app: Flask = create_dash(Settings.model_validate(known), source, EagerClock()).server
        board = app.extensions["usage_dash_board"]
        webhook.wait(1)
        served = serve(app)
        served.until(lambda: board.watch.standing(rules=False).waiting[0].problem, "it is known that it failed")
        yield served
        board.watch.close()


def trust(page: Dashboard) -> Dashboard:
    page.driver.get(f"{page.address}trust")
    page.until(lambda: page.run(f"return document.querySelector('{MISSED}') !== null"), "the check is there")
    return page.at_rest()


def test_each_rule_and_what_was_not_delivered_are_told(page: Dashboard) -> None:
    trust(page)
    assert "was not delivered" in page.text(MISSED)
    told = [row.text for row in page.all(f"{ALERTS} tbody tr")]
    assert len(told) == 3
    assert told[0].startswith("A user costs more than $50 a day")
    assert told[0].endswith("0 of 1 delivered")
    assert "USAGE_DASH_BUDGETS" in told[1]
    assert "json 127.0.0.1" in page.text(ALERTS)
    assert "secret-word" not in page.driver.page_source
    assert page.console() == []


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(page: Dashboard, width: int) -> None:
    page.resize(width)
    trust(page)
    for theme in ("dark", "light"):
        page.run("usageDash.setTheme(arguments[0])", theme)
        assert page.violations() == []
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_how_near_a_rule_is_stands_beneath_it(page: Dashboard) -> None:
    page.resize(390)
    trust(page)
    rule, now, sent, delivery = page.all(f"{ALERTS} tbody tr:first-child > *")
    assert now.location["y"] > rule.location["y"]
    assert now.location["x"] == rule.location["x"]
    assert delivery.location["y"] > sent.location["y"]
    page.resize(1440)
