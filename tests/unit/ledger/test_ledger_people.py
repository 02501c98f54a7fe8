"""What the ledger keeps of who the users are: as the people file says, and as it was looked up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from tests.unit.builders import batch, document

from usage_dash.documents.batch import EVERYTHING
from usage_dash.documents.people import NAMES, PEOPLE, UNKNOWN, Name
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope

Row = tuple[str, ...]
ADA = ("ada", "Ada", "ada@acme.example", "Support")
BOB = ("bob", "Bob", "", "")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SOURCE = "demo:sample/(default)/usage"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger(SOURCE, ZoneInfo("UTC"))
    yield opened
    opened.close()


def told(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(PEOPLE.names, row, strict=True)) for row in rows], PEOPLE)


def found(**names: Name) -> pa.Table:
    rows = [{"user_id": user_id, "name": each.name, "email": each.email} for user_id, each in names.items()]
    return pa.Table.from_pylist(rows, NAMES)


def kept(ledger: Ledger) -> list[str]:
    """Of whom the ledger keeps a looked-up name."""
    with ledger.reader() as sql:
        return [user_id for (user_id,) in sql.execute("SELECT user_id FROM names ORDER BY user_id").fetchall()]


def shown(ledger: Ledger) -> list[Row]:
    """Each user with what a viewer would see of them."""
    with ledger.snapshot(EVERYBODY) as seen:
        return seen.sql.execute("SELECT user_id, name, email, team FROM people ORDER BY user_id").fetchall()


class TestPeople:
    @pytest.mark.parametrize(
        "rows",
        [
            [],
            [BOB],
            [ADA, BOB],
            [("ada", "Ada L.", "ada@acme.example", "Support")],
            [("ada", "Ada", "", "Support")],
            [("ada", "Ada", "ada@acme.example", "Sales")],
        ],
    )
    def test_are_those_told_last_and_the_version_grows_only_when_they_are_others(
        self, ledger: Ledger, rows: list[Row]
    ) -> None:
        ledger.take_people(told(ADA))
        before = ledger.state.version
        ledger.take_people(told(*rows))
        after = ledger.state.version
        ledger.take_people(told(*reversed(rows)))
        with ledger.reader() as sql:
            assert sql.execute("FROM people ORDER BY user_id").fetchall() == rows
        assert after > before
        assert ledger.state.version == after

    def test_name_the_users_that_there_are(self, ledger: Ledger) -> None:
        ledger.take_people(told(ADA, BOB))
        assert shown(ledger) == []
        ledger.apply(batch(document("ada"), document("zoe")))
        assert shown(ledger) == [ADA, ("zoe", "", "", "")]

    def test_outlive_a_restart(self, tmp_path: Path) -> None:
        for rows in ([ADA], []):
            ledger = Ledger(SOURCE, ZoneInfo("UTC"), tmp_path / "usage.duckdb")
            if rows:
                ledger.apply(batch(document("ada")))
                ledger.take_people(told(*rows))
            assert shown(ledger) == [ADA]
            ledger.close()


class TestNames:
    def test_show_where_the_people_file_says_none_of_its_own(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada"), document("bob"), document("zoe")))
        ledger.take_people(told(ADA, ("bob", "", "", "Sales")))
        ledger.keep_names(found(ada=Name("Other", "o@acme.example"), bob=Name("Robert", "b@acme.example")), NOW)
        assert shown(ledger) == [ADA, ("bob", "Robert", "b@acme.example", "Sales"), ("zoe", "", "", "")]

    def test_show_nobody_else_than_the_scope(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada"), document("bob")))
        ledger.keep_names(found(ada=Name("Ada"), bob=Name("Bob")), NOW)
        with ledger.snapshot(Scope(frozenset({"bob"}))) as seen:
            for query in ("SELECT name FROM people", "SELECT name FROM scoped_people"):
                assert seen.sql.execute(query).fetchall() == [("Bob",)]
            assert seen.sql.execute("FROM names").fetchall() == []

    def test_that_are_read_again_replace_those_of_before(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada")))
        for name in ("Ada", "Ada L.", ""):
            ledger.keep_names(found(ada=Name(name)), NOW)
            assert shown(ledger) == [("ada", name, "", "")]

    def test_raise_the_version_only_when_a_viewer_could_see_something_else(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada"), document("bob")))
        steps = [
            (found(ada=UNKNOWN), False),
            (found(ada=Name("Ada")), True),
            (found(ada=Name("Ada"), bob=UNKNOWN), False),
            (found(ada=Name("Ada", "ada@acme.example")), True),
            (found(stranger=Name("Nobody of ours")), False),
            (found(ada=UNKNOWN), True),
        ]
        for names, grows in steps:
            before = ledger.state.version
            ledger.keep_names(names, NOW)
            assert (ledger.state.version > before) == grows

    def test_go_with_the_user(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada"), document("bob")))
        ledger.keep_names(found(ada=Name("Ada"), bob=Name("Bob")), NOW)
        ledger.apply(batch(document("bob")), within=EVERYTHING)
        assert kept(ledger) == ["bob"]

    def test_that_come_after_the_user_has_left_are_not_kept(self, ledger: Ledger) -> None:
        ledger.keep_names(found(ada=Name("Ada")), NOW)
        assert kept(ledger) == []

    def test_are_forgotten_when_they_would_be_looked_up_elsewhere_or_nowhere(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada")))
        for place in ("firestore:users", "auth", None):
            ledger.take_names_from(place)
            assert kept(ledger) == []
            ledger.keep_names(found(ada=Name("Ada")), NOW)
            ledger.take_names_from(place)
            assert kept(ledger) == ["ada"]


class TestUnnamed:
    @pytest.fixture(autouse=True)
    def _users(self, ledger: Ledger) -> None:
        ledger.apply(batch(*map(document, ("old", "fresh", "told", "team", "never", "Ümit"))))
        ledger.take_people(told(("told", "Told", "", ""), ("team", "", "", "Support")))
        ledger.keep_names(found(old=Name("Old")), NOW - timedelta(seconds=1))
        ledger.keep_names(found(fresh=UNKNOWN), NOW)

    def test_are_those_whom_neither_the_people_file_nor_a_fresh_look_up_names(self, ledger: Ledger) -> None:
        assert ledger.unnamed(NOW, "", 10) == ["never", "old", "team", "Ümit"]

    def test_come_in_batches(self, ledger: Ledger) -> None:
        assert ledger.unnamed(NOW, "", 2) == ["never", "old"]
        assert ledger.unnamed(NOW, "old", 2) == ["team", "Ümit"]
        assert ledger.unnamed(NOW, "Ümit", 2) == []

    def test_of_ids_are_only_those_who_are_users(self, ledger: Ledger) -> None:
        asked = ["team", "stranger", "fresh", "told", "old", "", "old"]
        assert ledger.unnamed_of(asked, NOW) == ["old", "team"]
        assert ledger.unnamed_of([], NOW) == []
