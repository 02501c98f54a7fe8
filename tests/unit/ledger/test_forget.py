"""Whoever is forgotten is in no table and no byte of the ledger's file, and nobody else is missed."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from tests.unit.builders import NOON, batch, document, held, item
from tests.unit.old_ledgers import unpack

from usage_dash.documents.batch import EVERYTHING
from usage_dash.documents.people import NAMES, PEOPLE
from usage_dash.ledger import alerts
from usage_dash.ledger.alerts import Addressed, Alert
from usage_dash.ledger.copies import make_copy
from usage_dash.ledger.file import LedgerError, LedgerInUseError, opened
from usage_dash.ledger.forget import Known, forget, known
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.merge import SCHEMA
from usage_dash.ledger.scope import EVERYBODY

SOURCE = "firestore:p/(default)/usage"
ANNA, NAME, EMAIL = "anna-7f3c9d2e41b8", "Annabella Featherstonehaugh", "annabella@featherstonehaugh.example"
TRACES = [text.encode() for text in (ANNA, NAME, EMAIL)]
# What may hold an id or a name: all text of the ledger. A new column of text belongs into one of the two.
OF_A_PERSON = {
    *("users.user_id", "people.user_id", "people.name", "people.email", "people.team", "names.user_id", "names.name"),
    *("names.email", "marks.value", "told.subject", "alerts.title", "alerts.body", "alerts.link", "entries.rest"),
    *("findings.field", "findings.problem", "findings.action"),
}
OF_NOBODY = {
    *("meta.source", "meta.zone", "marks.name", "models.model", "bill_ask.question", "bill_ask.problem"),
    *("bill_costs.line_item", "bill_costs.caller", "bill_usage.model", "bill_usage.caller", "judged.rule"),
    *("told.rule", "told.period", "told.alert", "alerts.alert", "alerts.rule", "alerts.follows", "deliveries.alert"),
    *("deliveries.address", "deliveries.problem"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "usage.duckdb"
    fill(path)
    return path


def fill(path: Path) -> None:
    """Make a ledger in which Anna is wherever somebody can be, and so is Bob."""
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)) as ledger:
        for hours, cost in enumerate((9.0, 12.0, 11.0)):
            people = (
                document(user, item(), item(1, rest=f'{{"of":"{user}"}}'), total_cost=cost + more, findings=(FINDING,))
                for user, more in ((ANNA, 1), ("bob", 0))
            )
            when = NOON + timedelta(hours=hours)
            ledger.apply(batch(*people), EVERYTHING, {"listed_until": ANNA}, when, since=NOON)
        told = {"user_id": [ANNA, "bob"], "name": [NAME, "Bob"], "email": [EMAIL, ""]}
        ledger.keep_names(NAMES.empty_table().from_pydict(told, NAMES), NOON)
        ledger.take_people(PEOPLE.empty_table().from_pydict(told | {"team": ["", ""]}, PEOPLE))
        alert = Alert("a1", "user-day", NOON, f"{NAME} crossed $50", f"{ANNA} ({EMAIL})", f"/user/{ANNA}")
        events = (("user-day", "2026-06-15", ANNA), ("user-day", "2026-06-15", "bob"))
        ledger._transact(lambda sql: _tell(sql, Addressed(alert, events, ("d1",))))
        with ledger.reader() as sql:
            assert sql.execute("SELECT count(*) FROM bookings").fetchall() == sql.execute("SELECT 2").fetchall()


FINDING = ("totalCalls", "missing", "unknown", 1)


def _tell(sql: duckdb.DuckDBPyConnection, addressed: Addressed) -> int:
    alerts._add(sql, addressed)
    return 0


def rows(path: Path, query: str) -> list[Any]:
    with closing(duckdb.connect(str(path), read_only=True)) as sql:
        return sql.execute(query).fetchall()


def traces(folder: Path) -> list[str]:
    """Return which files hold a trace of Anna."""
    return [file.name for file in folder.iterdir() if any(each in file.read_bytes() for each in TRACES)]


def test_what_is_known_of_a_person_can_be_told_before(path: Path) -> None:
    assert known(path, SOURCE, ANNA, None) == Known(documents=1, entries=2, bookings=1, names=2)
    assert known(path, SOURCE, "nobody", None) == Known(0, 0, 0, 0)


@pytest.mark.parametrize("keep_sums", [True, False])
def test_nothing_of_them_is_left_in_any_table_or_byte(path: Path, keep_sums: bool) -> None:  # noqa: FBT001 - a case
    assert traces(path.parent) == [path.name]
    forget(path, SOURCE, ANNA, None, keep_sums=keep_sums)
    assert list(path.parent.iterdir()) == [path]
    assert traces(path.parent) == []
    assert known(path, SOURCE, ANNA, None) == Known(0, 0, 0, 0)


def test_deleting_alone_would_leave_their_bytes(path: Path) -> None:
    """Else the test above would prove nothing."""
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)) as ledger:
        ledger.apply(batch(document("bob", item())), EVERYTHING)
    assert traces(path.parent) == [path.name]


def test_who_left_before_is_forgotten_to_the_last_byte_too(path: Path) -> None:
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)) as ledger:
        ledger.apply(batch(document("bob", item())), EVERYTHING)
    forget(path, SOURCE, ANNA, None, keep_sums=True)
    assert traces(path.parent) == []


def test_what_was_not_yet_in_its_place_in_the_file_is_forgotten_too(path: Path) -> None:
    code = (
        "import duckdb, os, sys; sql = duckdb.connect(sys.argv[1])\n"
        "sql.execute('INSERT INTO marks VALUES (?, ?)', ['x', sys.argv[2]]); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(path), ANNA], check=True)  # noqa: S603 - our own program
    assert f"{path.name}.wal" in traces(path.parent)
    forget(path, SOURCE, ANNA, None, keep_sums=True)
    assert traces(path.parent) == []
    assert list(path.parent.iterdir()) == [path]


def test_every_column_of_text_is_known_to_hold_somebody_or_nobody() -> None:
    with closing(duckdb.connect(":memory:")) as sql:
        sql.execute(SCHEMA)
        columns = "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE data_type = 'VARCHAR'"
        assert {name for (name,) in sql.execute(f"{columns} AND NOT internal").fetchall()} == OF_A_PERSON | OF_NOBODY


def test_nobody_else_is_missed(path: Path) -> None:
    tables = dict.fromkeys(("entries", "bookings", "findings", "openings", "falls"), "user_key")
    tables |= {"people": "user_id", "names": "user_id"}
    asked = {
        table: f"FROM {table} SEMI JOIN (FROM users WHERE user_id = 'bob') USING ({key}) ORDER BY ALL"
        for table, key in tables.items()
    }
    before = {table: rows(path, question) for table, question in asked.items()}
    version = rows(path, "SELECT version FROM meta")[0][0]
    forget(path, SOURCE, ANNA, None, keep_sums=True)
    assert all(before.values())
    assert {table: rows(path, question) for table, question in asked.items()} == before
    assert rows(path, "SELECT version FROM meta") == [(version + 1,)]
    assert rows(path, "SELECT user_id FROM users") == [("bob",)]


def test_what_was_told_of_others_stays_told(path: Path) -> None:
    with closing(duckdb.connect(str(path))) as sql:
        sql.execute("UPDATE deliveries SET due = NULL, delivered = now()::TIMESTAMP")
        sql.execute("UPDATE alerts SET title = '', body = '', link = NULL")
    forget(path, SOURCE, ANNA, None, keep_sums=True)
    assert rows(path, "SELECT subject FROM told") == [("bob",)]


@pytest.mark.parametrize("keep_sums", [True, False])
def test_a_month_stays_as_it_was_if_that_is_wanted(path: Path, keep_sums: bool) -> None:  # noqa: FBT001 - a case
    def costs() -> list[float]:
        with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)) as ledger, ledger.snapshot(EVERYBODY) as snapshot:
            asked = "SELECT sum(cost) FROM spending WHERE day IS NOT NULL GROUP BY day ORDER BY day"
            return [cost for (cost,) in snapshot.sql.execute(asked).fetchall()]

    before = costs()
    forget(path, SOURCE, ANNA, None, keep_sums=keep_sums)
    assert costs() == (before if keep_sums else [cost / 2 for cost in before])


def test_the_ledger_goes_on_and_who_may_read_it_stays_so(path: Path) -> None:
    path.chmod(0o640)
    forget(path, SOURCE, ANNA, None, keep_sums=True)
    assert path.stat().st_mode & 0o777 == 0o640
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)) as ledger:
        ledger.apply(batch(document("bob", item(), item(5)), document("cyd", item())))
        assert held(ledger, "cyd", visible=True) == [item()]


def test_a_ledger_in_use_is_left_alone(path: Path) -> None:
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)):
        with pytest.raises(LedgerInUseError, match="in use"):
            known(path, SOURCE, ANNA, None)
        with pytest.raises(LedgerInUseError, match="in use"):
            forget(path, SOURCE, ANNA, None, keep_sums=True)
    assert known(path, SOURCE, ANNA, None).documents == 1


@pytest.mark.parametrize("number", [1, 3])
def test_an_older_format_is_upgraded_first(tmp_path: Path, number: int) -> None:
    path = unpack(tmp_path, number)
    for act in (lambda: known(path, SOURCE, "ada", None), lambda: forget(path, SOURCE, "ada", None, keep_sums=True)):
        with pytest.raises(LedgerError, match=f"has format {number}; start usage-dash once, which upgrades it"):
            act()


def test_another_sources_ledger_is_left_alone(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="choose another path for this source"):
        forget(path, "local:b.jsonl", ANNA, None, keep_sums=True)
    assert path.read_bytes() == before


def test_without_a_ledger_there_is_nothing_to_forget(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="not there, or is no ledger"):
        forget(tmp_path / "usage.duckdb", SOURCE, ANNA, None, keep_sums=True)
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_behind_a_link_stays_behind_it(path: Path) -> None:
    link = path.parent / "links" / "usage.duckdb"
    link.parent.mkdir()
    link.symlink_to(path)
    forget(link, SOURCE, ANNA, None, keep_sums=True)
    assert link.is_symlink()
    assert known(link, SOURCE, "bob", None).documents == 1
    assert not any(each in path.read_bytes() for each in TRACES)


MOMENTS = (".forgetting.part", ".forgetting", ".forgotten.part")


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_in_the_middle_the_ledger_is_as_it_was_and_the_next_time_finishes(path: Path, moment: str) -> None:
    enlarge = "INSERT INTO entries SELECT * EXCLUDE n REPLACE (n + 9 AS position, md5(n::VARCHAR) AS rest)"
    with closing(duckdb.connect(str(path))) as sql:
        sql.execute(f"{enlarge} FROM (FROM entries LIMIT 1), range(100_000) AS t(n)")
    begun = [path.with_name(f"{path.name}{each}") for each in MOMENTS[MOMENTS.index(moment) :]]
    code = (
        "import sys, pathlib; from usage_dash.ledger.forget import forget\n"
        "forget(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], None, keep_sums=True)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path), SOURCE, ANNA]) as other:  # noqa: S603 - our own
        give_up = time.monotonic() + 60
        while not any(file.exists() for file in begun):
            assert other.poll() is None
            assert time.monotonic() < give_up
        other.kill()
    assert known(path, SOURCE, ANNA, None).documents in {0, 1}  # it may be quicker than we look
    forget(path, SOURCE, ANNA, None, keep_sums=True)
    assert list(path.parent.iterdir()) == [path]
    assert traces(path.parent) == []


@pytest.fixture
def full_disk(path: Path) -> Iterator[Path]:
    """Let no file grow beyond 300 kB, as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    yield path
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_without_room_the_ledger_is_as_it_was(full_disk: Path) -> None:
    path = full_disk
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="could not be written: make room there"):
        forget(path, SOURCE, ANNA, None, keep_sums=True)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_what_is_copied_holds_no_bytes_of_who_left(path: Path, tmp_path: Path) -> None:
    """So each backup that is made afterwards is free of them."""
    forget(path, SOURCE, ANNA, None, keep_sums=True)
    with opened(path) as sql:
        make_copy(sql, path, tmp_path / "copy.duckdb")
    assert traces(tmp_path) == []
