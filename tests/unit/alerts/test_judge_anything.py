"""Whatever documents say, every rule is judged, and whatever is found can be told, and told to be over."""

from __future__ import annotations

from itertools import groupby
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.alerts.judging import Court, Read
from tests.unit.worlds import World, filled, worlds

from usage_dash.alerts.findings import LASTING
from usage_dash.alerts.messages import LISTED, Messages
from usage_dash.alerts.places import span_of
from usage_dash.ledger.ledger import Ledger
from usage_dash.settings.alert_rules import RuleName
from usage_dash.settings.budgets import Budgets

ALL = "user-day=0.01, user-month=0.5, budget=1/50/100, forecast, unusual, silent=1h, failing=1m, full, billed=90"


@settings(max_examples=25)
@given(world=worlds(), is_new=st.booleans())
def test_whatever_documents_say_all_rules_are_judged_and_told(
    ledgers: dict[str, Ledger], world: World, *, is_new: bool
) -> None:
    ledger = filled(ledgers[world.zone], world.documents, growth=world.growth)
    court = Court(ledger, ALL, Budgets(month=3.0, teams={"Support": 1.0}), Read(until=world.now), now=world.now)
    judged = court.judged(None if is_new else world.now.replace(year=2025))
    assert [state.rule.name for state in judged.states] == list(RuleName)
    assert all(state.now or state.idle for state in judged.states)
    keys = [finding.key for finding in judged.findings]
    assert len(set(keys)) == len(keys)
    today = world.now.astimezone(ZoneInfo(world.zone)).date()
    for finding in judged.findings:
        assert "\n" not in finding.line
        assert not judged.is_over(finding.key)
        if finding.period:
            first, last = span_of(finding.period)
            assert first <= today
            assert (today - last).days <= (0 if is_new else 7)
        else:
            assert finding.rule in LASTING
    messages = Messages("acme", ZoneInfo(world.zone))
    for _, group in groupby(judged.findings, key=lambda each: each.key[:2]):
        found = messages.told(tuple(group), judged)
        assert len(found.body.splitlines()) <= LISTED + 10
