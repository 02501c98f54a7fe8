"""Whatever happens in between, and wherever the process is killed: nothing is lost, and nothing told twice, unless the
kill falls between sending and noting it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.fakes import DEADLINE
from tests.unit.alerting import SILENT, FakeComposer, FakeJudge, FakeSender, address, full, user_day
from tests.unit.syncing import Clock

from usage_dash.alerts.deliveries import Deliveries
from usage_dash.alerts.findings import LASTING, Finding, Key
from usage_dash.alerts.memory import Memory
from usage_dash.alerts.messages import Message
from usage_dash.ledger.alerts import Memo
from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.settings.alert_addresses import Address

PEOPLE = address("ann"), address("ben")
LASTS = (SILENT, full("u1"), full("u2"))
DATED = tuple(user_day(user, day) for user in ("u1", "u2") for day in ("2026-03-01", "2026-03-02"))


class Life:
    """A process, which is killed after so many effects on the world; then it has none any more."""

    def __init__(self, effects: int | None) -> None:
        self._left = effects

    def has_effect(self) -> bool:
        if self._left is None:
            return True
        self._left -= 1
        return self._left >= 0


class MortalLedger(Ledger):
    """A ledger that whoever was killed cannot write to, and nobody as long as its disk is full."""

    life = Life(None)
    is_full = False
    remembered: Callable[[Memo], None]

    def __init__(self) -> None:
        super().__init__("fake", ZoneInfo("UTC"))
        self.sent: set[tuple[str, str]] = set()  # what was delivered, but is not noted as yet
        self.unnoted: Counter[tuple[str, str]] = Counter()  # how often that was never noted

    def remember(self, memo: Memo) -> None:
        if self._writes():
            super().remember(memo)
            self.remembered(memo)

    def delivered(self, alert: str, address: str, at: datetime) -> None:
        if self._writes():
            super().delivered(alert, address, at)
            self.sent.remove((alert, address))

    def lose(self) -> None:
        """The process that knew what was delivered has ended."""
        self.unnoted.update(self.sent)
        self.sent.clear()

    def not_delivered(self, alert: str, address: str, problem: str, due: datetime | None) -> None:
        if self._writes():
            super().not_delivered(alert, address, problem, due)

    def _writes(self) -> bool:
        if self.is_full:
            raise LedgerError("The disk is full.")
        return self.life.has_effect()


class MortalSender(FakeSender):
    """A sender that brings nothing for whoever was killed."""

    life = Life(None)
    brought: Callable[[tuple[str, str]], None]

    def send(self, address: Address, message: Message) -> None:
        if self.life.has_effect():
            super().send(address, message)
            self.brought((message.id, address.digest))


class Told(RuleBasedStateMachine):
    """A process that judges and sends, and a world in which much goes wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.judge = FakeJudge()
        self.sender = MortalSender()
        self.ledger = MortalLedger()
        self.ledger.remembered = self.note
        self.sender.brought = self.ledger.sent.add
        self.composer = FakeComposer()
        self.expected: Counter[str] = Counter()  # how often each event should be told
        self.known: set[Key] = set()  # what was told and is not over
        self.begun: set[Key] = set()
        self.start()

    def start(self) -> None:
        self.ledger.lose()
        self.memory = Memory(self.ledger, PEOPLE, self.composer, self.clock.now)
        self.deliveries = Deliveries(self.memory, self.sender)

    def note(self, _memo: Memo) -> None:
        """A judging was remembered, so what follows from it is to be told."""
        judged = self.judge.judged
        now = {finding.key for finding in judged.findings}
        sure = {key for key in self.known if key.rule in LASTING and key.rule not in judged.unknown}
        for key in now - self.known:
            self.expected[title_of(key)] += 1
        for key in sure - now:
            self.expected[f"over: {title_of(key)}"] += 1
        self.known = (self.known | now) - (sure - now)

    def one_pass(self) -> None:
        with suppress(LedgerError):
            self.memory.take(self.judge.judge(self.memory.since()))
        self.deliveries.begin()
        assert self.deliveries.wait(DEADLINE)

    @rule(
        dated=strategies.sets(strategies.sampled_from(DATED)), lasting=strategies.sets(strategies.sampled_from(LASTS))
    )
    def usage_goes_on(self, dated: set[Finding], lasting: set[Finding]) -> None:
        self.begun |= {finding.key for finding in dated}
        self.judge.findings = tuple(
            sorted(
                (*(each for each in DATED if each.key in self.begun), *lasting),
                key=lambda each: each.key,
            )
        )
        self.one_pass()

    @rule()
    def nothing_happens(self) -> None:
        self.one_pass()

    @rule(unknown=strategies.sets(strategies.sampled_from(["silent", "full"])))
    def something_is_unknown(self, unknown: set[str]) -> None:
        self.judge.unknown = frozenset(unknown)
        self.judge.findings = tuple(each for each in self.judge.findings if each.rule not in unknown)
        self.one_pass()

    @rule(failing=strategies.sets(strategies.sampled_from(PEOPLE)))
    def addresses_fail(self, failing: set[Address]) -> None:
        self.sender.failing.clear()
        for each in failing:
            self.sender.fail(each)

    @rule(minutes=strategies.integers(-600_000, 600_000))
    def the_clock_is_moved(self, minutes: int) -> None:
        self.clock.seconds += minutes * 60

    @rule(minutes=strategies.integers(0, 90))
    def time_passes(self, minutes: int) -> None:
        self.clock.seconds += minutes * 60
        self.one_pass()

    @rule(is_full=strategies.booleans())
    def the_disk_is_full_or_not(self, is_full: bool) -> None:  # noqa: FBT001 - drawn by name
        self.ledger.is_full = is_full

    @rule()
    def it_is_started_anew(self) -> None:
        self.start()

    @rule(
        effects=strategies.integers(0, 12), dated=strategies.sampled_from(DATED), lasting=strategies.sampled_from(LASTS)
    )
    def it_is_killed_in_the_middle(self, effects: int, dated: Finding, lasting: Finding) -> None:
        self.ledger.life = self.sender.life = Life(effects)
        self.usage_goes_on({dated}, {lasting})
        self.ledger.life = self.sender.life = Life(None)
        self.start()

    def told(self, who: Address) -> list[tuple[bool, str]]:
        """What an address was told, in order, without repetitions: whether it was over, and which event that is."""
        messages = {message.id: message for to, message in self.sender.sent if to == who.short}
        found = []
        for each in messages.values():
            over, title = each.title.startswith("over: "), each.title.removeprefix("over: ")
            subjects = each.body.splitlines()[:-1]
            found += [(over, f"{title} {subject}".strip()) for subject in subjects]
        return found

    def times(self, who: Address) -> Counter[str]:
        return Counter(f"{'over: ' * over}{title}" for over, title in self.told(who))

    @invariant()
    def nothing_is_told_more_often_than_it_happened(self) -> None:
        for who in PEOPLE:
            assert self.times(who) <= self.expected

    @invariant()
    def nothing_is_sent_twice_that_could_be_noted(self) -> None:
        digests = {who.short: who.digest for who in PEOPLE}
        sent = Counter((message.id, digests[who]) for who, message in self.sender.sent)
        for each, times in sent.items():
            assert times <= 1 + self.ledger.unnoted[each]

    @invariant()
    def what_lasts_is_told_in_turns(self) -> None:
        for who in PEOPLE:
            for title in map(title_of, (each.key for each in LASTS)):
                turns = [over for over, event in self.told(who) if event == title]
                assert turns == [number % 2 == 1 for number in range(len(turns))]

    def teardown(self) -> None:
        """All is well again, and in the end everybody knows everything."""
        self.sender.failing.clear()
        self.ledger.is_full = False
        while self.memory.due() or self.memory.sent().owed:
            self.clock.seconds += 4_400
            self.one_pass()
        for who in PEOPLE:
            assert self.times(who) == self.expected
        self.ledger.close()


def title_of(key: Key) -> str:
    return " ".join(filter(None, key))


TestTold = Told.TestCase
TestTold.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
