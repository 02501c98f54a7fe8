"""What was told is known again, each address is owed it once, and what is over is told to who was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.unit.alerting import (
    MONTH,
    NOW,
    RULES,
    SILENT,
    TODAY,
    FakeComposer,
    FakeJudge,
    FakeSender,
    address,
    full,
    user_day,
)
from tests.unit.syncing import Clock

from usage_dash.alerts.deliveries import Deliveries
from usage_dash.alerts.findings import Finding
from usage_dash.alerts.memory import KEPT, MOST_TRIES, Memory
from usage_dash.ledger.alerts import Memo, forget_of
from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.settings.alert_addresses import Address
from usage_dash.settings.alert_rules import RuleName

ANN, BEN, CAT = address("ann"), address("ben"), address("cat")
DEADLINE = 60.0
DAY = timedelta(days=1)


class FullLedger(Ledger):
    """A ledger on a disk that is full as long as the test says."""

    is_full = False

    def remember(self, memo: Memo) -> None:
        self._refuse()
        super().remember(memo)

    def delivered(self, *told: object) -> None:
        self._refuse()
        super().delivered(*told)  # type: ignore[arg-type] # what it was given

    def not_delivered(self, *told: object) -> None:
        self._refuse()
        super().not_delivered(*told)  # type: ignore[arg-type] # what it was given

    def _refuse(self) -> None:
        if self.is_full:
            raise LedgerError("The disk is full.")


class World:
    """A ledger, and a process that judges, remembers and sends; it can be started anew."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self.clock = clock
        self.judge = FakeJudge()
        self.sender = FakeSender()
        self.composer = FakeComposer()
        self.ledger = FullLedger("fake", ZoneInfo("UTC"), path)
        self.start(ANN, BEN)

    def start(self, *addresses: Address) -> None:
        self.memory = Memory(self.ledger, addresses, self.composer, self.clock.now)
        self.deliveries = Deliveries(self.memory, self.sender)

    def find(self, *findings: Finding) -> None:
        """Judge, and send what is due."""
        self.judge.findings = findings
        self.memory.take(self.judge.judge(self.memory.since()))
        self.send()

    def send(self) -> None:
        self.deliveries.begin()
        assert self.deliveries.wait(DEADLINE)

    def later(self, **span: float) -> None:
        self.clock.seconds += timedelta(**span).total_seconds()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.ledger.reader() as sql:
            return sql.execute(query).fetchall()


@pytest.fixture
def world(clock: Clock) -> Iterator[World]:
    made = World(clock)
    yield made
    made.ledger.close()


def test_an_event_is_told_to_everybody_once(world: World) -> None:
    for _ in range(3):
        world.find(user_day("u1"))
        world.later(minutes=5)
    assert world.sender.told(ANN) == world.sender.told(BEN) == [f"user-day {TODAY} u1"]


def test_events_of_one_rule_and_period_are_one_message_and_others_have_their_own(world: World) -> None:
    world.find(user_day("u2"), user_day("u1"), user_day("u1", "2026-03-01"), SILENT)
    assert sorted(world.sender.told(ANN)) == ["silent", "user-day 2026-03-01 u1", f"user-day {TODAY} u1 u2"]


def test_whoever_crosses_later_is_told_alone(world: World) -> None:
    world.find(user_day("u1"))
    world.find(user_day("u1"), user_day("u2"))
    assert world.sender.told(ANN) == [f"user-day {TODAY} u1", f"user-day {TODAY} u2"]


def test_what_is_true_of_a_day_is_never_over(world: World) -> None:
    world.find(user_day("u1"))
    world.find()
    world.find(user_day("u1"))
    assert world.sender.told(ANN) == [f"user-day {TODAY} u1"]


def test_what_lasts_is_told_again_when_it_comes_again_and_once_when_it_is_over(world: World) -> None:
    for findings in ((SILENT,), (SILENT,), (), (), (SILENT,), ()):
        world.find(*findings)
    assert world.sender.told(ANN) == ["silent", "over: silent"] * 2


def test_those_of_one_alert_that_are_over_at_once_are_one_message(world: World) -> None:
    world.find(full("u1"), full("u2"), full("u3"))
    world.find(full("u2"))
    world.find()
    assert world.sender.told(ANN) == ["full u1 u2 u3", "over: full u1 u3", "over: full u2"]


def test_nothing_is_over_because_it_is_unknown_or_lingers(world: World) -> None:
    world.find(SILENT, full("u1"))
    before = len(world.sender.sent)
    world.judge.unknown, world.judge.lingering = frozenset({"silent"}), frozenset({full("u1").key})
    world.find()
    world.judge.unknown, world.judge.lingering = frozenset(), frozenset()
    world.find(SILENT, full("u1"))
    assert len(world.sender.sent) == before


