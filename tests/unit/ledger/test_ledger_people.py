"""What the ledger keeps of who the users are: as the people file says, and as it was looked up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from tests.unit.builders import batch, document

from usage_dash.documents.people import PEOPLE
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY

Row = tuple[str, ...]
ADA = ("ada", "Ada", "ada@acme.example", "Support")
BOB = ("bob", "Bob", "", "")
SOURCE = "demo:sample/(default)/usage"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger(SOURCE, ZoneInfo("UTC"))
    yield opened
    opened.close()


def told(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(PEOPLE.names, row, strict=True)) for row in rows], PEOPLE)


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
