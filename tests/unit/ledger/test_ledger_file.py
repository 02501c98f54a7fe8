from __future__ import annotations

import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from tests.unit import ledger_writer
from tests.unit.builders import NOON, Document, Item, batch, document, held, item
from tests.unit.ledger_writer import SOURCE, documents_after

from usage_dash.documents.batch import Batch
from usage_dash.ledger.file import look_at
from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.ledger.merge import SCHEMA_VERSION

UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usage.duckdb"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("large") / "usage.duckdb"
    with opened(path) as ledger:
        users = (document(f"user {n}", *map(item, range(n, n + 30)), total_cost=n / 7) for n in range(300))
        ledger.apply(batch(*users), marks={"watermark": "x"})
    return path.read_bytes()


@contextmanager
def opened(path: Path | None, source: str = SOURCE, zone: str = "UTC", limit: str | None = None) -> Iterator[Ledger]:
    with closing(Ledger(source, ZoneInfo(zone), path, limit)) as ledger:
        yield ledger


def filled(path: Path) -> None:
    with opened(path) as ledger:
        ledger.apply(batch(document("ada", item(0), item(1), total_cost=2.5)), marks={"watermark": "x"})


def refusal(path: Path, source: str = SOURCE) -> str:
    """What opening the file says; the file must be as it was."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LedgerError) as caught, opened(path, source):
        pass
    assert (path.read_bytes() if path.is_file() else None) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestReopening:
    def test_finds_everything_as_it_was(self, path: Path) -> None:
        with opened(path) as ledger:
            ledger.apply(batch(document("ada", item(0), item(1))), marks={"watermark": "x"})
            ledger.apply(batch(document("ada", item(1), item(2))))
            version = ledger.state.version
        with opened(path) as ledger:
            assert (ledger.state.version, ledger.mark("watermark")) == (version, "x")
            assert held(ledger, "ada", visible=True) == [item(1), item(2)]
            assert held(ledger, "ada", visible=False) == [item(0)]
            ledger.apply(batch(document("ada", item(1), item(2))))
            assert ledger.state.version == version

    def test_in_another_zone_moves_entries_to_their_days_there(self, path: Path) -> None:
        times = [NOON + timedelta(hours=hours) for hours in range(0, 24 * 300, 5)]
        with opened(path) as ledger:
            ledger.apply(batch(document("ada", *map(Item, times), Item(None))))
            version = ledger.state.version
        for name in ("Pacific/Kiritimati", "America/New_York"):
            with opened(path, zone=name) as ledger:
                with ledger.reader() as sql:
                    days = [day for (day,) in sql.execute("SELECT day FROM entries ORDER BY position").fetchall()]
                assert ledger.state.version > version
                version = ledger.state.version
            assert days == [*(time.astimezone(ZoneInfo(name)).date() for time in times), None]

    def test_in_the_same_zone_changes_nothing(self, path: Path) -> None:
        with opened(path, zone="Asia/Kathmandu") as ledger:
            ledger.apply(batch(document("ada", item(400))))
            version = ledger.state.version
        with opened(path, zone="Asia/Kathmandu") as ledger, ledger.reader() as sql:
            assert (ledger.state.version, sql.execute("SELECT day FROM entries").fetchall()) == (
                version,
                [(date(2026, 6, 16),)],
            )


class TestRefusing:
    def test_a_ledger_of_another_source(self, path: Path) -> None:
        filled(path)
        assert "holds “firestore:p/(default)/usage”, not “local:b.jsonl”; choose another path" in refusal(
            path, "local:b.jsonl"
        )

    @pytest.mark.parametrize("number", [SCHEMA_VERSION + 1, 99])
    def test_a_ledger_of_a_newer_format(self, path: Path, number: int) -> None:
        filled(path)
        with closing(duckdb.connect(str(path))) as sql:
            sql.execute("UPDATE meta SET schema_version = ?", [number])
        said = refusal(path)
        assert f"has format {number}, and this usage-dash reads formats up to {SCHEMA_VERSION}" in said
        assert "A newer one has written it: run that, or choose another path" in said

    def test_a_database_that_is_no_ledger(self, path: Path) -> None:
        with closing(duckdb.connect(str(path))) as sql:
            sql.execute("CREATE TABLE users (name VARCHAR)")
        assert "is a DuckDB database, but not a ledger; usage-dash leaves it as it is" in refusal(path)

    @pytest.mark.parametrize("content", [b"", b"hello", b"{}\n" * 10_000])
    def test_a_file_of_another_kind(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        assert "is not a ledger; usage-dash leaves it as it is" in refusal(path)

    def test_a_file_that_an_extension_of_duckdb_could_read(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as sql:
            sql.execute("CREATE TABLE usage (user TEXT)")
        assert "is not a ledger" in refusal(path)

    def test_a_directory(self, tmp_path: Path) -> None:
        assert "is not a ledger" in refusal(tmp_path)

    def test_a_path_without_a_directory(self, tmp_path: Path) -> None:
        path = tmp_path / "missing" / "usage.duckdb"
        assert f"create {path.parent}, or choose another path" in refusal(path)

    def test_a_place_that_cannot_be_written(self) -> None:
        # The kernel takes no new file there, not even from root.
        assert "cannot be written; make the file and its directory writable" in refusal(Path("/proc/usage.duckdb"))

    def test_a_ledger_that_another_process_uses(self, path: Path) -> None:
        filled(path)
        holding = f"import duckdb; c = duckdb.connect({str(path)!r}); print('held', flush=True); input()"
        with subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            said = refusal(path)
            other.communicate("\n")
        assert "is in use by another process; stop that one, or choose another path" in said
        with opened(path) as ledger:
            assert ledger.count() == 1

    def test_a_ledger_that_this_process_uses_already(self, path: Path) -> None:
        with opened(path) as ledger:
            with pytest.raises(LedgerError, match="in use"), opened(path):
                pass
            ledger.apply(batch(document("ada")))
            assert ledger.count() == 1

    @pytest.mark.parametrize("change", ["DELETE FROM meta", "INSERT INTO meta FROM meta"])
    def test_a_ledger_that_does_not_say_once_what_it_is(self, path: Path, change: str) -> None:
        filled(path)
        with closing(duckdb.connect(str(path))) as sql:
            sql.execute(change)
        assert "is damaged" in refusal(path)
        with pytest.raises(LedgerError, match="is damaged"):
            look_at(path, SOURCE)

    @pytest.mark.parametrize("seed", range(12))
    def test_a_damaged_ledger(self, path: Path, large: bytes, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - damage by chance
        content = bytearray(large)
        start = chance.randrange(len(content) - 4096)
        content[start : start + 4096] = chance.randbytes(4096)
        path.write_bytes(content)
        said = ""
        try:
            with opened(path) as ledger:  # blocks that nothing uses may hold anything
                assert (ledger.count(), ledger.mark("watermark")) == (300, "x")
        except LedgerError as error:
            said = str(error)
        assert said == "" or "usage-dash will read everything anew" in said or "not a ledger" in said

    def test_a_ledger_that_was_cut_short(self, path: Path) -> None:
        filled(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
        assert "is damaged" in refusal(path)


class TestKilled:
    def check(self, path: Path) -> int:
        """Open the ledger, and compare it with the step that it says it holds."""
        with opened(path) as ledger:
            step = int(ledger.mark("step") or 0)
            expected = documents_after(step) if step else []
            with ledger.reader() as sql:
                users = sql.execute("SELECT user_id, total_calls FROM users ORDER BY user_id").fetchall()
            assert users == sorted((each.user_id, step) for each in expected)
            for each in expected:
                assert held(ledger, each.user_id, visible=True) == list(each.items)
        return step

    def test_at_any_moment_it_holds_whole_steps_and_all_that_were_confirmed(self, path: Path) -> None:
        chance = random.Random(7)  # noqa: S311 - a moment by chance
        reached = [0]
        for _ in range(4):
            command = [sys.executable, "-m", ledger_writer.__name__, str(path)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603 - our own program
                assert writer.stdout is not None
                confirmed = int(writer.stdout.readline())
                time.sleep(chance.uniform(0, 0.3))  # a moment by chance, somewhere within a step
                writer.kill()
                confirmed = max([confirmed, *map(int, writer.stdout.read().splitlines())])
            reached.append(self.check(path))
            assert reached[-1] >= confirmed > reached[-2]


class TestFullDisk:
    @pytest.fixture
    def small_files(self) -> Iterator[None]:
        """Let no file grow beyond 1 MB, as if the disk were full."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    @pytest.mark.usefixtures("small_files")
    def test_is_told_and_changes_nothing(self, path: Path) -> None:
        text = random.Random(1).randbytes(1_000_000).hex()  # noqa: S311 - text by chance
        with opened(path) as ledger:
            ledger.apply(batch(document("ada", item(0))))
            version = ledger.state.version
            with pytest.raises(LedgerError, match="its disk or memory is full"):
                ledger.apply(batch(document("bob", item(1, rest=text))), marks={"watermark": "x"})
            assert (ledger.state.version, ledger.count(), ledger.mark("watermark")) == (version, 1, None)
            ledger.apply(batch(document("ada", item(0), item(1))))
        with opened(path) as ledger:
            assert held(ledger, "ada", visible=True) == [item(0), item(1)]


