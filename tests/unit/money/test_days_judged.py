"""What days are judged by, of any ledger in any zone: as a plain reckoning says, and of parts that add up."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from tests.unit.asking import moment
from tests.unit.known import NOBODY, Entry
from tests.unit.worlds import PROPERTY, Asked, asked

from usage_dash.ledger.ledger import Ledger
from usage_dash.money.days_used import usage_of
from usage_dash.money.decomposition import split
from usage_dash.money.unusual_days import unusual
from usage_dash.reporting import usual as costs
from usage_dash.reporting.usual import Who

DAY = timedelta(days=1)
SPAN = 80 * DAY


def judged(of: Asked) -> list[Entry]:
    """What counts of the last days: nothing that was booked over more than a day."""
    is_long = of.growth is not None and of.growth.until - of.growth.since > DAY
    first, last = of.known.here.date() - SPAN, of.known.here.date()
    return [each for each in of.known.spent() if first <= each.wall.date() <= last and not (each.booked and is_long)]


def by_day(entries: list[Entry]) -> dict[date, float]:
    found: dict[date, float] = defaultdict(float)
    for each in entries:
        found[each.wall.date()] += each.item.cost or 0.0
    return found


@PROPERTY
@given(asked=asked())
def test_days_cost_what_is_known_of_them(ledgers: dict[str, Ledger], asked: Asked) -> None:
    ledger = asked.fill(ledgers[asked.zone])
    expected = by_day(judged(asked))
    with moment(ledger, asked.now, asked.scope, asked.filters.choice) as seen:
        found = costs.history(seen, seen.today - SPAN, seen.today)
        users = {each.user_id for each in judged(asked)} - {NOBODY}
        of_users = costs.histories(seen, seen.today - SPAN, seen.today, users)
    assert {day: each.cost for day, each in found.items() if each.cost} == {
        day: cost for day, cost in expected.items() if cost
    }
    assert all((after - before) == DAY for before, after in pairwise(sorted(found)))
    for user in users:
        of_one = by_day([each for each in judged(asked) if each.user_id == user])
        assert {day: each.cost for day, each in of_users[user].items() if each.cost} == {
            day: cost for day, cost in of_one.items() if cost
        }


@PROPERTY
@given(asked=asked())
def test_what_was_used_adds_up_to_what_days_cost(ledgers: dict[str, Ledger], asked: Asked) -> None:
    ledger = asked.fill(ledgers[asked.zone])
    with moment(ledger, asked.now, asked.scope, asked.filters.choice) as seen:
        history = costs.history(seen, seen.today - SPAN, seen.today)
        days = [day for day, each in history.items() if each.parts]
        active, made_of = costs.active_users(seen, days), costs.made_of(seen, days)
    used = {day: usage_of([each for each in made_of if each.day == day], active.get(day, 0)) for day in days}
    assert all(used[day].cost == pytest.approx(history[day].cost) for day in days)
    for before, after in pairwise(days):
        parts = sum(each.dollars for each in split(used[before], used[after]))
        assert parts == pytest.approx(history[after].cost - history[before].cost, abs=1e-9)


@PROPERTY
@given(asked=asked())
def test_who_is_behind_a_change_is_so_by_what_they_cost(ledgers: dict[str, Ledger], asked: Asked) -> None:
    ledger = asked.fill(ledgers[asked.zone])
    entries = [each for each in judged(asked) if each.user_id != NOBODY]
    days = sorted({each.wall.date() for each in entries})
    held = {after: (before,) for before, after in pairwise(days)}
    if not held:
        return
    with moment(ledger, asked.now, asked.scope, asked.filters.choice) as seen:
        users, teams = costs.behind(seen, Who.USER, held), costs.behind(seen, Who.TEAM, held)
    for day, (before,) in held.items():
        more: dict[str, float] = defaultdict(float)
        of_teams: dict[str, float] = defaultdict(float)
        for each in entries:
            sign = {day: 1, before: -1}.get(each.wall.date(), 0) * (each.item.cost or 0.0)
            more[each.user_id] += sign
            of_teams[asked.known.named(each.user_id).team] += sign
        dearest = sorted((-dollars, user) for user, dollars in more.items() if dollars > 0)[:3]
        assert [(-each.dollars, each.name) for each in users[day]] == dearest
        dearest = sorted((-dollars, team) for team, dollars in of_teams.items() if dollars > 0)[:3]
        assert [(-each.dollars, each.name) for each in teams[day]] == dearest


@PROPERTY
@given(asked=asked())
def test_of_any_ledger_what_is_told_adds_up(ledgers: dict[str, Ledger], asked: Asked) -> None:
    ledger = asked.fill(ledgers[asked.zone])
    with moment(ledger, asked.now, asked.scope, asked.filters.choice) as seen:
        found = unusual(seen, seen.today - SPAN, seen.today)
        assert ZoneInfo(asked.zone) == seen.zone
    for each in (*found.days, *(user.on for user in found.users)):
        assert sum(part.dollars for part in each.parts) == pytest.approx(each.more, abs=1e-9)
        assert all(one.dollars > 0 for one in (*each.users, *each.teams, *each.models))
