"""Unusual days of a ledger: what counts of a day, of what it was made, who is behind it, and who may know."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.unit.asking import ask, moment
from tests.unit.builders import Document, Item, batch, document, item
from tests.unit.known import Named
from tests.unit.worlds import filled, told

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.choice import Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.money.decomposition import Factor
from usage_dash.money.unusual import Behind, Unusual, UnusualDay
from usage_dash.money.unusual_days import UnusualDays, unusual

DAY = timedelta(days=1)
TODAY = date(2026, 6, 15)  # a Monday
NOW = datetime(2026, 6, 15, 18, tzinfo=UTC)
LAST = TODAY - 3 * DAY  # the Friday before


def on(day: date, cost: float | None = 5.0, **more: object) -> Item:
    at = datetime.combine(day, time(12), UTC)
    return item(0, **{"at": at, "cost": cost, "calls": 10, "total_tokens": 1_000, **more})


def each_day(cost: float = 5.0, days: int = 70, until: date = TODAY, **more: object) -> list[Item]:
    """An entry on each of so many days before."""
    return [on(until - number * DAY, cost, **more) for number in range(days, 0, -1)]


def usual_team(*more: Document) -> list[Document]:
    """Two users, each of whom costs five dollars a day."""
    return [document("ada", *each_day()), document("bob", *each_day(model="gpt-4o")), *more]


def find(
    ledger: Ledger,
    documents: Iterable[Document] | None = None,
    *,
    first: date = TODAY - 20 * DAY,
    scope: Scope = EVERYBODY,
    choice: Choice | None = None,
    now: datetime = NOW,
) -> Unusual:
    if documents is not None:
        filled(ledger, documents)
    found: Unusual = ask(unusual, ledger, first, TODAY, now=now, scope=scope, choice=choice)
    return found


def one(found: Unusual) -> UnusualDay:
    assert len(found.days) == 1
    return found.days[0]


def parts(found: UnusualDay) -> dict[Factor, object]:
    return {each.factor: pytest.approx(each.dollars) for each in found.parts if abs(each.dollars) > 1e-9}


def test_usual_days_are_none(ledger: Ledger) -> None:
    found = find(ledger, usual_team())
    assert (found.days, found.users, found.since) == ((), (), TODAY - 20 * DAY)


def test_an_unusual_day_is_told_with_what_is_usual(ledger: Ledger) -> None:
    found = one(find(ledger, usual_team(document("eve", on(LAST, 20.0, model="o3")))))
    assert (found.day, found.cost, found.usual, found.compared) == (LAST, 30.0, 10.0, 8)
    assert (found.more, found.ratio, found.so_far, found.at_least) == (20.0, 3.0, False, False)
    assert found.users == (Behind("eve", 20.0, 1.0),)
    assert found.models == (Behind("o3", 20.0, 1.0),)
    assert found.teams == ()


def test_the_parts_tell_more_users_from_more_calls(ledger: Ledger) -> None:
    new = document("eve", on(LAST, 10.0))
    more = document("bob", *each_day(until=LAST), on(LAST, 15.0, calls=30, total_tokens=3_000))
    ada = document("ada", *each_day())
    assert parts(one(find(ledger, [ada, document("bob", *each_day()), new]))).keys() >= {Factor.USERS}
    assert parts(one(find(ledger, [ada, more]))) == {Factor.CALLS: 10.0}


def test_what_has_no_model_or_no_tokens_stands_apart(ledger: Ledger) -> None:
    untold = document("eve", on(LAST, 20.0, total_tokens=None))
    assert parts(one(find(ledger, usual_team(untold)))) == {Factor.UNKNOWN: 20.0}


def test_a_cost_that_is_not_known_is_said(ledger: Ledger) -> None:
    found = one(find(ledger, usual_team(document("eve", on(LAST, 20.0), on(LAST, None, calls=3)))))
    assert (found.cost, found.at_least) == (30.0, True)
    assert sum(each.dollars for each in found.parts) == pytest.approx(20.0)


def test_teams_are_named_where_there_are_any(ledger: Ledger) -> None:
    filled(ledger, usual_team(document("eve", on(LAST, 30.0)), document("joe", on(LAST, 10.0))))
    assert one(find(ledger)).teams == ()
    ledger.take_people(told({"eve": Named("Eve", "", "Support"), "ada": Named("", "", "Sales")}))
    assert one(find(ledger)).teams == (Behind("Support", 30.0, 0.75), Behind("", 10.0, 0.25))


def test_at_most_three_are_behind_a_day_and_none_who_is_hardly_so(ledger: Ledger) -> None:
    more = [document(f"u{number}", on(LAST, number * 4.0)) for number in range(1, 6)]
    assert [each.name for each in one(find(ledger, usual_team(*more))).users] == ["u5", "u4", "u3"]
    hardly = [document("eve", on(LAST, 91.0)), document("joe", on(LAST, 9.0))]
    assert [each.name for each in one(find(ledger, usual_team(*hardly))).users] == ["eve"]


def test_today_is_told_once_it_is_unusual_already(ledger: Ledger) -> None:
    assert find(ledger, usual_team(document("eve", on(TODAY, 14.9)))).days == ()
    found = one(find(ledger, usual_team(document("eve", on(TODAY, 15.1)))))
    assert (found.day, found.so_far, found.usual) == (TODAY, True, 10.0)


def test_a_little_history_marks_nothing_and_says_so(ledger: Ledger) -> None:
    documents = [document("ada", *each_day(days=27)), document("bob", on(TODAY, 90.0))]
    found = find(ledger, documents, first=TODAY - 91 * DAY)
    assert (found.days, found.since) == ((), None)
    found = find(ledger, [document("ada", *each_day(days=28)), document("bob", on(TODAY, 90.0))])
    assert ([each.day for each in found.days], found.since) == ([TODAY], TODAY)


def test_only_the_days_asked_for_are_told(ledger: Ledger) -> None:
    documents = usual_team(document("eve", on(LAST, 20.0), on(LAST - 30 * DAY, 20.0)))
    assert [each.day for each in find(ledger, documents).days] == [LAST]
    assert [each.day for each in find(ledger, first=TODAY - 40 * DAY).days] == [LAST, LAST - 30 * DAY]


def test_an_unusual_user_is_told_where_the_day_is_usual(ledger: Ledger) -> None:
    team = [document(f"u{number}", *each_day(10.0)) for number in range(9)]
    found = find(ledger, [*team, document("eve", *each_day(2.0, until=LAST), on(LAST, 14.0, calls=70))])
    assert found.days == ()
    (user,) = found.users
    assert (user.user_id, user.on.day, user.on.cost, user.on.usual) == ("eve", LAST, 14.0, 2.0)
    assert sum(each.dollars for each in user.on.parts) == pytest.approx(12.0)
    assert (user.on.users, user.on.teams) == ((), ())


@pytest.mark.parametrize(("days", "told_of"), [(9, []), (10, ["eve"])])
def test_a_new_user_is_not_unusual(ledger: Ledger, days: int, told_of: list[str]) -> None:
    team = [document(f"u{number}", *each_day(10.0)) for number in range(9)]
    new = document("eve", *each_day(2.0, days, until=LAST), on(LAST, 14.0))
    assert [each.user_id for each in find(ledger, [*team, new]).users] == told_of


def test_a_user_who_costs_little_is_nobody_unusual(ledger: Ledger) -> None:
    team = [document(f"u{number}", *each_day(10.0)) for number in range(9)]
    cheap = document("eve", *each_day(2.0, until=LAST), on(LAST, 10.5))
    assert find(ledger, [*team, cheap]).users == ()


def test_of_one_user_days_off_do_not_count(ledger: Ledger) -> None:
    now_and_then = [on(TODAY - number * DAY, 5.0) for number in range(60, 0, -4)]
    documents = usual_team(document("eve", *now_and_then, on(TODAY, 7.0)))
    assert find(ledger, documents, choice=Choice(users=("eve",))).days == ()
    assert find(ledger, scope=Scope(frozenset({"eve"}))).days == ()
    more = usual_team(document("eve", *now_and_then, on(TODAY, 8.0)))
    assert one(find(ledger, more, choice=Choice(users=("eve",)))).usual == 5.0
    assert find(ledger, choice=Choice(users=("eve",))).users == ()


def test_it_speaks_of_the_scope_and_of_what_is_chosen_alone(ledger: Ledger) -> None:
    documents = usual_team(document("eve", *each_day()), document("joe", on(LAST, 30.0, model="o3")))
    filled(ledger, documents)
    assert one(find(ledger)).users == (Behind("joe", 30.0, 1.0),)
    assert find(ledger, scope=Scope(frozenset({"ada", "bob"}))).days == ()
    assert find(ledger, choice=Choice(models=("gpt-5", "gpt-4o"))).days == ()
    assert find(ledger, choice=Choice(users=("ada", "eve"))).days == ()


def booked(ledger: Ledger, since: datetime, until: datetime, dollars: float = 90.0) -> None:
    """Let a user's counters grow by so much between two syncs without an entry."""
    before = document("eve", total_cost=0.0, total_calls=0, total_tokens=0, last_updated=since)
    ledger.apply(batch(*usual_team(before)), read_time=since)
    after = document("eve", total_cost=dollars, total_calls=9, total_tokens=900, last_updated=until)
    ledger.apply(batch(after), read_time=until, since=since)


