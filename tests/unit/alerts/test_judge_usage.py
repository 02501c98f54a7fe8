"""Silence, failure, full documents and a bill that says more: found once they are so, over once they are well past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.fakes import FORBIDDEN, UNREACHABLE
from tests.unit.alerts.judging import Court, Read, rules_of
from tests.unit.builders import NOON, document, item
from tests.unit.checks.checking import counted
from tests.unit.known import Named
from tests.unit.worlds import filled, told

from usage_dash.alerts.findings import Key, Ruling
from usage_dash.alerts.of_usage import billed
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.reporting import gap
from usage_dash.reporting.billed import Billed, BilledDay
from usage_dash.reporting.gap import Part
from usage_dash.reporting.sums import Sum

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
FAILING = Key("failing", "", "")
SILENT = Key("silent", "", "")
BILLED = Key("billed", "", "")


def hourly(ledger: Ledger, until: int = -7) -> Ledger:
    """Usage in each hour of five weeks, until some hours before noon."""
    return filled(ledger, [counted("ada", *(item(60 * n, cost=-n / 64) for n in range(-35 * 24, until + 1)))])


def test_silence_is_found_while_usage_is_usual(ledger: Ledger) -> None:
    court = Court(hourly(ledger), "silent=6h")
    (finding,) = court.judged().findings
    assert finding.line == (
        "Nothing recorded for 7 h. In 6 hours of these there was usage in three of the last four weeks."
    )
    assert "`" not in finding.line + finding.todo
    assert (court.state.words, court.state.now) == ("Nothing is recorded for 6 hours", "7 h since the last call")


@pytest.mark.parametrize("text", ["silent=8h", "silent=2d"])
def test_silence_that_is_shorter_than_the_rule_is_not(ledger: Ledger, text: str) -> None:
    assert Court(hourly(ledger), text).judged().findings == ()


def test_silence_is_over_once_anything_is_recorded(ledger: Ledger) -> None:
    court = Court(hourly(ledger), "silent=6h")
    assert not court.judged().is_over(SILENT)
    hourly(ledger, until=0)
    assert court.judged().is_over(SILENT)
    assert court.state.now == "0 s since the last call"


def test_silence_is_unknown_before_three_weeks_and_without_any_usage(ledger: Ledger) -> None:
    court = Court(ledger, "silent=6h")
    assert (court.state.now, court.judged().unknown) == ("nothing recorded yet", {"silent"})
    filled(ledger, [document("ada", item(-60 * 24 * 8, cost=1.0), item(-60 * 9, cost=2.0))])
    assert (court.state.now, court.judged().unknown) == (
        "9 h since the last call; what is usual is known after three weeks",
        {"silent"},
    )
    assert not court.judged().is_over(SILENT)


def test_while_the_source_fails_nobody_knows_of_silence(ledger: Ledger) -> None:
    court = Court(hourly(ledger), "silent=6h", sync=Read(until=NOON, error=UNREACHABLE))
    judged = court.judged()
    assert (judged.findings, judged.unknown) == ((), {"silent"})


def test_failing_is_found_by_how_long_ago_a_sync_went_well(ledger: Ledger) -> None:
    court = Court(ledger, "failing=10m", sync=Read(until=NOON - 10 * MINUTE, error=FORBIDDEN))
    (finding,) = court.judged().findings
    assert finding.line == "Firestore refused to let usage-dash read “usage”, 10 min since the last sync."
    assert finding.todo == "Give its service account the role Cloud Datastore Viewer."
    assert (court.state.words, court.state.now) == ("No sync goes well for 10 minutes", "10 min since the last sync")


def test_failing_for_less_is_not_found_nor_is_a_sync_that_nobody_asked_for(ledger: Ledger) -> None:
    court = Court(ledger, "failing=10m", sync=Read(until=NOON - timedelta(seconds=599), error=FORBIDDEN))
    assert court.judged().findings == ()
    court = Court(ledger, "failing=10m", sync=Read(until=NOON - 9 * HOUR))
    assert court.judged().findings == ()


def test_failing_counts_from_the_last_sync_that_went_well_however_old_its_data_are(ledger: Ledger) -> None:
    court = Court(ledger, "failing=10m", sync=Read(NOON - 9 * HOUR, FORBIDDEN, well_since=timedelta(seconds=599)))
    assert court.judged().findings == ()
    court.sync.well_since = 10 * MINUTE
    (finding,) = court.judged().findings
    assert finding.line.endswith(", 10 min since the last sync.")


def test_failing_is_found_where_nothing_was_ever_read(ledger: Ledger) -> None:
    court = Court(ledger, "failing=10m", sync=Read(until=None, error=FORBIDDEN, last_run=None))
    assert (court.judged().findings, court.judged().unknown) == ((), frozenset())
    assert court.state.now == "not read yet"
    assert court.judged(NOON - 9 * MINUTE).findings == ()
    (finding,) = court.judged(NOON - 10 * MINUTE).findings
    assert finding.line == "Firestore refused to let usage-dash read “usage”, nothing was ever read."


def test_failing_is_over_once_it_went_well_for_as_long(ledger: Ledger) -> None:
    court = Court(ledger, "failing=10m", sync=Read(until=NOON, error=FORBIDDEN))
    court.pass_by(10 * MINUTE)
    assert [finding.key for finding in court.judged().findings] == [FAILING]
    court.sync.error = None
    court.pass_by(9 * MINUTE)
    assert (court.judged().findings, court.judged().is_over(FAILING)) == ((), False)
    court.pass_by(MINUTE)
    assert court.judged().is_over(FAILING)


def test_a_source_that_fails_now_and_then_is_not_told_again_and_again(ledger: Ledger) -> None:
    court = Court(ledger, "failing=10m", sync=Read(until=NOON, error=FORBIDDEN))
    court.pass_by(10 * MINUTE)
    for _ in range(5):
        assert not court.judged().is_over(FAILING)
        court.sync.error = None
        court.pass_by(5 * MINUTE)
        assert not court.judged().is_over(FAILING)
        court.sync.error = FORBIDDEN
        court.pass_by(5 * MINUTE)


def test_failing_is_judged_by_monotonic_time_when_it_is_over(ledger: Ledger) -> None:
    court = Court(ledger, "failing=10m", sync=Read(until=NOON - HOUR, error=FORBIDDEN))
    court.judged()
    court.sync.error = None
    court.now += 3 * HOUR
    assert not court.judged().is_over(FAILING), "the clock on the wall was put forward"


LIMITS = Rules(document_limit=1_000_000)


def filling(ledger: Ledger, *sizes: tuple[str, int]) -> Ledger:
    """Documents of some sizes, which have not grown for long."""
    people = {"ada": Named("Ada Lovelace")}
    return filled(ledger, [document(user, item(-60 * 24 * 99), size=size) for user, size in sizes], people)


def test_a_document_is_found_once_it_is_nearly_full(ledger: Ledger) -> None:
    filling(ledger, ("ada", 900_000), ("bob", 899_000), ("eve", 1_000_000))
    court = Court(ledger, "full", limits=LIMITS)
    found = {(finding.subject, finding.line) for finding in court.judged().findings}
    assert set(court.names.users) == {"ada", "bob", "eve"}
    assert found == {
        ("eve", "eve – 1.0 MB, full"),
        ("ada", "Ada Lovelace – 900.0 kB, stays as it is"),
    }
    assert (court.state.words, court.state.now) == ("A document is nearly full", "100% of 1.0 MB, the fullest")


def test_documents_of_users_who_are_called_alike_are_told_apart(ledger: Ledger) -> None:
    filling(ledger, ("ada", 900_000), ("bob", 990_000))
    ledger.take_people(told({"ada": Named("Alex"), "bob": Named("Alex")}))
    lines = [finding.line.partition(" – ")[0] for finding in Court(ledger, "full", limits=LIMITS).judged().findings]
    assert lines == ["Alex (bob)", "Alex (ada)"]


def test_a_document_that_will_be_full_within_four_weeks_is_found_with_the_day(ledger: Ledger) -> None:
    items = [item(-60 * 24 * number, cost=1.0) for number in range(28)]
    filled(ledger, [document("ada", *items, size=700_000)])
    (finding,) = Court(ledger, "full", limits=LIMITS).judged().findings
    assert finding.line == "ada – 700.0 kB, full about 27 Jun"


@pytest.mark.parametrize(("size", "is_over"), [(899_000, False), (600_000, False), (599_000, True)])
def test_a_document_has_room_again_below_where_it_would_fill(ledger: Ledger, size: int, *, is_over: bool) -> None:
    court = Court(filling(ledger, ("ada", 900_000)), "full", limits=LIMITS)
    (finding,) = court.judged().findings
    filling(ledger, ("ada", size))
    assert court.judged().is_over(finding.key) is is_over


def test_of_too_many_documents_none_is_known_to_have_room_again(ledger: Ledger) -> None:
    court = Court(filling(ledger, *((f"u{number}", 900_000) for number in range(501))), "full", limits=LIMITS)
    judged = court.judged()
    assert (len(judged.findings), judged.unknown) == (500, {"full"})
    assert not judged.is_over(Key("full", "", "u500"))


def test_where_sizes_are_not_known_the_rule_says_so(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item())])
    court = Court(ledger, "full")
    assert court.state.idle == "The source does not tell how large documents are"
    assert not court.judged().is_over(Key("full", "", "ada"))


NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)
FOUND = Billed(
    days=(BilledDay(date(2026, 11, 22), 100.0, Sum(85.0), provisional=False),),
    first=date(2026, 10, 24),
    last=date(2026, 11, 22),
    recorded=Sum(85.0),
    billed=100.0,
    share=0.85,
    parts=(Part(gap.LOST, "9 calls more than recorded, most of gpt-5", 15.0),),
    asked=NOW - timedelta(minutes=24),
    problem=None,
)


def ruling(recorded: float = 85.0, text: str = "billed=90", **changed: object) -> Ruling:
    found = replace(FOUND, recorded=Sum(recorded), share=recorded / 100, **changed)  # type: ignore[arg-type]
    return billed(found, NOW, rules_of(text)[0])


def test_recorded_under_the_percents_is_found(ledger: Ledger) -> None:
    found = ruling()
    (finding,) = found.findings
    assert finding.line == (
        "Recorded is less than OpenAI billed: $85.00 recorded, $100.00 billed, 24 Oct – 22 Nov 2026 in UTC days."
    )
    assert finding.todo.startswith("Count every answer")
    assert "`" not in finding.todo
    assert found.now == "85%"
    assert Court(ledger, "billed=90").state.idle == "No key is set: OPENAI_ADMIN_KEY"


@pytest.mark.parametrize(
    ("recorded", "text", "is_found", "lingers"),
    [
        (89.9, "billed=90", True, True),
        (90.0, "billed=90", False, True),
        (91.9, "billed=90", False, True),
        (92.0, "billed=90", False, False),
        (99.0, "billed=100", True, True),
        (100.0, "billed=100", False, False),
    ],
)
def test_it_is_enough_again_two_percents_above(recorded: float, text: str, *, is_found: bool, lingers: bool) -> None:
    found = ruling(recorded, text)
    assert (bool(found.findings), BILLED in found.lingering, found.unknown) == (is_found, lingers, False)


def test_what_others_were_billed_is_not_missing() -> None:
    assert ruling(85.0, others=10.0).findings == ()
    assert ruling(85.0, others=5.0).findings != ()


def test_what_may_have_been_used_before_the_first_look_is_not_missing_for_sure() -> None:
    assert ruling(85.0, undated=5.0).findings == ()
    assert ruling(85.0, undated=4.0).findings != ()


@pytest.mark.parametrize(
    "changed",
    [
        {"share": None, "billed": 0.0},
        {"recorded": Sum(0.0), "share": None},
        {"others": 100.0},
        {"problem": "OpenAI refused the key", "asked": None},
        {"problem": "OpenAI refused the key", "asked": NOW - timedelta(days=1, seconds=1)},
        {"recorded": Sum(85.0, 3)},
    ],
)
def test_what_is_not_known_is_neither_found_nor_over(changed: dict[str, object]) -> None:
    found = billed(replace(FOUND, **changed), NOW, rules_of("billed=90")[0])  # type: ignore[arg-type]
    assert (found.findings, found.unknown) == ((), True)


def test_a_bill_that_could_not_be_read_for_an_hour_still_counts() -> None:
    assert ruling(problem="OpenAI is slow").findings != ()


def test_of_a_rule_that_was_taken_away_nothing_is_over(ledger: Ledger) -> None:
    assert Court(hourly(ledger, until=0), "silent=6h").judged().is_over(SILENT)
    assert not Court(hourly(ledger, until=0), "failing=10m").judged().is_over(SILENT)
