"""Files of older formats are brought to this one. `tests/data/ledger-format-1.duckdb.gz` was written by usage-dash as
of commit 55d72d0, the last one with format 1: two batches, so that “ada” has history, and costs that are unknown.
`ledger-format-3.duckdb.gz` is of commit 01e5822, the last one with format 3: the same users and more. Counters say more
than entries, or less, or nothing; an entry has no time, another one of two years later; and “gus” is gone.
`ledger-format-4.duckdb.gz` is of commit 627af12, the last one with format 4: no table of it is empty. What “ada” used
is partly not itemised, the counters of “fay” fell, “gus” left sums behind, and OpenAI's bill was read.
"""

from __future__ import annotations

import resource
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from tests.unit import ledger_opener
from tests.unit.builders import NOON, Item, batch, document, held, item
from tests.unit.old_ledgers import unpack

from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.ledger.merge import SCHEMA, SCHEMA_VERSION
from usage_dash.ledger.scope import EVERYBODY

SOURCE, ZONE = "firestore:p/(default)/usage", "Asia/Kathmandu"
DEADLINE = 60.0  # seconds that a test waits for what must happen
COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns()
WHERE NOT internal ORDER BY table_name, column_index
"""
BOB, CYD = (
    item(400, cost=None, model="claude-sonnet-4"),
    Item(None, "unknown", input_tokens=None, output_tokens=None, total_tokens=7, cost=None, calls=3, rest='{"x":1}'),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return unpack(tmp_path, 1)


@pytest.fixture
def path_3(tmp_path: Path) -> Path:
    return unpack(tmp_path, 3)


@contextmanager
def opened(path: Path, zone: str = ZONE) -> Iterator[Ledger]:
    with closing(Ledger(SOURCE, ZoneInfo(zone), path)) as ledger:
        yield ledger


def copy_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.format-1")


def rows(path: Path, query: str) -> list[Any]:
    """What a file holds, seen without usage-dash."""
    with closing(duckdb.connect(str(path), read_only=True)) as sql:
        return sql.execute(query).fetchall()


def content(path: Path) -> dict[str, list[Any]]:
    """All that format 1 knew: how many rows of each table, and a sum that tells one content from another."""
    query = (
        "SELECT count(*), sum(hash(known)) FROM (SELECT COLUMNS(lambda name: name NOT IN {new}) FROM {table}) AS known"
    )
    new = "('size', 'first_read', 'schema_version', 'summed_calls')"
    tables = ("meta", "marks", "users", "models", "entries", "findings")
    return {table: rows(path, query.format(new=new, table=table)) for table in tables}


def test_everything_is_there_as_it_was_and_what_was_not_known_is_unknown(path: Path) -> None:
    before = content(path)
    with opened(path) as ledger:
        assert held(ledger, "ada", visible=False) == [item(0), item(1), item(2)]
        assert held(ledger, "ada", visible=True) == [item(3), item(4), item(5)]
        assert held(ledger, "bob", visible=True) == [BOB]
        assert held(ledger, "cyd", visible=True) == [CYD]
        assert ledger.mark("watermark") == (NOON + timedelta(minutes=6)).isoformat()
    assert content(path) == before
    assert rows(path, "SELECT user_id, total_cost FROM users ORDER BY user_id") == [
        ("ada", 3.234375),
        ("bob", None),
        ("cyd", None),
        ("dan", None),
    ]
    assert rows(path, "SELECT DISTINCT size, first_read FROM users") == [(None, None)]
    assert rows(path, "SELECT DISTINCT first_read FROM entries") == [(None,)]


@pytest.mark.parametrize("number", [1, 3, 4])
def test_the_tables_are_those_of_a_new_ledger(tmp_path: Path, number: int) -> None:
    path = unpack(tmp_path, number)
    with opened(path):
        pass
    with closing(duckdb.connect(":memory:")) as sql:
        sql.execute(SCHEMA)
        assert rows(path, COLUMNS) == sql.execute(COLUMNS).fetchall()
    assert rows(path, "SELECT schema_version FROM meta") == [(SCHEMA_VERSION,)]


def test_an_upgraded_ledger_goes_on_and_keeps_when_it_first_read_what_is_new(path: Path) -> None:
    known, later = NOON + timedelta(days=1), NOON + timedelta(days=2)
    with opened(path) as ledger:
        ledger.apply(batch(document("bob", BOB, item(9), size=300), document("eve", item(1))), read_time=known)
        ledger.apply(batch(document("eve", item(1), item(2), size=77)), read_time=later)
    when = "SELECT user_id, size, first_read FROM users ORDER BY user_id"
    first, second = (time.replace(tzinfo=None) for time in (known, later))
    assert rows(path, when)[1:2] + rows(path, when)[4:] == [("bob", 300, None), ("eve", 77, first)]
    entries = "SELECT user_id, entries.first_read FROM entries JOIN users USING (user_key) ORDER BY ALL"
    assert [row for row in rows(path, entries) if row[0] in {"bob", "eve"}] == [
        ("bob", first),
        ("bob", None),
        ("eve", first),
        ("eve", second),
    ]


def test_a_copy_of_the_old_file_stays_beside_it_for_the_same_eyes_only(path: Path) -> None:
    path.chmod(0o600)
    before = content(path)
    with opened(path):
        pass
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, copy_of(path).name]
    assert content(copy_of(path)) == before
    assert rows(copy_of(path), "SELECT schema_version FROM meta") == [(1,)]
    assert stat.S_IMODE(copy_of(path).stat().st_mode) == 0o600


def test_the_copy_can_take_the_place_of_the_file(path: Path) -> None:
    with opened(path):
        pass
    copy_of(path).replace(path)
    with opened(path) as ledger:
        assert held(ledger, "ada", visible=False) == [item(0), item(1), item(2)]


def test_a_ledger_of_this_format_is_not_copied(path: Path) -> None:
    with opened(path):
        pass
    copy_of(path).unlink()
    with opened(path):
        pass
    assert list(path.parent.iterdir()) == [path]


def test_another_zone_at_the_same_time_moves_entries_to_their_days(path: Path) -> None:
    with opened(path, "UTC"):
        pass
    assert rows(path, 'SELECT day FROM entries WHERE day <> CAST("at" AS DATE)') == []


def test_an_upgrade_that_fails_half_way_leaves_the_file_as_it_was(path: Path) -> None:
    with closing(duckdb.connect(str(path))) as sql:
        sql.execute("ALTER TABLE entries ADD COLUMN first_read TIMESTAMP")  # so that the step's last part fails
    before, columns = content(path), rows(path, COLUMNS)
    with (
        pytest.raises(LedgerError, match=f"could not be brought to format {SCHEMA_VERSION}; it is as it was") as caught,
        opened(path),
    ):
        pass
    assert "\n" not in str(caught.value)
    assert (content(path), rows(path, COLUMNS)) == (before, columns)
    with closing(duckdb.connect(str(path))) as sql:
        sql.execute("ALTER TABLE entries DROP COLUMN first_read")
    with opened(path) as ledger:
        assert held(ledger, "bob", visible=True) == [BOB]


def test_without_room_for_the_copy_nothing_is_changed_and_nothing_left_behind(path: Path) -> None:
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(LedgerError, match="Make room beside it for a copy"), opened(path):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    with opened(path) as ledger:
        assert ledger.count() == 4


def test_what_a_refused_ledger_holds_is_not_copied(path: Path) -> None:
    with pytest.raises(LedgerError, match="choose another path for this source"):
        Ledger("local:b.jsonl", ZoneInfo(ZONE), path)
    assert list(path.parent.iterdir()) == [path]


def _enlarge(path: Path) -> None:
    """Make its copy take long enough to be killed in the middle of it."""
    with closing(duckdb.connect(str(path))) as sql:
        sql.execute(
            "INSERT INTO entries "
            "SELECT 4, n, TRUE, '2026-06-15'::TIMESTAMP + n * INTERVAL 1 MILLISECOND, '2026-06-15', 0, "
            "n, n, n, random(), 1, md5(n::VARCHAR) FROM range(200_000) AS t(n)"
        )


@pytest.mark.parametrize("moment", [".format-1.part", ".format-1"], ids=["copying", "copied"])
def test_killed_in_the_middle_it_is_whole_and_the_next_start_finishes(path: Path, moment: str) -> None:
    _enlarge(path)
    before = content(path)
    begun = path.with_name(f"{path.name}{moment}"), copy_of(path)  # a copy may be made between two looks
    command = [sys.executable, "-m", ledger_opener.__name__, SOURCE, ZONE, str(path)]
    with subprocess.Popen(command) as opener:  # noqa: S603 - our own program
        give_up = time.monotonic() + DEADLINE
        while not any(file.exists() for file in begun):
            assert opener.poll() is None
            assert time.monotonic() < give_up
        opener.kill()
    assert opener.returncode == -9
    with opened(path) as ledger:
        assert ledger.count() == 4
    assert content(path) == content(copy_of(path)) == before
    assert rows(path, "SELECT schema_version FROM meta") == [(SCHEMA_VERSION,)]
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, copy_of(path).name]


def everything(path: Path) -> dict[str, list[Any]]:
    tables = [name for (name,) in rows(path, "SELECT table_name FROM duckdb_tables() ORDER BY ALL")]
    return {table: rows(path, f"FROM {table} ORDER BY ALL") for table in tables}


def test_of_format_3_all_is_there_as_it_was(path_3: Path) -> None:
    before = everything(path_3)
    with opened(path_3):
        pass
    after = everything(path_3)
    for table in ("marks", "models", "findings", "people", "names"):
        assert before[table]
        assert after[table] == before[table]
    assert [row[:-1] for row in after["users"]] == before["users"]
    # ada and eve, and so on: by their counters, of which a sum of Firestore's makes the same.
    assert [row[-1] for row in after["users"]] == [row[2] for row in before["users"]] == [11, 2, 4, 1, 7, 1]


def test_of_format_3_every_figure_of_the_past_is_as_it_was(path_3: Path) -> None:
    by_day = """
        SELECT day, slot, count(*), sum(calls), sum(input_tokens), sum(output_tokens), sum(total_tokens), sum(cost)
        FROM entries WHERE "at" <= first_read GROUP BY ALL ORDER BY ALL
    """
    before = rows(path_3, by_day)
    spent = """
        SELECT day, slot, count(*), sum(calls), sum(input_tokens), sum(output_tokens), sum(total_tokens), sum(cost)
        FROM spending SEMI JOIN (FROM scoped_users WHERE user_id NOT IN ('cyd', 'dan')) USING (user_key)
        GROUP BY ALL ORDER BY ALL
    """
    with opened(path_3) as ledger, ledger.snapshot(EVERYBODY) as snapshot:
        after = snapshot.sql.execute(spent).fetchall()
    assert after == before
    assert len(before) == 2


def test_of_format_3_what_entries_do_not_explain_was_there_before(path_3: Path) -> None:
    with opened(path_3):
        pass
    opened_with = "SELECT user_id, openings.* EXCLUDE user_key FROM openings JOIN users USING (user_key) ORDER BY ALL"
    assert rows(path_3, opened_with) == [
        ("ada", 5, 40, 20, 60, 98.265625),
        ("bob", 1, None, None, 25, None),
        ("cyd", 1, None, None, None, 3.25),
        ("dan", 0, 0, 0, 0, 0.0),
        ("eve", 7, None, None, None, 7.5),
        ("fay", -1, None, None, None, -0.984375),
    ]
    after = everything(path_3)
    assert {table: after[table] for table in ("bookings", "falls", "departed")} == {
        "bookings": [],
        "falls": [],
        "departed": [],
    }
    assert [after[table] for table in ("bill_ask", "bill_costs", "bill_usage")] == [[], [], []]


def test_of_format_3_an_entry_of_no_or_a_future_time_counts_on_the_day_it_was_first_read(path_3: Path) -> None:
    days = """
        SELECT user_id, day FROM entries JOIN users USING (user_key)
        WHERE ("at" <= entries.first_read) IS NOT TRUE ORDER BY ALL
    """
    assert rows(path_3, days) == [("cyd", None), ("dan", date(2028, 8, 23))]
    with opened(path_3):
        pass
    next_day = NOON.date() + timedelta(days=1)  # it was eight hours after noon, and so past midnight in the zone
    assert rows(path_3, days) == [("cyd", next_day), ("dan", next_day)]


def test_of_format_3_it_is_upgraded_once(path_3: Path) -> None:
    with opened(path_3):
        pass
    first = everything(path_3)
    with opened(path_3):
        pass
    assert everything(path_3) == first


def test_of_format_3_only_what_came_since_is_booked(path_3: Path) -> None:
    later = NOON + timedelta(days=1)
    with opened(path_3) as ledger:
        ledger.apply(batch(document("eve", item(1), total_calls=9, total_cost=9.0)), read_time=later, since=NOON)
        ledger.apply(batch(document("fay", item(7), item(8), total_calls=2, total_cost=0.75)), read_time=later)
    assert rows(path_3, "SELECT user_key, day, calls, cost FROM bookings ORDER BY ALL") == [
        (6, later.date(), 1, 0.984375),
        (7, later.date(), 1, 0.5),
    ]


def test_of_format_4_all_is_there_as_it_was_and_nothing_was_told(tmp_path: Path) -> None:
    path = unpack(tmp_path, 4)
    before = everything(path)
    assert all(before.values())
    with opened(path) as ledger, ledger.snapshot(EVERYBODY) as snapshot:
        spent = snapshot.sql.execute("SELECT day, sum(calls), sum(cost) FROM spending GROUP BY day ORDER BY ALL")
        # Entries tell of twelve calls, two are not itemised, and “gus” left three, of which two have no day.
        assert spent.fetchall() == [(date(2026, 6, 15), 15, 6.46875), (None, 2, 1.359375)]
    after = everything(path)
    for table in before.keys() - {"meta"}:
        assert after.pop(table) == before[table]
    assert after.pop("meta") != before["meta"]
    assert after == {"judged": [], "told": [], "alerts": [], "deliveries": []}
