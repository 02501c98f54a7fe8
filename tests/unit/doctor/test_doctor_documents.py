"""What the source holds, as the doctor tells it."""

from __future__ import annotations

import pytest
from tests.unit.doctor.seeing import NOW, ahead, document, seen, state_of

from usage_dash.checks.check import State
from usage_dash.doctor import documents
from usage_dash.doctor.source import SAMPLE

MANY = {f"user {number:03}": document() for number in range(SAMPLE + 5)}


def test_a_collection_is_counted_and_an_empty_one_doubted() -> None:
    assert documents.collection(seen(MANY)).title == "The collection “usage” holds 25 usage documents"
    empty = documents.collection(seen({}))
    assert state_of(empty) is State.LOOK
    assert "USAGE_COLLECTION" in empty.todo


def test_no_more_than_the_sample_is_read() -> None:
    check = documents.sample(seen(MANY))
    assert state_of(check) is State.GOOD
    assert check is not None
    assert (check.title, check.detail) == (
        "Nothing is wrong in the 20 documents that changed last",
        "To look at them cost 20 reads",
    )


def test_what_is_wrong_is_named_by_document() -> None:
    wrong = {f"wrong {number}": document(totalCalls="1", totalTokens=None) for number in range(7)}
    check = documents.sample(seen(MANY | wrong))
    assert state_of(check) is State.LOOK
    assert check is not None
    assert check.title == "Something is wrong in 7 of the 20 documents that changed last"
    assert (len(check.users), check.others, check.concerned) == (5, 2, 7)
    assert check.users[0].how == "totalCalls: a number as text, read as a number"


def test_documents_without_a_date_are_what_refreshes_never_see() -> None:
    check = documents.sample(seen({"ada": document(lastUpdated="yesterday")}))
    assert state_of(check) is State.ACT
    assert check is not None
    assert "`lastUpdated`" in check.title


def test_an_empty_collection_has_no_sample() -> None:
    assert documents.sample(seen({})) is None


@pytest.mark.parametrize(
    ("seconds", "state", "which"),
    [
        (0, State.GOOD, "right"),
        (29, State.GOOD, "right"),
        (-29, State.GOOD, "right"),
        (31, State.LOOK, "1 min behind"),
        (-31, State.LOOK, "1 min ahead"),
        (301, State.ACT, "behind"),
        (-86_400 * 400, State.ACT, "400 days ahead"),
    ],
)
def test_a_clock_is_compared_with_the_sources(seconds: int, state: State, which: str) -> None:
    check = documents.clock(ahead(seconds=seconds))
    assert state_of(check) is state
    assert check is not None
    assert which in check.title


def test_the_clock_is_compared_with_the_middle_of_the_question() -> None:
    assert seen().ahead.total_seconds() == 0
    assert seen().sample.read_time == NOW
