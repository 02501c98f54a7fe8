"""Answers that are kept for some minutes: for the same question, scope, choice and users, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from tests.unit.asking import moment
from tests.unit.builders import NOON, batch, document, item

from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.lately import Lately

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as opened:
        opened.apply(batch(document("ada", item())))
        yield opened


def test_an_answer_is_kept_for_five_minutes_whatever_comes(ledger: Ledger) -> None:
    lately, numbers = Lately(), count()

    def answer(now: datetime = NOON, scope: Scope = EVERYBODY, choice: Choice = ALL_CHOSEN, question: str = "a") -> int:
        with moment(ledger, now, scope, choice) as seen:
            return lately.of(seen, lambda: next(numbers), question)

    assert answer() == 0
    ledger.apply(batch(document("ada", item(), item(1))))
    assert answer(NOON + 4 * MINUTE) == 0
    assert answer(question="b") == 1
    assert answer(scope=Scope(frozenset({"ada"}))) == 2
    assert answer(choice=Choice(users=("ada",))) == 3
    assert answer(NOON + 5 * MINUTE) == 4
    ledger.apply(batch(document("bob")))
    assert answer(NOON + 5 * MINUTE) == 5


def test_that_there_is_nothing_is_kept_too(ledger: Ledger) -> None:
    lately, asked = Lately(), []
    for _ in range(2):
        with moment(ledger) as seen:
            assert lately.of(seen, lambda: asked.append("once")) is None  # type: ignore[func-returns-value]
    assert asked == ["once"]
