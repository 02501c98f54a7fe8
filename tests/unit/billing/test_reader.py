"""Reading the bill: once an hour for all, also across restarts, never two at a time; failures lose nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from pydantic import SecretStr
from tests.fakes import DEADLINE
from tests.unit.builders import batch, document, item
from tests.unit.syncing import Clock

from usage_dash.billing.problems import BillError
from usage_dash.billing.question import Question
from usage_dash.billing.reader import BillReader, NoBill
from usage_dash.ledger.bill import COSTS, USAGE, Ask, Bill
from usage_dash.ledger.ledger import Ledger

QUESTION = Question(SecretStr("sk-admin-1"), "https://api.openai.com/v1")
UTC_DAY = timedelta(days=1)


class FakeBill:
    """Answers with a cost of its own each time, or fails; waits while it is held."""

    def __init__(self, question: Question = QUESTION) -> None:
        self.question = question
        self.asked: list[date] = []
        self.error: Exception | None = None
        self.held = threading.Event()
        self.held.set()
        self.arrived = threading.Event()

    def read(self, first: date) -> Bill:
        self.asked.append(first)
        self.arrived.set()
        assert self.held.wait(DEADLINE)
        if self.error:
            raise self.error
        costs = pa.table([[first], ["gpt-5, input"], [""], [float(len(self.asked))]], COSTS)
        return Bill(first, costs, USAGE.empty_table())


@pytest.fixture
def bill() -> FakeBill:
    return FakeBill()


@pytest.fixture
def reader(bill: FakeBill, ledger: Ledger, clock: Clock) -> Iterator[BillReader]:
    made = BillReader(bill, ledger, now=clock.now)
    yield made
    bill.held.set()
    made.wait()
    made.close()


def look(reader: BillReader) -> None:
    reader.want()
    reader.wait()


def kept(ledger: Ledger) -> list[tuple[date, float]]:
    with ledger.reader() as sql:
        return sql.execute("SELECT day, cost FROM bill_costs ORDER BY day").fetchall()


def state(ledger: Ledger) -> tuple[datetime | None, str | None]:
    """When the last answer came, and why the last try failed."""
    with ledger.reader() as sql:
        return sql.execute("SELECT answered, problem FROM bill_ask").fetchall()[0]


def naive(clock: Clock) -> datetime:
    return clock.now().replace(tzinfo=None)


def test_nothing_is_asked_until_somebody_looks(reader: BillReader, bill: FakeBill, ledger: Ledger) -> None:
    reader.wait()
    assert bill.asked == []
    assert ledger.last_ask() is None


def test_it_is_read_once_an_hour_however_many_look(reader: BillReader, bill: FakeBill, clock: Clock) -> None:
    look(reader)
    clock.seconds += 3_599
    look(reader)
    assert len(bill.asked) == 1
    clock.seconds += 1
    look(reader)
    assert len(bill.asked) == 2


def test_there_are_never_two_at_a_time_and_nobody_waits(reader: BillReader, bill: FakeBill, clock: Clock) -> None:
    bill.held.clear()
    with ThreadPoolExecutor(8) as viewers:
        for _ in range(40):
            viewers.submit(reader.want)
    assert bill.arrived.wait(DEADLINE)
    clock.seconds += 7_200  # it takes so long that the next would be due
    reader.want()
    bill.held.set()
    reader.wait()
    assert len(bill.asked) == 1


def test_a_restart_asks_no_sooner(tmp_path: Path, bill: FakeBill, clock: Clock) -> None:
    for seconds, asked in ((0, 1), (3_000, 1), (600, 2)):
        clock.seconds += seconds
        ledger = Ledger("fake", ZoneInfo("UTC"), tmp_path / "ledger.duckdb")
        reader = BillReader(bill, ledger, now=clock.now)
        look(reader)
        reader.close()
        ledger.close()
        assert len(bill.asked) == asked


def test_another_question_is_asked_at_once_and_forgets_the_answer_to_the_former(
    ledger: Ledger, reader: BillReader, clock: Clock
) -> None:
    look(reader)
    other = FakeBill(Question(SecretStr("sk-admin-2"), QUESTION.base_url))
    other.error = BillError("No.")
    look(BillReader(other, ledger, now=clock.now))
    assert len(other.asked) == 1
    assert kept(ledger) == []
    assert state(ledger) == (None, "No.")


def test_a_failure_keeps_the_last_answer_with_its_time(
    reader: BillReader, bill: FakeBill, ledger: Ledger, clock: Clock
) -> None:
    look(reader)
    answered, known = naive(clock), kept(ledger)
    bill.error = BillError("OpenAI has failed.")
    clock.seconds += 3_600
    look(reader)
    assert kept(ledger) == known
    assert state(ledger) == (answered, "OpenAI has failed.")
    bill.error = None
    clock.seconds += 3_600
    look(reader)
    assert state(ledger) == (naive(clock), None)


def test_a_failure_waits_an_hour_or_as_long_as_openai_says(reader: BillReader, bill: FakeBill, clock: Clock) -> None:
    bill.error = BillError("Too often.", pause=7_200)
    look(reader)
    for seconds, asked in ((3_600, 1), (3_599, 1), (1, 2)):
        clock.seconds += seconds
        look(reader)
        assert len(bill.asked) == asked


def test_what_nobody_expected_is_told_in_a_sentence_and_logged(
    reader: BillReader, bill: FakeBill, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    bill.error = ZeroDivisionError()
    look(reader)
    assert "for a reason that usage-dash does not know" in (state(ledger)[1] or "")
    assert "Reading OpenAI's bill failed" in caplog.text


class BrokenLedger(Ledger):
    """A ledger that keeps no bill, for a reason that nobody foresaw."""

    def keep_bill(self, ask: Ask, bill: Bill | None) -> None:
        raise ZeroDivisionError(ask, bill)


def test_what_nobody_expected_of_the_ledger_is_logged_and_the_next_hour_tries_again(
    bill: FakeBill, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = BrokenLedger("fake", ZoneInfo("UTC"))
    reader = BillReader(bill, ledger, now=clock.now)
    for _ in range(2):
        look(reader)
        look(reader)
        clock.seconds += 3_600
    assert caplog.text.count("Keeping OpenAI's bill failed") == len(bill.asked) == 2
    ledger.close()


def test_a_clock_that_was_ahead_does_not_stop_it(ledger: Ledger, bill: FakeBill, clock: Clock) -> None:
    ahead = clock.now() + timedelta(days=400)
    ledger.keep_bill(Ask(QUESTION.digest, whole=True, asked=ahead, due=ahead + timedelta(hours=1)), None)
    look(BillReader(bill, ledger, now=clock.now))
    assert len(bill.asked) == 1


def test_all_days_since_the_first_use_are_read_once_then_the_last_ones(
    reader: BillReader, bill: FakeBill, ledger: Ledger, clock: Clock
) -> None:
    today = clock.now().date()
    look(reader)  # no usage is known as yet
    ledger.apply(batch(document("ada", item(at=clock.now() - 100 * UTC_DAY))), read_time=clock.now())
    for _ in range(2):
        clock.seconds += 3_600
        look(reader)
    assert bill.asked == [today - 34 * UTC_DAY, today - 100 * UTC_DAY, today - 34 * UTC_DAY]
    assert kept(ledger) == [(today - 100 * UTC_DAY, 2.0), (today - 34 * UTC_DAY, 3.0)]


@pytest.mark.parametrize(("ago", "read"), [(1, 34), (179, 179), (180, 34), (9_000, 34)])
def test_no_more_than_half_a_year_is_read(bill: FakeBill, ledger: Ledger, clock: Clock, ago: int, read: int) -> None:
    ledger.apply(batch(document("ada", item(at=clock.now() - ago * UTC_DAY))), read_time=clock.now())
    look(BillReader(bill, ledger, now=clock.now))
    assert bill.asked == [clock.now().date() - read * UTC_DAY]


def test_once_closed_a_try_under_way_comes_to_nothing(
    reader: BillReader, bill: FakeBill, ledger: Ledger, clock: Clock
) -> None:
    bill.held.clear()
    reader.want()
    assert bill.arrived.wait(DEADLINE)
    reader.close()  # which does not wait for OpenAI
    bill.held.set()
    reader.wait()
    assert ledger.last_ask() is None
    clock.seconds += 7_200
    look(reader)
    assert len(bill.asked) == 1


def test_without_a_key_nobody_is_asked() -> None:
    none = NoBill()
    none.want()
    none.wait()
    none.close()


def test_the_digest_of_a_question_is_anothers_for_each_part_of_it() -> None:
    digests = {
        Question(SecretStr(key), address, projects, keys).digest
        for key in ("a", "b")
        for address in ("https://x", "https://y")
        for projects in ((), ("p",))
        for keys in ((), ("p",))
    }
    assert len(digests) == 16
