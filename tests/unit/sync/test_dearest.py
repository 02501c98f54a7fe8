"""Which usage documents cost most to read."""

from __future__ import annotations

from tests.unit.builders import batch, document

from usage_dash.sync.dearest import DearDocument, Dearest


def test_a_small_document_that_is_read_often_may_cost_more_than_a_large_one() -> None:
    dearest = Dearest()
    dearest.add(batch(document("large", size=900), document("small", size=10)))
    for _ in range(99):
        dearest.add(batch(document("small", size=10)))
    assert dearest.first() == (DearDocument("small", 100, 1_000), DearDocument("large", 1, 900))


def test_a_document_that_grows_is_counted_with_its_size_at_each_read() -> None:
    dearest = Dearest()
    for size in (10, 20, 30):
        dearest.add(batch(document("ada", size=size)))
    assert dearest.first() == (DearDocument("ada", 3, 60),)


def test_a_document_of_unknown_size_is_not_taken_for_a_free_one() -> None:
    dearest = Dearest()
    dearest.add(batch(document("ada"), document("bob", size=1)))
    assert [each.user_id for each in dearest.first()] == ["bob"]


def test_the_five_dearest_are_told_whatever_comes_after_them() -> None:
    dearest = Dearest()
    dearest.add(batch(*(document(f"dear {number}", size=1_000_000 - number) for number in range(6))))
    for start in range(0, 20_000, 500):
        dearest.add(batch(*(document(f"user {number}", size=5_000) for number in range(start, start + 500))))
    assert [each.user_id for each in dearest.first()] == [f"dear {number}" for number in range(5)]
