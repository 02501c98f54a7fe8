"""Whose answer waits for the sync."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from usage_dash.page import ids
from usage_dash.page.callbacks import patience
from usage_dash.sync.state import Phase, Progress, SyncState

NOTHING_YET = SyncState(Phase.LOADING, 1)
READING = SyncState(Phase.LOADING, 1, progress=Progress(30, 60_000), under_way=True)
LIVE = SyncState(Phase.LIVE, 1, data_time=datetime(2026, 3, 2, tzinfo=UTC))
FAILED = SyncState(Phase.ERROR, 1)


@pytest.mark.parametrize("known", [READING, LIVE, FAILED])
def test_a_timer_is_answered_at_once_with_what_is_known(known: SyncState) -> None:
    assert patience(ids.REFRESH_INTERVAL, known) == 0


def test_the_very_first_viewer_waits_a_little_for_a_first_read_that_may_be_short() -> None:
    assert patience(ids.REFRESH_INTERVAL, NOTHING_YET) == 2


@pytest.mark.parametrize("known", [NOTHING_YET, READING, LIVE, FAILED])
def test_the_button_waits_for_the_news(known: SyncState) -> None:
    assert patience(ids.REFRESH_BUTTON, known) == 12
