"""However passes fall, whoever crosses a limit is found, on that day, and nobody else is."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.alerts.judging import Court
from tests.unit.builders import document, item
from tests.unit.worlds import ZONES, filled

from usage_dash.ledger.ledger import Ledger

LIMIT = 2.0
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


class Call(NamedTuple):
    """What a user's call cost, and when it was made."""

    user: str
    at: datetime
    cost: float


@st.composite
def calls(draw: st.DrawFn) -> list[Call]:
    """Calls of some users within three weeks around the end of a month, or the change of clocks."""
    begin = draw(st.sampled_from([datetime(2026, month, 20, tzinfo=UTC) for month in (1, 3, 10, 12)]))
    hours = st.integers(0, 21 * 24 * 4).map(lambda quarters: quarters / 4)
    made = st.builds(
        lambda user, hour, parts: Call(user, begin + hour * HOUR, parts / 64),
        st.sampled_from(["ada", "bob", "eve"]),
        hours,
        st.integers(1, 160),
    )
    return draw(st.lists(made, min_size=1, max_size=12, unique_by=lambda call: (call.user, call.at)))


def dear(made: list[Call], zone: ZoneInfo) -> dict[tuple[str, date], datetime]:
    """Who costs more than the limit on which day, and since when."""
    spent: dict[tuple[str, date], float] = defaultdict(float)
    crossed: dict[tuple[str, date], datetime] = {}
    for call in sorted(made, key=lambda call: call.at):
        day = call.user, call.at.astimezone(zone).date()
        spent[day] += call.cost
        if spent[day] > LIMIT:
            crossed.setdefault(day, call.at)
    return crossed


@settings(max_examples=15)
@given(calls(), st.lists(st.integers(1, 9 * 24), min_size=1, max_size=6), st.sampled_from(ZONES))
def test_whoever_crosses_a_limit_is_found_and_nobody_else(
    ledgers: dict[str, Ledger], made: list[Call], gaps: list[int], name: str
) -> None:
    zone, ledger = ZoneInfo(name), ledgers[name]
    now = first = min(call.at for call in made)
    passes, found = [], set()
    for gap in [0, *gaps]:
        now += gap * HOUR
        passes.append(now)
        of_users = {call.user: [each for each in made if each.user == call.user and each.at <= now] for call in made}
        filled(
            ledger,
            [document(user, *(item(at=each.at, cost=each.cost) for each in of)) for user, of in of_users.items()],
        )
        court = Court(ledger, f"user-day={LIMIT:g}", now=now)
        found |= {(finding.subject, finding.period) for finding in court.judged(first).findings}
    expected = {
        (user, day.isoformat())
        for (user, day), since in dear(made, zone).items()
        if any(since <= each and each.astimezone(zone).date() - day <= WEEK for each in passes)
    }
    assert found == expected