def test_a_forecast_over_the_budget_is_over_within_its_month_only(world: World) -> None:
    this, last = (Finding(RuleName.FORECAST, month, "", "$2,700") for month in (MONTH, "2026-02"))
    world.find(this, last)
    world.find()
    assert world.sender.told(ANN)[2:] == ["over: forecast"]


def test_of_a_rule_that_was_taken_away_nothing_is_told_and_it_starts_anew(world: World) -> None:
    world.find(SILENT)
    world.judge.rules = RULES[:1]
    world.find()
    world.judge.rules = RULES
    world.find(SILENT)
    assert world.sender.told(ANN) == ["silent", "silent"]


def test_of_a_limit_that_was_changed_whoever_was_told_is_not_told_again(world: World) -> None:
    world.find(user_day("u1"))
    world.judge.rules = tuple(RULES[1:])
    world.find()
    world.judge.rules = RULES
    world.find(user_day("u1"))
    assert world.sender.told(ANN) == [f"user-day {TODAY} u1"]


def test_the_judge_is_told_since_when_each_present_rule_was_judged(world: World) -> None:
    world.judge.unknown = frozenset({"silent"})
    world.find()
    world.judge.at = NOW + DAY
    world.find()
    world.judge.rules, world.judge.unknown = RULES[1:], frozenset()
    world.find()
    world.find()
    known = {"user-day=50": NOW, "forecast": NOW, "full": NOW}
    without = {"forecast": NOW, "full": NOW, "silent=6h": NOW + DAY}
    assert world.judge.since == [{}, known, known, without]


def test_before_the_first_sync_what_is_known_counts_from_now(world: World) -> None:
    world.judge.at = None
    world.find(user_day("u1", "2020-01-01"))
    assert set(world.memory.since().values()) == {world.clock.now()}
    assert len(world.sender.told(ANN)) == 1


def test_an_address_that_fails_is_tried_again_ever_later_and_holds_up_nobody(world: World) -> None:
    world.sender.fail(ANN)
    world.find(user_day("u1"))
    assert world.sender.told(BEN) == [f"user-day {TODAY} u1"]
    (waiting,) = world.memory.sent().owed
    assert (waiting.address, waiting.tries, waiting.problem) == (ANN.digest, 1, "It does not answer.")
    delays = []
    for _ in range(8):
        delays.append((world.memory.sent().owed[0].due - world.clock.now()).total_seconds())
        world.later(seconds=delays[-1] - 1)
        world.send()
        world.later(seconds=1)
        world.send()
    assert len(world.sender.tries) == 10  # with Ben's: no try came a second too early
    for delay, minutes in zip(delays, (4, 8, 16, 32, 60, 60, 60, 60), strict=True):
        assert 0.8 <= delay / (minutes * 60) <= 1.2
    world.sender.failing.clear()
    world.later(hours=2)
    world.send()
    assert world.sender.told(ANN) == [f"user-day {TODAY} u1"]
    assert world.memory.sent().owed == ()


def test_what_waited_is_sent_as_it_was_written(world: World) -> None:
    world.sender.fail(ANN)
    world.find(user_day("u1"))
    world.sender.failing.clear()
    world.later(days=1)
    world.judge.at = NOW + DAY
    world.find(user_day("u1"))
    to_ann, to_ben = sorted(world.sender.sent, key=lambda each: each[0])
    assert to_ann[1] == to_ben[1]
    assert f"Data as of {NOW}" in to_ann[1].body


def test_after_about_a_day_it_is_given_up_with_a_word_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.sender.fail(ANN)
    world.find(user_day("u1"))
    began = world.clock.now()
    while waiting := world.memory.sent().owed:
        world.clock.seconds += (waiting[0].due - world.clock.now()).total_seconds()
        world.send()
    assert timedelta(hours=19) < world.clock.now() - began < timedelta(hours=29)
    assert world.sender.tries.count(ANN.short) == MOST_TRIES
    (given_up,) = world.memory.sent().given_up
    assert (given_up.rule, given_up.address, given_up.tries) == ("user-day", ANN.digest, MOST_TRIES)
    assert "An alert of the rule user-day was given up after 28 tries: It does not answer." in caplog.text
    world.sender.failing.clear()
    world.later(days=1)
    world.find(user_day("u1"))
    assert world.sender.told(ANN) == []