@pytest.mark.parametrize(("hours", "is_unusual"), [(1, True), (24, True), (25, False)])
def test_what_was_booked_over_more_than_a_day_makes_no_day_unusual(
    ledger: Ledger, hours: int, *, is_unusual: bool
) -> None:
    booked(ledger, NOW - timedelta(hours=hours), NOW)
    found = find(ledger)
    assert [each.day for each in found.days] == [TODAY] * is_unusual
    if is_unusual:
        assert parts(found.days[0]) == {Factor.NOT_ITEMISED: 90.0, Factor.USERS: -10.0}  # nothing else so far


def test_what_was_booked_over_long_is_left_out_of_a_day_that_is_unusual_without_it(ledger: Ledger) -> None:
    booked(ledger, NOW - timedelta(hours=30), NOW)
    ledger.apply(batch(document("joe", on(TODAY, 40.0))), read_time=NOW)
    found = one(find(ledger))
    assert found.cost == 40.0
    assert [each.name for each in found.users] == ["joe"]
    assert [each.name for each in found.models] == ["gpt-5"]
    assert Factor.NOT_ITEMISED not in parts(found)


@pytest.mark.parametrize(("total_cost", "is_known"), [(55.0, True), (59.0, False)])
def test_days_before_trimmed_documents_were_read_are_not_compared_with(
    ledger: Ledger, total_cost: float, *, is_known: bool
) -> None:
    # Counters say 5 or 9 dollars more than entries, of 56 days: beside a dollar that is 8% or 14% of each.
    began = {"created_at": NOW - 55 * DAY, "total_cost": total_cost}
    ledger.apply(batch(document("ada", *each_day(1.0, 50), **began), document("bob", on(TODAY, 90.0))), read_time=NOW)
    found = find(ledger)
    assert [each.day for each in found.days] == [TODAY] * is_known
    assert (found.since is not None) is is_known


