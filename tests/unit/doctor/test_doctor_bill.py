"""OpenAI's bill, as the doctor tells it."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import SecretStr
from tests.unit.doctor.seeing import NOW, state_of

from usage_dash.billing import problems
from usage_dash.billing.problems import BillError
from usage_dash.billing.question import Question
from usage_dash.checks.check import State
from usage_dash.doctor.bill import bill
from usage_dash.ledger.bill import COSTS, USAGE, Bill

KEY = SecretStr("sk-admin-nobody-has-this")


class Told:
    """Says that nothing was billed, or fails with a sentence."""

    def __init__(self, problem: str | None = None, projects: tuple[str, ...] = ("proj_abc",)) -> None:
        self.question = Question(KEY, "https://api.openai.com/v1", projects)
        self._problem = problem
        self.asked: list[date] = []

    def read(self, first: date) -> Bill:
        self.asked.append(first)
        if self._problem:
            raise BillError(self._problem)
        return Bill(first, COSTS.empty_table(), USAGE.empty_table())


def test_without_a_key_there_is_nothing_to_say() -> None:
    assert bill(None, NOW) is None


def test_a_bill_that_can_be_read_is_asked_for_two_days() -> None:
    source = Told()
    assert state_of(bill(source, NOW)) is State.GOOD
    assert source.asked == [date(2026, 2, 28)]


def test_the_whole_organisations_bill_is_doubted() -> None:
    check = bill(Told(projects=()), NOW)
    assert state_of(check) is State.LOOK
    assert check is not None
    assert "OPENAI_PROJECT_IDS" in check.todo


@pytest.mark.parametrize("problem", [problems.of_status(401), problems.SLOW, problems.UNREACHABLE])
def test_what_stands_in_the_way_is_told_without_the_key(problem: str) -> None:
    check = bill(Told(problem), NOW)
    assert state_of(check) is State.ACT
    assert check is not None
    assert check.todo == problem
    assert KEY.get_secret_value() not in repr(check)