def test_of_what_failed_the_rest_for_that_address_waits_but_is_not_behind_it_the_next_time(world: World) -> None:
    world.sender.fail(ANN)
    world.find(user_day("u1"), SILENT)
    assert world.sender.tries.count(ANN.short) == 1
    world.sender.failing.clear()
    world.send()  # the first is not due as yet
    assert len(world.sender.told(ANN)) == 1


def test_nobody_hears_that_something_is_over_before_they_hear_of_it(world: World) -> None:
    world.sender.fail(ANN)
    world.find(SILENT)
    world.find()
    world.sender.failing.clear()
    world.send()
    assert world.sender.told(ANN) == []
    assert world.sender.told(BEN) == ["silent", "over: silent"]
    world.later(hours=2)
    world.send()
    assert world.sender.told(ANN) == ["silent", "over: silent"]


def test_what_had_to_wait_until_something_else_was_delivered_follows_at_once(world: World) -> None:
    world.find(full("ada"))
    world.find(full("bob"))
    assert [len(told) for told in map(world.sender.told, (ANN, BEN))] == [3, 3]
    assert world.memory.sent().owed == ()


def test_whoever_was_never_told_is_not_told_that_it_is_over(world: World) -> None:
    world.sender.fail(ANN)
    world.find(SILENT)
    world.find()
    while waiting := world.memory.sent().owed:
        world.clock.seconds += (waiting[0].due - world.clock.now()).total_seconds()
        world.send()
    world.sender.failing.clear()
    world.find()
    assert world.sender.told(ANN) == []


def test_what_nobody_expected_of_a_sender_is_tried_again_and_its_words_stay_out_of_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.sender.fail(ANN, ValueError(ANN.url.get_secret_value()))
    world.find(SILENT)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
    assert "secret" not in str(world.memory.sent())


def test_an_address_that_left_is_owed_nothing_and_a_new_one_gets_what_is_new(world: World) -> None:
    world.sender.fail(ANN)
    world.find(SILENT, user_day("u1"))
    world.start(BEN, CAT)
    world.later(days=1)
    world.find(SILENT, user_day("u1"), user_day("u2"))
    assert world.sender.told(CAT) == [f"user-day {TODAY} u2"]
    world.find()
    assert world.sender.told(BEN)[-1] == "over: silent"
    assert world.sender.told(CAT) == [f"user-day {TODAY} u2"]
    assert world.memory.sent().owed == ()
    assert world.rows(f"FROM deliveries WHERE address = '{ANN.digest}' AND due IS NOT NULL") == []
    world.sender.failing.clear()
    world.start(ANN, BEN)
    world.later(days=1)
    world.send()
    assert world.sender.told(ANN) == []


def test_neither_address_nor_secret_is_kept_and_no_text_longer_than_it_is_owed(world: World) -> None:
    world.sender.fail(ANN)
    world.find(user_day("u1"))
    assert world.rows("SELECT title FROM alerts") == [(f"user-day {TODAY}",)]
    world.sender.failing.clear()
    world.later(hours=1)
    world.find(user_day("u1"))
    kept = "".join(str(world.rows(f"FROM {table}")) for table in ("told", "alerts", "deliveries"))
    assert "secret" not in kept
    assert "json" not in kept
    assert world.rows("SELECT title, body, link FROM alerts") == [("", "", None)]


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)])
def test_a_clock_that_jumps_neither_loses_nor_repeats(world: World, jump: timedelta) -> None:
    world.find(user_day("u0"))
    world.sender.fail(ANN)
    world.find(user_day("u0"), user_day("u1"), SILENT)
    for there in (jump, -jump):  # wrong, and right again
        world.later(days=there.days)
        world.find(user_day("u0"), user_day("u1"), SILENT)
    world.sender.failing.clear()
    world.later(hours=2)
    world.find(user_day("u0"), user_day("u1"), SILENT)
    for who in (ANN, BEN):
        assert sorted(world.sender.told(who)) == ["silent", f"user-day {TODAY} u0", f"user-day {TODAY} u1"]


def test_after_the_clock_went_back_nothing_waits_longer_than_a_retry(world: World) -> None:
    world.sender.fail(ANN)
    world.find(SILENT)
    world.sender.failing.clear()
    world.later(days=-1)
    world.send()
    assert world.sender.told(ANN) == ["silent"]


