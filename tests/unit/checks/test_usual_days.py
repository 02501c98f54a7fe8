"""The check of unusual days: what it says of one, of several, of today, of users, and where it says nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from tests.unit.asking import ask
from tests.unit.builders import Document, Item, document, item
from tests.unit.checks.checking import users_of
from tests.unit.known import Named
from tests.unit.worlds import filled

from usage_dash.checks.check import Check, State
from usage_dash.checks.usual import days_are_usual
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.money.unusual_days import UnusualDays

DAY = timedelta(days=1)
TODAY = date(2026, 6, 15)  # a Monday
NOW = datetime(2026, 6, 15, 18, tzinfo=UTC)
LAST = TODAY - 3 * DAY  # the Friday before
TEAM = 10  # users, each of whom costs ten dollars a day


def on(day: date, cost: float | None, **more: object) -> Item:
    at = datetime.combine(day, time(12), UTC)
    return item(0, **{"at": at, "cost": cost, "calls": 10, "total_tokens": 1_000, **more})


def each_day(cost: float, days: int = 70, until: date = TODAY) -> list[Item]:
    return [on(until - number * DAY, cost) for number in range(days, 0, -1)]


def team(*more: Document, days: int = 70) -> list[Document]:
    return [*(document(f"u{number}", *each_day(10.0, days)) for number in range(TEAM)), *more]


def check(ledger: Ledger, documents: list[Document], scope: Scope = EVERYBODY) -> Check:
    filled(ledger, documents)
    found = ask(days_are_usual, ledger, UnusualDays(), now=NOW, scope=scope)
    assert isinstance(found, Check)
    return found


def test_usual_days_are_good(ledger: Ledger) -> None:
    found = check(ledger, team())
    assert (found.state, found.title) == (State.GOOD, "No day cost far more than usual")
    assert (found.detail, found.figure, found.unit) == ("In 14 days, of all and of each user", "0", "unusual days")
    assert found.todo.startswith("Once a day costs more than 1.5 times what is usual")


@pytest.mark.parametrize(("cost", "state"), [(49.9, State.GOOD), (50.1, State.LOOK)])
def test_a_day_above_one_and_a_half_times_is_worth_a_look(ledger: Ledger, cost: float, state: State) -> None:
    assert check(ledger, team(document("eve", on(LAST, cost)))).state is state


def test_it_says_how_much_why_and_who_is_behind_it(ledger: Ledger) -> None:
    people = {"eve": Named("Eve", "", "Support")}
    filled(ledger, team(document("eve", on(LAST, 100.0, model="o3")), document("joe", on(LAST, 30.0))), people)
    found = ask(days_are_usual, ledger, UnusualDays(), now=NOW)
    assert found.title == "12 Jun cost 2.3 times what is usual for a Friday"
    assert found.detail == "$230.00 instead of $100.00, the median of 8 Fridays"
    assert (found.figure, found.unit, found.dollars) == ("+$130", "more than usual", pytest.approx(130.0))
    assert found.why == (
        "Mostly dearer models (+$81.64) and more users (+$29.22). By models: “o3” (+$100.00) and “gpt-5” (+$30.00). "
        "By teams: “Support” (+$100.00) and nobody’s (+$30.00)."
    )
    assert found.todo.startswith("Choose the day on the overview")
    assert users_of(found) == [("eve", "$100.00 more than usual"), ("joe", "$30.00 more than usual")]
    assert found.facts[-1] == ("Together", "+$130.00")
    assert [label for label, _ in found.facts][:-1] == ["Users", "Model mix", "Price"]


def test_a_day_that_is_older_than_two_weeks_is_no_news(ledger: Ledger) -> None:
    assert check(ledger, team(document("eve", on(TODAY - 13 * DAY, 100.0)))).state is State.LOOK
    assert check(ledger, team(document("eve", on(TODAY - 14 * DAY, 100.0)))).state is State.GOOD


def test_today_is_told_as_what_goes_on(ledger: Ledger) -> None:
    assert check(ledger, team(document("eve", on(TODAY, 149.0)))).state is State.GOOD
    found = check(ledger, team(document("eve", on(TODAY, 250.0))))
    assert found.title == "Today has already cost 2.5 times what is usual for a Monday"


def test_of_several_days_the_dearest_is_told_and_the_others_are_listed(ledger: Ledger) -> None:
    found = check(ledger, team(document("eve", on(LAST, 100.0), on(LAST - 4 * DAY, 300.0), on(LAST - 6 * DAY, 80.0))))
    assert found.title == "3 days cost far more than usual, 8 Jun most of all"
    assert found.detail == "$400.00 instead of $100.00, the median of 8 Mondays"
    assert found.dollars == pytest.approx(480.0)
    assert found.facts[-2:] == (("12 Jun", "$200.00 instead of $100.00"), ("6 Jun", "$180.00 instead of $100.00"))


def test_where_nothing_is_usual_dollars_are_told(ledger: Ledger) -> None:
    weekdays = [entry for entry in each_day(10.0) if entry.at and entry.at.weekday() < 5]
    sunday = TODAY - DAY
    found = check(ledger, [document("ada", *weekdays), document("eve", on(sunday, 40.0))])
    assert found.title == "14 Jun cost $40.00, where $0.00 is usual for a Sunday"
    assert found.detail == "$40.00 instead of $0.00, the median of 8 Sundays"


def test_a_cost_of_which_a_part_is_unknown_is_at_least_that(ledger: Ledger) -> None:
    found = check(ledger, team(document("eve", on(LAST, 100.0), on(LAST, None, calls=3))))
    assert found.detail.startswith("At least $200.00 instead of $100.00")


def test_an_unusual_user_is_worth_a_look_where_all_days_are_usual(ledger: Ledger) -> None:
    found = check(ledger, team(document("eve", *each_day(2.0, until=LAST), on(LAST, 40.0))))
    assert (found.state, found.title) == (State.LOOK, "On 12 Jun a user cost $40.00, where $2.00 is usual for them")
    assert users_of(found) == [("eve", "$40.00 instead of $2.00 on 12 Jun")]


def test_several_unusual_users_are_counted(ledger: Ledger) -> None:
    odd = [document(f"odd{number}", *each_day(2.0, until=LAST), on(LAST, 20.0 + number)) for number in range(2)]
    found = check(ledger, team(*odd))
    assert found.title == "2 users cost far more on a day than is usual for them"
    assert [user for user, _ in users_of(found)] == ["odd1", "odd0"]


def test_who_is_behind_an_unusual_day_is_named_once(ledger: Ledger) -> None:
    found = check(ledger, team(document("eve", *each_day(2.0, until=LAST), on(LAST, 90.0))))
    assert users_of(found) == [("eve", "$88.00 more than usual")]


def test_no_user_is_named_but_as_concerned(ledger: Ledger) -> None:
    """Whoever may not see findings gets a check without those."""
    found = check(ledger, team(document("eve-of-support", *each_day(2.0, until=LAST), on(LAST, 90.0))))
    said = (found.title, found.detail, found.why, found.todo, found.facts, found.table)
    assert "eve-of-support" not in str(said)


@pytest.mark.parametrize(("days", "state"), [(14, State.UNKNOWN), (27, State.UNKNOWN), (28, State.GOOD)])
def test_too_little_history_is_said(ledger: Ledger, days: int, state: State) -> None:
    found = check(ledger, team(document("eve", on(TODAY, 1.0)), days=days))
    assert found.state is state
    if state is State.UNKNOWN:
        assert found.title == "What a day usually costs is not known yet"
        assert found.detail == "Known after 4 weeks whose cost is known"


def test_where_nothing_was_used_nothing_is_said(ledger: Ledger) -> None:
    filled(ledger, [document("ada")])
    assert ask(days_are_usual, ledger, UnusualDays(), now=NOW) is None


def test_it_speaks_of_the_scope_alone(ledger: Ledger) -> None:
    documents = team(document("eve", on(LAST, 100.0)))
    assert check(ledger, documents, Scope(frozenset({"u1", "u2"}))).state is State.GOOD
