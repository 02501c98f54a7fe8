from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import FORBIDDEN, UNREACHABLE, Gate, MemoryRepository

from usage_dash.app import create_app
from usage_dash.settings import Settings, SourceName

# How much what is in view has moved since the page was opened, as browsers measure it (0.1 is called good).
SHIFTS = """
    const [done] = arguments;
    const tell = () => {
      const seen = new PerformanceObserver(() => {});
      seen.observe({ type: 'layout-shift', buffered: true });
      done(seen.takeRecords().reduce((sum, shift) => sum + shift.value, 0));
    };
    requestAnimationFrame(() => requestAnimationFrame(tell)); // what is there by now has been painted then
"""

Serve = Callable[[Flask], Dashboard]


def test_an_error_names_the_remedy_and_a_retry_recovers(serve: Serve) -> None:
    source = scenes.repository(users=3)
    source.fail_in(0, FORBIDDEN, times=100)
    page = serve(scenes.app(source)).open()
    page.until(lambda: page.state() == "error", "the error is known")
    page.until(lambda: FORBIDDEN.title in page.text("#notices h2"), "it is told")
    assert FORBIDDEN.remedy in page.text("#notices")
    assert "Next try by itself in" in page.text("#notices")
    assert not page.find("#cards").is_displayed()
    assert page.violations() == []
    source.recover()
    page.refresh("#notices [data-refresh]")
    page.until(lambda: page.state() == "live", "data came after one retry")
    page.ready()
    assert page.find("#cards").is_displayed()
    page.until(lambda: page.text("#notices") == "", "the error is gone")


def test_stale_data_stays_with_its_time_and_the_reason(serve: Serve) -> None:
    source = scenes.repository(users=3)
    page = serve(scenes.app(source)).open().ready()
    cost = page.text("#total-cost")
    source.fail_in(0, UNREACHABLE, times=100)
    page.refresh()
    page.until(lambda: page.state() == "stale", "the failure is told")
    page.until(lambda: f"Showing data from {source.clock:%H:%M:%S}." in page.text("#notices"), "its time is told")
    assert "Firestore can't be reached (unavailable)." in page.text("#notices")
    assert "Trying again in" in page.text("#notices")
    assert page.text("#total-cost") == cost
    assert len(page.users()) == 3
    assert page.violations() == []
    source.recover()
    page.refresh("#notices [data-refresh]")
    page.until(lambda: page.state() == "live", "live again")
    page.until(lambda: page.text("#notices") == "", "the banner is gone")


def test_it_recovers_by_itself(serve: Serve) -> None:
    source = scenes.repository(users=3)
    source.fail_in(0, UNREACHABLE, times=100)
    page = serve(scenes.app(source)).open()
    page.until(lambda: page.state() == "error", "the error is known")
    source.recover()
    page.ready()
    assert page.state() == "live"


def test_a_long_first_read_says_how_far_it_is_and_fills_the_page(serve: Serve) -> None:
    source = scenes.repository(users=30)
    source.page_size = 10
    gate = Gate()
    requests: list[str] = []

    def hold_the_third_page(what: str) -> None:
        requests.append(what)
        if requests.count("listing") == 3:
            gate(what)

    source.before = hold_the_third_page
    page = serve(scenes.app(source)).open()
    page.until(
        lambda: "Reading 30 usage documents for the first time: 20 so far." in page.text("#progress"), "progress"
    )
    assert page.state() == "loading"
    assert page.violations() == []
    page.until(page.users, "what is read is shown")
    gate.open()
    page.until(lambda: page.state() == "live", "all is read")
    page.until(lambda: page.text("#active-users") == "30", "all are shown")


def test_skeletons_have_the_size_of_what_they_stand_for(serve: Serve) -> None:
    source = scenes.repository(users=12)
    gate = source.before = Gate()
    page = serve(scenes.app(source)).open()
    page.until(lambda: "usage documents" in page.text("#progress"), "the first read has begun")
    height = "return [...document.querySelectorAll('.kpi, .panel')].map(card => card.getBoundingClientRect().height)"
    before = page.run(height)
    gate.open()
    page.ready()
    assert page.run(height) == pytest.approx(before, abs=1)  # pixels
    assert page.driver.execute_async_script(SHIFTS) < 0.01


def test_an_empty_collection_says_what_to_do_next(serve: Serve) -> None:
    source = MemoryRepository()
    source.clock = scenes.repository(users=1).clock
    page = serve(scenes.app(source, refresh_seconds=1)).open()
    page.until(lambda: "No usage yet in “usage”" in page.text("#notices"), "it says so")
    assert "looks again every second" in page.text("#notices")
    assert not page.find("#cards").is_displayed()
    assert page.violations() == []
    scenes.use(source, "first", cost=1.0)
    page.ready()
    assert page.users() == ["first"]


def test_sample_data_is_called_so(serve: Serve) -> None:
    page = serve(create_app(Settings(chosen_source=SourceName.DEMO))).open().ready()
    assert page.state() == "demo"
    assert page.text(".source") == "Sample data"
    assert page.text("#notices").startswith("Sample data.")
    page.find("[data-opens=connect]").click()
    page.until(lambda: page.find("#connect").is_displayed(), "the dialog is open")
    assert "roles/datastore.viewer" in page.text("#connect")
    page.find("#connect [data-closes]").click()
    page.until(lambda: not page.find("#connect").is_displayed(), "it is closed")