def test_what_is_long_past_is_forgotten_and_not_told_again(world: World) -> None:
    world.find(user_day("u1"), SILENT, Finding(RuleName.BUDGET, MONTH, "80", "80%"))
    first = len(world.sender.told(ANN))
    world.judge.at = NOW + KEPT
    world.later(days=KEPT.days)
    world.find(user_day("u1"), SILENT, Finding(RuleName.BUDGET, MONTH, "80", "80%"))
    assert world.rows("SELECT rule, period FROM told ORDER BY ALL") == [("silent", ""), ("user-day", TODAY)]
    assert len(world.rows("FROM alerts")) == 3
    world.judge.at = NOW + KEPT + DAY
    world.later(days=1)
    world.find(user_day("u1"), SILENT)
    assert world.rows("SELECT rule, period FROM told ORDER BY ALL") == [("silent", "")]
    assert len(world.rows("FROM alerts")) == 1
    assert len(world.rows("FROM deliveries")) == 2
    assert len(world.sender.told(ANN)) == first


def test_a_ledger_that_cannot_be_written_sends_nothing_that_it_does_not_remember(world: World) -> None:
    world.ledger.is_full = True
    with pytest.raises(LedgerError):
        world.find(SILENT)
    world.send()
    assert world.sender.sent == []
    world.ledger.is_full = False
    world.find(SILENT)
    assert world.sender.told(ANN) == world.sender.told(BEN) == ["silent"]


def test_what_was_delivered_while_the_ledger_was_full_is_not_sent_again(world: World) -> None:
    world.sender.fail(BEN)
    world.memory.take(_silent(world))
    world.ledger.is_full = True
    for _ in range(3):
        world.later(hours=2)
        world.send()
    assert world.sender.told(ANN) == ["silent"]
    world.ledger.is_full = False
    world.send()
    assert [each.address for each in world.memory.sent().owed] == [BEN.digest]
    world.start(ANN, BEN)
    world.send()
    assert world.sender.told(ANN) == ["silent"]


def _silent(world: World) -> object:
    world.judge.findings = (SILENT,)
    return world.judge.judged


def test_whoever_is_forgotten_is_in_no_memory_and_what_waited_is_told_anew(world: World) -> None:
    world.find(user_day("u1"))
    world.sender.fail(ANN)
    world.find(user_day("u1"), user_day("u2"), user_day("u3"))
    world.ledger._transact(lambda sql: forget_of(sql, "u2"))
    kept = "".join(str(world.rows(f"FROM {table}")) for table in ("told", "alerts", "deliveries"))
    assert "u2" not in kept
    world.sender.failing.clear()
    world.find(user_day("u1"), user_day("u3"))
    assert world.sender.told(ANN) == [f"user-day {TODAY} u1", f"user-day {TODAY} u3"]


def test_the_ledger_counts_none_of_it_as_a_change(world: World) -> None:
    before = world.ledger.state
    world.sender.fail(ANN)
    world.find(SILENT)
    assert world.ledger.state == before


def test_when_each_rule_was_sent_last_is_known(world: World) -> None:
    world.find(user_day("u1"))
    at = world.clock.now()
    world.later(minutes=5)
    world.sender.fail(ANN)
    world.sender.fail(BEN)
    world.find(user_day("u2"))
    assert world.memory.sent().last == {"user-day": at}


Start = Callable[[], World]


@pytest.fixture
def from_file(tmp_path: Path, clock: Clock) -> Iterator[Start]:
    """The process, started anew on the same file each time that it is called."""
    worlds: list[World] = []

    def start() -> World:
        if worlds:
            worlds[-1].ledger.close()
        worlds.append(World(clock, tmp_path / "ledger.duckdb"))
        worlds[-1].composer = FakeComposer(f"{len(worlds)}-")
        worlds[-1].start(ANN, BEN)
        return worlds[-1]

    yield start
    worlds[-1].ledger.close()


def test_a_restart_tells_nothing_again_and_goes_on_with_what_is_owed(from_file: Start) -> None:
    world = from_file()
    world.sender.fail(ANN)
    world.find(SILENT, user_day("u1"))
    world = from_file()
    world.later(hours=2)
    world.find(SILENT, user_day("u1"))
    assert sorted(world.sender.told(ANN)) == ["silent", f"user-day {TODAY} u1"]
    assert world.sender.told(BEN) == []
    world = from_file()
    world.find()
    assert world.sender.told(ANN) == world.sender.told(BEN) == ["over: silent"]


def test_what_was_sent_is_asked_again_only_after_news(world: World) -> None:
    world.find(user_day("u1"))
    before = world.memory.sent()
    assert world.memory.sent() is before
    world.sender.fail(ANN)
    world.find(user_day("u2"))
    after = world.memory.sent()
    assert [each.problem for each in after.owed] == ["It does not answer."]
    assert world.memory.sent() is after
    world.sender.failing.clear()
    world.later(hours=2)
    world.send()
    assert world.memory.sent().owed == ()
