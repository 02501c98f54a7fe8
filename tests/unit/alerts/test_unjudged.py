"""The check that says that nobody is told anything new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from usage_dash.alerts.standing import Standing
from usage_dash.alerts.unjudged import unjudged
from usage_dash.checks.check import State

NOW = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
WELL = Standing(("slack #costs",), 300.0, NOW, (), (), ())


def test_where_rules_are_judged_there_is_no_check() -> None:
    assert unjudged(WELL, NOW, ZONE) is None
    assert unjudged(replace(WELL, judged=None), NOW, ZONE) is None


@pytest.mark.parametrize(("judged", "since"), [(None, "since the start"), (NOW, "since 25 Nov, 14:02")])
def test_why_they_cannot_be_is_told_with_since_when(judged: datetime | None, since: str) -> None:
    check = unjudged(replace(WELL, judged=judged, problem="The disk is full."), NOW, ZONE)
    assert check is not None
    assert (check.state, check.why) == (State.ACT, "The disk is full.")
    assert check.detail.endswith(since)
    assert "every 5 min" in check.todo