def test_users_who_are_gone_are_nobody_behind_it() -> None:
    with closing(Ledger("memory:gone", ZoneInfo("UTC"))) as kept:
        filled(kept, usual_team(document("eve", on(LAST, 20.0))))
        kept.apply(batch(*usual_team()), within=EVERYTHING)
        found = one(find(kept))
    assert found.users == ()
    assert parts(found) == {Factor.GONE: 20.0}


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),  # 23 hours
        ("Europe/Berlin", date(2026, 10, 25)),  # 25 hours
        ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour more
        ("Pacific/Kiritimati", date(2026, 3, 29)),  # never, and 14 hours ahead
    ],
)
def test_a_day_is_one_of_the_reporting_zone_also_when_clocks_change(zone: str, changes: date) -> None:
    wall = ZoneInfo(zone)

    def at(day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour, 45), wall).astimezone(UTC)

    def used(day: date, cost: float) -> list[Item]:
        """Costs at the first and at the last hour of the day."""
        return [item(0, at=at(day, hour), cost=cost, calls=1, total_tokens=100) for hour in (0, 23)]

    usual = [entry for number in range(1, 60) for entry in used(changes - number * DAY, 5.0)]
    with closing(Ledger("memory:zones", wall, keep_sums=False)) as ledger:
        documents = [document("ada", *usual, *used(changes, 8.0)), document("bob", *used(changes + DAY, 5.0))]
        filled(ledger, documents)
        now = at(changes + DAY, 23) + timedelta(minutes=10)
        found: Unusual = ask(unusual, ledger, changes - 20 * DAY, changes + DAY, now=now)
    assert [(each.day, each.cost, each.usual) for each in found.days] == [(changes, 16.0, 10.0)]