class TestMemory:
    def documents(self, first: int) -> list[Document]:
        chance = random.Random(first)  # noqa: S311 - text by chance
        return [
            document(
                f"user {number}",
                *(item(minute, rest=chance.randbytes(4000).hex()) for minute in range(10)),
            )
            for number in range(first, first + 25)
        ]

    def test_over_the_limit_spills_to_disk_until_closing(self) -> None:
        with opened(None, limit="40MB") as ledger:
            for first in range(0, 800, 25):  # some 64 MB of text that does not compress
                ledger.apply(batch(*self.documents(first)))
            with ledger.reader() as sql:
                directory = Path(sql.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
                in_memory = sql.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()[0][0]
                found = sql.execute("SELECT count(*), sum(length(rest)) FROM entries").fetchall()
            on_disk = sum(path.stat().st_size for path in directory.iterdir())
        assert found == [(8_000, 64_000_000)]
        assert in_memory <= 40_000_000 < in_memory + on_disk
        assert not directory.exists()

    def test_of_many_entries_is_compressed(self) -> None:
        one = batch(document("", *map(item, range(100)))).entries
        ids = [f"user {number}" for number in range(1_100)]
        users = [pa.array([user_id] * 100, pa.string()) for user_id in ids]
        entries = pa.concat_tables([one.set_column(0, "user_id", user) for user in users])
        with opened(None) as ledger:
            ledger.apply(Batch(batch(*map(document, ids)).users, entries, batch().findings))
            with ledger.reader() as sql:
                used = sql.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()[0][0]
        assert used / 110_000 < 40  # bytes an entry; uncompressed it is more than twice that

    def test_that_is_full_is_told_and_changes_nothing(self) -> None:
        with opened(None, limit="8MB") as ledger:
            ledger.apply(batch(document("ada", item(0))))
            version = ledger.state.version
            with pytest.raises(LedgerError, match="its disk or memory is full"):
                ledger.apply(batch(*self.documents(0)))
            assert (ledger.state.version, ledger.count()) == (version, 1)
            ledger.apply(batch(document("ada", item(0), item(1))))
            assert len(held(ledger, "ada", visible=True)) == 2

    def test_without_a_place_for_temporary_files_says_so(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        filled(path)
        monkeypatch.setattr(tempfile, "tempdir", str(path.parent / "nowhere"))
        with pytest.raises(LedgerError, match="set TMPDIR"), opened(None):
            pass
        with pytest.raises(LedgerError, match="set TMPDIR"):
            look_at(path, SOURCE)

    def test_refused_leaves_nothing_in_the_temporary_directory(self, path: Path) -> None:
        path.write_text("not a ledger")
        temporary = path.parent / "temporary"
        temporary.mkdir()
        open_and_stay = (
            "import sys, os, pathlib, zoneinfo, usage_dash.ledger.ledger as l\n"
            "try:\n  l.Ledger('s', zoneinfo.ZoneInfo('UTC'), pathlib.Path(sys.argv[1]))\n"
            "except l.LedgerError:\n  print(os.listdir(os.environ['TMPDIR']))"
        )
        said = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", open_and_stay, str(path)],
            env={**os.environ, "TMPDIR": str(temporary)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout == "[]\n"


def test_nothing_is_fetched_from_the_network() -> None:
    with opened(None) as ledger, ledger.reader() as sql:
        query = "SELECT current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"
        assert sql.execute(query).fetchall() == [(False, False)]


def test_a_ledger_knows_how_large_it_is_in_memory_and_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "usage.duckdb"
    with closing(Ledger("firestore:acme", ZoneInfo("UTC"), path)) as ledger:
        found = ledger.size()
        assert found.disk == sum(file.stat().st_size for file in tmp_path.iterdir()) > 0
        assert found.memory > 0
    with closing(Ledger("firestore:acme", ZoneInfo("UTC"))) as ledger:
        assert ledger.size().disk is None
