"""What each day cost, in all and by team, against plain Python; days are those of clocks on the wall."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from tests.unit.asking import ask, moment
from tests.unit.builders import batch, document, item
from tests.unit.known import Entry, cost
from tests.unit.worlds import PROPERTY, TEAMS, Asked, asked

from usage_dash.ledger.ledger import Ledger
from usage_dash.reporting.daily import daily
from usage_dash.reporting.filters import Filters, RangeName
from usage_dash.reporting.sums import Sum

FIRST = date(2000, 1, 1)


@PROPERTY
@given(asked())
def test_days_are_what_plain_python_counts(ledgers: dict[str, Ledger], asked: Asked) -> None:
    every = replace(asked, filters=Filters(RangeName.ALL))
    today = every.now.astimezone(ZoneInfo(every.zone)).date()
    by_day: dict[date, list[Entry]] = defaultdict(list)
    by_team: dict[str, dict[date, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for each in every.known.shown:
        if FIRST <= each.wall.date() <= today:
            by_day[each.wall.date()].append(each)
            by_team[every.known.named(each.user_id).team][each.wall.date()].append(each)
    with moment(every.fill(ledgers[every.zone]), every.now, every.scope) as seen:
        found = daily(seen, FIRST, TEAMS)
    assert found.whole == {day: cost(entries) for day, entries in by_day.items()}
    for team in filter(None, TEAMS):
        assert found.teams[team] == {day: cost(entries) for day, entries in by_team[team].items()}


def test_a_day_of_changing_clocks_is_one_day() -> None:
    ledger = Ledger("memory:days", ZoneInfo("Europe/Berlin"))
    ends = [datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 22, 59, tzinfo=UTC)]  # 25 hours
    ledger.apply(batch(document("ada", *(item(at=at, cost=1.0) for at in ends))))
    found = ask(lambda seen: daily(seen, FIRST), ledger, now=datetime(2026, 11, 1, tzinfo=UTC))
    assert found.whole == {date(2026, 10, 25): Sum(2.0)}
    ledger.close()