def test_what_is_kept_is_told_of_the_days_asked_for(ledger: Ledger) -> None:
    filled(ledger, usual_team(document("eve", on(LAST, 20.0), on(TODAY - 30 * DAY, 40.0))))
    kept = UnusualDays()
    with moment(ledger, NOW) as seen:
        assert [each.day for each in kept.of(seen, TODAY - 29 * DAY, TODAY).days] == [LAST]
        assert [each.day for each in kept.of(seen, TODAY - 30 * DAY, TODAY).days] == [LAST, TODAY - 30 * DAY]
        assert kept.of(seen, TODAY - 30 * DAY, LAST - DAY).days[0].day == TODAY - 30 * DAY
        assert kept.of(seen, TODAY - 400 * DAY, TODAY + 9 * DAY).last == TODAY
        assert kept.of(seen, TODAY - 400 * DAY, TODAY - 300 * DAY).since is None
        assert [each.day for each in kept.of(seen, TODAY - 120 * DAY, TODAY).days] == [LAST, TODAY - 30 * DAY]


def test_what_is_kept_is_worked_out_again_after_five_minutes_or_for_somebody_else(ledger: Ledger) -> None:
    filled(ledger, usual_team(document("eve")))
    kept = UnusualDays()

    def days(now: datetime = NOW, scope: Scope = EVERYBODY, choice: Choice | None = None) -> int:
        with moment(ledger, now, scope, choice or Choice()) as seen:
            return len(kept.of(seen, LAST, TODAY).days)

    assert days() == 0
    ledger.apply(batch(document("eve", on(LAST, 90.0))))
    assert days() == 0
    assert days(scope=Scope(frozenset({"ada", "bob", "eve"}))) == 1
    assert days(choice=Choice(users=("ada", "eve"))) == 1
    assert days(NOW + timedelta(minutes=5)) == 1
    assert days(NOW + timedelta(minutes=5), Scope(frozenset({"ada", "bob"}))) == 0


def test_who_has_come_or_gone_is_known_at_once(ledger: Ledger) -> None:
    filled(ledger, usual_team())
    kept = UnusualDays()
    for more in ([], [document("eve", on(LAST, 90.0))], []):
        ledger.apply(batch(*usual_team(*more)), within=EVERYTHING)
        with moment(ledger, NOW) as seen:
            assert len(kept.of(seen, LAST, TODAY).days) == len(more)


def test_what_was_booked_long_ago_hides_nothing_since(ledger: Ledger) -> None:
    since, until = NOW - 200 * DAY, NOW - 190 * DAY
    ledger.apply(batch(document("eve", total_cost=0.0)), read_time=since)
    ledger.apply(batch(document("eve", total_cost=9_000.0)), read_time=until, since=since)
    ledger.apply(batch(*usual_team()), read_time=NOW)
    assert find(ledger, first=TODAY - DAY).since == TODAY - DAY
