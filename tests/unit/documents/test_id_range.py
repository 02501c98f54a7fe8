"""A range that holds one id alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.documents.batch import IdRange

IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=6)


def holds(ids: IdRange, user_id: str) -> bool:
    """As sources order ids: by the bytes of UTF-8."""
    found = user_id.encode()
    after, until = (None if bound is None else bound.encode() for bound in (ids.after, ids.until))
    return (after is None or found > after) and (until is None or found <= until)


@given(IDS)
def test_it_holds_the_id_and_bounds_that_an_id_can_have(user_id: str) -> None:
    ids = IdRange.of(user_id)
    assert holds(ids, user_id)
    assert ids.after is None or "/" not in ids.after
    assert ids.after != ""


@given(IDS, IDS)
def test_it_holds_no_other(user_id: str, other: str) -> None:
    if other != user_id and "\U0010ffff" not in other and "\0" not in user_id:
        assert not holds(IdRange.of(user_id), other)


@pytest.mark.parametrize("ids", [["user-1", "user-10", "user-2", "user-20"], ["a", "a.", "a0", "a1", "b"]])
def test_neighbours_stay_out(ids: list[str]) -> None:
    for before, user_id in pairwise(sorted(ids)):
        assert holds(IdRange.of(user_id), user_id)
        assert not holds(IdRange.of(user_id), before)
        assert not holds(IdRange.of(before), user_id)
