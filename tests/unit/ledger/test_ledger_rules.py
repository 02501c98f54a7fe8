"""The ledger against its rules in plain Python, on any sequence of documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.builders import Document, Item, batch, document, held, item

from usage_dash.documents.batch import EVERYTHING, IdRange
from usage_dash.ledger.ledger import Ledger

IDS = ("a", "b", "c")
FINDINGS = st.frozensets(st.sampled_from([("f", "p", "x", 1), ("f", "p", "x", 2), ("g", "q", "y", 1)]))
# Few different entries, some of them alike in all but one field, so that they often meet again.
ITEMS = st.one_of(
    st.builds(item, st.integers(0, 3), calls=st.integers(1, 2), rest=st.sampled_from([None, "{}"])),
    st.builds(Item, st.none(), cost=st.sampled_from([None, 1.0]), model=st.sampled_from(["o5", "unknown"])),
)
DOCUMENTS = st.builds(
    lambda user_id, items, calls, findings: document(
        user_id, *items, total_calls=calls, findings=tuple(sorted(findings))
    ),
    st.sampled_from(IDS),
    st.lists(ITEMS, max_size=6, unique=True),
    st.one_of(st.none(), st.integers(0, 2)),
    FINDINGS,
)
BATCHES = st.lists(DOCUMENTS, max_size=3, unique_by=lambda each: each.user_id)
RANGES = st.sampled_from([None, None, EVERYTHING, IdRange("a", "b"), IdRange("b", None), IdRange(None, "b")])


@dataclass
class Array:
    """What should be known of one user's entries."""

    visible: list[Item] = field(default_factory=list)
    history: set[Item] = field(default_factory=set)

    def take(self, new: list[Item]) -> None:
        added = [each for each in new if each not in self.visible]
        vanished = [each for each in self.visible if each not in new]
        survivors = [each for each in self.visible if each in new]
        if survivors:
            first = survivors[0]
            front = self.visible[: self.visible.index(first)]
            nothing_new_before = not any(each in added for each in new[: new.index(first)])
            trimmed = [each for each in vanished if each in front and nothing_new_before]
        else:
            trimmed = [each for each in vanished if all(each.at != other.at for other in added)]
        self.history = (self.history | set(trimmed)) - set(new)
        self.visible = new


@dataclass
class Model:
    """What should be known of all users."""

    documents: dict[str, Document] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)

    def apply(self, documents: list[Document], within: IdRange | None) -> None:
        for each in documents:
            self.documents[each.user_id] = each
            self.arrays.setdefault(each.user_id, Array()).take(list(each.items))
        named = {each.user_id for each in documents}
        for user_id in IDS:
            if within and user_id not in named and _holds(within, user_id):
                self.documents.pop(user_id, None)
                self.arrays.pop(user_id, None)

    def state(self) -> object:
        users = {
            user: (each.total_calls, frozenset(each.findings), self.arrays[user].visible)
            for user, each in self.documents.items()
        }
        return users, {user: frozenset(array.history) for user, array in self.arrays.items()}


def _holds(ids: IdRange, user_id: str) -> bool:
    return (ids.after is None or ids.after < user_id) and (ids.until is None or user_id <= ids.until)


def state_of(ledger: Ledger) -> object:
    with ledger.reader() as sql:
        calls = dict(sql.execute("SELECT user_id, total_calls FROM users").fetchall())
        found = sql.execute(
            "SELECT user_id, field, problem, action, count FROM findings JOIN users USING (user_key)"
        ).fetchall()
    users = {
        user: (
            calls[user],
            frozenset(tuple(finding) for owner, *finding in found if owner == user),
            held(ledger, user, visible=True),
        )
        for user in calls
    }
    return users, {user: _unrepeated(held(ledger, user, visible=False)) for user in calls}


def _unrepeated(items: list[Item]) -> frozenset[Item]:
    assert len(items) == len(set(items))
    return frozenset(items)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"))
    yield opened
    opened.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(BATCHES, RANGES), max_size=8))
def test_ledger_holds_what_the_rules_say_and_its_version_tells_changes(
    ledger: Ledger, steps: list[tuple[list[Document], IdRange | None]]
) -> None:
    ledger.apply(batch(), within=EVERYTHING)
    model = Model()
    for documents, within in steps:
        version, before = ledger.state.version, model.state()
        ledger.apply(batch(*documents), within=within)
        model.apply(documents, within)
        assert state_of(ledger) == model.state()
        assert (ledger.state.version > version) == (model.state() != before)
