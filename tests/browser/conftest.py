from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from selenium import webdriver
from tests.browser.dashboard import Dashboard, chromium, served


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    driver = chromium(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def serve(driver: webdriver.Chrome) -> Iterator[Callable[[Flask], Dashboard]]:
    """Serve an app until the module's tests are over."""
    with ExitStack() as stack:
        yield lambda app: Dashboard(driver, stack.enter_context(served(app)))
        driver.get("about:blank")  # or an open page would go on asking
