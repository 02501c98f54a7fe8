"""Whatever documents hold, every check can be told, and under a scope as if there were nothing else."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.asking import ask
from tests.unit.builders import Document, batch
from tests.unit.worlds import worlds

from usage_dash.checks.check import Check
from usage_dash.checks.of_ledger import CHECKS
from usage_dash.checks.price_band import price_band
from usage_dash.checks.rules import Rules
from usage_dash.documents.findings import Action, Problem
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.dashboard import Moment

SIZES = st.none() | st.integers(0, 1_200_000)
FINDINGS = st.builds(
    lambda problem, count: (("totals.…", problem.value, Action.NOT_READ.value, count),),
    st.sampled_from([Problem.PATH_AS_NAME, Problem.REPEATED, Problem.BLANK]),
    st.integers(1, 3),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, datetime, list[Document], list[Document]]:
    """Documents as they were, and as they are now: with other counters, and entries trimmed from either end."""
    zone, now, documents, _growth = draw(worlds())
    before = [replace(each, size=draw(SIZES), findings=draw(st.just(()) | FINDINGS)) for each in documents]
    ends = [(draw(st.integers(0, 3)), draw(st.integers(0, 2))) for _ in before]
    after = [
        replace(
            each,
            items=each.items[start : len(each.items) - end],
            total_calls=draw(st.sampled_from([each.total_calls, 3, None])),
            total_cost=draw(st.sampled_from([each.total_cost, 0.25])),
        )
        for each, (start, end) in zip(before, ends, strict=True)
    ]
    return zone, now, before, after


def told(moment: Moment) -> list[Check | None]:
    """All checks but those of prices, whose slots are those of whole ledgers."""
    return [each(moment, Rules()) for each in CHECKS if each is not price_band]


@settings(max_examples=20)  # each opens two ledgers
@given(history=histories(), data=st.data())
def test_checks_under_a_scope_are_those_of_a_ledger_with_nothing_else(
    history: tuple[str, datetime, list[Document], list[Document]], data: st.DataObject
) -> None:
    zone, now, before, after = history
    ids = [each.user_id for each in before]
    seen = frozenset(data.draw(st.sets(st.sampled_from([*ids, "stranger"]))))
    with closing(Ledger("memory:a", ZoneInfo(zone))) as whole, closing(Ledger("memory:b", ZoneInfo(zone))) as alone:
        for documents, time, since in (
            (before, now - timedelta(hours=1), None),
            (after, now, now - timedelta(hours=1)),
        ):
            whole.apply(batch(*documents), read_time=time, since=since)
            mine = [each for each in documents if each.user_id in seen]
            alone.apply(batch(*mine), read_time=time, since=since)
        assert ask(told, whole, now=now, scope=Scope(seen)) == ask(told, alone, now=now)
        assert len(ask(told, whole, now=now, scope=EVERYBODY)) == len(CHECKS) - 1
