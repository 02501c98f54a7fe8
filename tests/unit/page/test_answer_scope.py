"""The page's whole answer under a scope is that of a ledger which holds nothing else, and keys are each scope's own."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FORBIDDEN, SOURCE, MemoryRepository
from tests.unit.worlds import PROPERTY, World, filled, worlds

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.checks.checks import Checks
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import ALL_USERS, Scope
from usage_dash.money.outlook import Outlook
from usage_dash.page.answer import answer
from usage_dash.page.board import Board
from usage_dash.page.request import parse
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.settings.budgets import Budgets
from usage_dash.sync.state import Phase, Progress, SyncState
from usage_dash.sync.sync import Sync

COLOUR = re.compile(r"--ud-model-(\d+|other)")
VIEWERS = (Viewer.lead(["Support"]), Viewer.only(["u"]))
CHOICES = st.lists(
    st.sampled_from(
        [
            ("range", "7d"),
            ("range", "last-month"),
            ("range", "all"),
            ("model", "gpt-5"),
            ("model", "gpt-7"),
            ("by", "week"),
            ("compare", "month"),
            ("team", ""),
            ("measure", "users"),
            ("sum", "cumulative"),
            ("top", "teams"),
            ("sort", "user"),
            ("sort", "-range_cost"),
            ("page", "2"),
        ]
    ),
    unique_by=lambda pair: pair[0],
)


ALLOWANCES = Budgets(user=0.5, users={"stranger": 3.0})  # other budgets are told by who looks, not by their scope


def board(ledger: Ledger, now: datetime) -> Board:
    sync, reports = Sync(MemoryRepository(), ledger), Reports(ledger, ViewCache(), lambda: now)
    outlook = Outlook(reports, lambda: ALLOWANCES)
    return Board(SOURCE, sync, reports, Checks(reports, sync, Rules(), 30, outlook=outlook), outlook, 30)


def states(now: datetime) -> st.SearchStrategy[SyncState]:
    known = now - timedelta(minutes=3)
    return st.sampled_from(
        [
            SyncState(Phase.LIVE, 1, data_time=known),
            SyncState(Phase.STALE, 1, data_time=known, error=FORBIDDEN, retry_at=now + timedelta(seconds=40)),
            SyncState(Phase.LOADING, 1, progress=Progress(4, 60_000)),
            SyncState(Phase.ERROR, 1, error=FORBIDDEN),
        ]
    )


@PROPERTY
@given(
    world=worlds(),
    choices=CHOICES,
    data=st.data(),
)
def test_an_answer_under_a_scope_is_that_of_a_ledger_with_nothing_else(
    world: World,
    choices: list[tuple[str, str]],
    data: st.DataObject,
) -> None:
    zone, now, documents, growth = world
    ids = [each.user_id for each in documents]
    chosen = frozenset(data.draw(st.sets(st.sampled_from([*ids, "stranger"]))))
    viewer, state = data.draw(st.sampled_from(VIEWERS)), data.draw(states(now))
    users = [("user", user) for user in data.draw(st.sets(st.sampled_from(["stranger", *ids])))]
    query = urlencode([*choices, *users, *(("open", user) for user in ids)])
    places = ["", "trust", "users/stranger", *(f"users/{user}" for user in ids)]
    asked = {"query": query, "at": data.draw(st.sampled_from(places)), "rows": 5}
    answers = []
    seen = [each for each in documents if each.user_id in chosen]
    of_seen = growth and growth.of(seen)
    for scope, held, grown in ((Scope(chosen), documents, growth), (Scope(ALL_USERS), seen, of_seen)):
        # A ledger of its own: one that is filled again still knows the models of those who are gone.
        with closing(Ledger(SOURCE.identity, ZoneInfo(zone))) as ledger:
            shown = board(filled(ledger, held, growth=grown), now)
            answers.append(answer(shown, state, parse(Admitted(viewer, scope), asked, shown.reports.today), {}))
    one, other = (orjson.dumps({**each, "held": None}).decode() for each in answers)
    assert COLOUR.sub("a colour", one) == COLOUR.sub("a colour", other)
    assert "60,000" not in one
    assert FORBIDDEN.reason not in one


@pytest.mark.parametrize("one", [Viewer.admin(), Viewer.viewer(), Viewer.lead(["Support"]), Viewer.only(["u"])])
@pytest.mark.parametrize(
    "scope", [Scope(ALL_USERS), Scope(ALL_USERS, "2"), Scope(frozenset({"u"})), Scope(frozenset())]
)
def test_what_a_browser_holds_is_of_one_role_one_scope_and_one_state_of_the_people(one: Viewer, scope: Scope) -> None:
    seen = Admitted(one, scope)
    for other in (Viewer.admin(), Viewer.viewer(), Viewer.lead(["Sales"]), Viewer.only(["v"])):
        for wider in (Scope(ALL_USERS), Scope(ALL_USERS, "2"), Scope(frozenset({"u"})), Scope(frozenset())):
            assert (seen.key == Admitted(other, wider).key) == (one.role is other.role and scope == wider)
