"""Backups hold what the ledger held at one moment; bringing one back loses nothing, whenever it is cut."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from tests.unit import ledger_writer
from tests.unit.builders import NOON, batch, document, held, item
from tests.unit.ledger_writer import SOURCE, documents_after
from tests.unit.old_ledgers import unpack

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.backup import KEPT_DAYS, Backups, Restored, backup, files_beside, restore
from usage_dash.ledger.file import LedgerError, LedgerInUseError, LookedAt, look_at
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.merge import SCHEMA_VERSION

UNTIL = datetime(2026, 6, 15, 13, tzinfo=UTC)
HOLDS = LookedAt(SCHEMA_VERSION, documents=2, entries=3, since=NOON.date(), until=UNTIL)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledgers" / "usage.duckdb"
    path.parent.mkdir()
    with opened(path) as ledger:
        marks = {"watermark": UNTIL.isoformat()}
        ledger.apply(batch(document("ada", item(0), item(1)), document("bob", item(2))), marks=marks)
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies" / "copy.duckdb"


@contextmanager
def opened(path: Path) -> Iterator[Ledger]:
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)) as ledger:
        yield ledger


def back_up(path: Path, copy: Path, *, source: str = SOURCE, replace: bool = False) -> LookedAt:
    return backup(path, source, copy, None, replace=replace)


def bring_back(path: Path, copy: Path, *, source: str = SOURCE) -> Restored:
    return restore(path, source, copy, None, NOON)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def write_beside(path: Path) -> None:
    """Write a mark that is not in its place in the file yet, as of a process that was killed."""
    code = "import duckdb, os, sys; sql = duckdb.connect(sys.argv[1]); sql.execute(sys.argv[2]); os._exit(0)"
    mark = "INSERT INTO marks VALUES ('x', 'y')"
    subprocess.run([sys.executable, "-c", code, str(path), mark], check=True)  # noqa: S603 - our own program
    assert names(path.parent) == [path.name, f"{path.name}.wal"]


ASIDE = "usage.duckdb.before-2026-06-15T12-00-00"


class TestBackup:
    def test_holds_all_for_the_same_eyes_only(self, path: Path, copy: Path) -> None:
        path.chmod(0o600)
        before = path.read_bytes()
        assert back_up(path, copy) == HOLDS == look_at(copy, SOURCE)
        assert (names(copy.parent), names(path.parent)) == ([copy.name], [path.name])
        assert copy.stat().st_mode & 0o777 == 0o600
        assert path.read_bytes() == before

    def test_of_an_older_format_stays_of_that_format(self, copy: Path, tmp_path: Path) -> None:
        path = unpack(tmp_path, 1)
        assert back_up(path, copy).format == look_at(copy, SOURCE).format == look_at(path, SOURCE).format == 1

    def test_holds_also_what_is_not_in_its_place_in_the_file_yet(self, path: Path, copy: Path) -> None:
        write_beside(path)
        back_up(path, copy)
        with opened(copy) as ledger:
            assert ledger.mark("x") == "y"

    def test_does_not_replace_what_is_there_unless_told(self, path: Path, copy: Path) -> None:
        copy.write_text("a thesis")
        with pytest.raises(LedgerError, match="is there already: choose another name, or replace it with --force"):
            back_up(path, copy)
        assert copy.read_text() == "a thesis"
        back_up(path, copy, replace=True)
        assert look_at(copy, SOURCE) == HOLDS

    def test_does_not_replace_a_link_to_nowhere(self, path: Path, copy: Path) -> None:
        copy.symlink_to("nowhere")
        with pytest.raises(LedgerError, match="is there already"):
            back_up(path, copy)

    def test_takes_away_what_belonged_to_the_file_that_it_replaces(self, path: Path, copy: Path) -> None:
        copy.write_text("old")
        copy.with_name(f"{copy.name}.wal").write_text("old")
        back_up(path, copy, replace=True)
        assert names(copy.parent) == [copy.name]

    def test_never_replaces_the_ledger_itself(self, path: Path, tmp_path: Path) -> None:
        link, twin = tmp_path / "link", tmp_path / "twin"
        link.symlink_to(path)
        twin.hardlink_to(path)
        wal = path.with_name(f"{path.name}.wal")
        wal.touch()
        for copy in (path, link, twin, path.parent / ".." / "ledgers" / path.name, wal):
            with pytest.raises(LedgerError, match="is the ledger itself; choose another file"):
                back_up(path, copy, replace=True)
            with pytest.raises(LedgerError, match="is the ledger itself; choose another file"):
                bring_back(path, copy)
        wal.unlink()
        assert look_at(path, SOURCE) == HOLDS

    @pytest.mark.parametrize("place", ["copies", "missing/copy.duckdb", "ledgers/usage.duckdb/copy.duckdb"])
    def test_needs_a_name_in_a_folder_that_is_there(self, path: Path, copy: Path, tmp_path: Path, place: str) -> None:
        assert copy.parent.is_dir()
        with pytest.raises(LedgerError, match="is no name for a file in a directory that exists"):
            back_up(path, tmp_path / place, replace=True)

    def test_of_a_ledger_in_use_is_not_made_from_beside(self, path: Path, copy: Path) -> None:
        with opened(path), pytest.raises(LedgerInUseError, match="in use"):
            back_up(path, copy)
        assert names(copy.parent) == []

    @pytest.mark.parametrize("content", [b"", b"hello", None])
    def test_of_no_ledger_is_refused(self, path: Path, copy: Path, content: bytes | None) -> None:
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        with pytest.raises(LedgerError) as caught:
            back_up(path, copy)
        assert "\n" not in str(caught.value)
        assert names(copy.parent) == []

    def test_of_another_source_is_refused(self, path: Path, copy: Path) -> None:
        with pytest.raises(LedgerError, match="holds “firestore:p/"):
            back_up(path, copy, source="local:b.jsonl")
        assert names(copy.parent) == []

    def test_without_room_leaves_nothing_and_the_former_one(self, path: Path, copy: Path) -> None:
        copy.write_text("the former one")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
        try:
            with pytest.raises(LedgerError, match="could not be written: make room there"):
                back_up(path, copy, replace=True)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert (names(copy.parent), copy.read_text()) == ([copy.name], "the former one")

    def test_where_nothing_can_be_written_is_told(self, path: Path) -> None:
        with pytest.raises(LedgerError, match="could not be written"):  # the kernel takes no new file there
            back_up(path, Path("/proc/copy.duckdb"))


class TestBackupOfARunningLedger:
    def test_is_of_one_moment_whatever_is_written_meanwhile(self, path: Path, copy: Path) -> None:
        path.unlink()
        stop = threading.Event()
        with opened(path) as ledger:

            def write() -> None:
                step = 0
                while not stop.is_set():
                    step += 1
                    ledger.apply(batch(*documents_after(step)), EVERYTHING, {"step": str(step)})

            writer = threading.Thread(target=write)
            writer.start()
            try:
                for _ in range(5):
                    ledger.copy_to(copy)
                    self.check(copy)
            finally:
                stop.set()
                writer.join()
            assert ledger.mark("step") is not None

    def check(self, copy: Path) -> None:
        with opened(copy) as held_then:
            step = int(held_then.mark("step") or 0)
            for each in documents_after(step) if step else ():
                assert held(held_then, each.user_id, visible=True) == list(each.items)
        copy.unlink()

    def test_that_fails_can_be_tried_again(self, path: Path, copy: Path) -> None:
        with opened(path) as ledger:
            with pytest.raises(LedgerError, match="could not be written"):
                ledger.copy_to(Path("/proc/copy.duckdb"))
            ledger.apply(batch(document("cyd")))
            ledger.copy_to(copy)
        assert look_at(copy, SOURCE).documents == 3

    def test_needs_a_file(self, copy: Path) -> None:
        with closing(Ledger(SOURCE, ZoneInfo("UTC"))) as ledger, pytest.raises(ValueError, match="in memory"):
            ledger.copy_to(copy)


class TestRestore:
    @pytest.fixture
    def copy(self, path: Path, copy: Path) -> Path:
        """A backup; the ledger has gone on since."""
        back_up(path, copy)
        with opened(path) as ledger:
            ledger.apply(batch(document("cyd")))
        return copy

    def test_brings_back_what_was_and_keeps_what_is(self, path: Path, copy: Path) -> None:
        path.chmod(0o640)
        before, kept = path.read_bytes(), copy.read_bytes()
        assert bring_back(path, copy) == Restored(HOLDS, path.with_name(ASIDE))
        assert look_at(path, SOURCE) == HOLDS
        assert path.stat().st_mode & 0o777 == 0o640
        assert path.with_name(ASIDE).read_bytes() == before
        assert copy.read_bytes() == kept
        assert names(path.parent) == [path.name, ASIDE]
        with opened(path) as ledger:
            assert held(ledger, "ada", visible=True) == [item(0), item(1)]

    def test_on_a_new_machine_there_is_nothing_to_keep(self, copy: Path, tmp_path: Path) -> None:
        copy.chmod(0o600)
        new = tmp_path / "usage.duckdb"
        assert bring_back(new, copy) == Restored(HOLDS, None)
        assert look_at(new, SOURCE) == HOLDS
        assert new.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("content", [b"", b"hello", b"{}\n" * 10_000])
    def test_takes_the_place_of_what_nobody_can_use(self, path: Path, copy: Path, content: bytes) -> None:
        path.write_bytes(content)
        path.with_name(f"{path.name}.wal").write_bytes(b"of before")
        bring_back(path, copy)
        assert look_at(path, SOURCE) == HOLDS
        assert path.with_name(ASIDE).read_bytes() == content
        assert path.with_name(f"{ASIDE}.wal").read_bytes() == b"of before"
        assert names(path.parent) == [path.name, ASIDE, f"{ASIDE}.wal"]

    def test_keeps_also_what_was_not_in_its_place_in_the_file_yet(self, path: Path, copy: Path) -> None:
        write_beside(path)
        bring_back(path, copy)
        assert names(path.parent) == [path.name, ASIDE]
        with opened(path) as ledger, opened(path.with_name(ASIDE)) as former:
            assert (ledger.mark("x"), former.mark("x")) == (None, "y")

    def test_of_an_older_format_is_upgraded_at_the_next_start(self, path: Path, tmp_path: Path) -> None:
        (tmp_path / "old").mkdir()
        assert bring_back(path, unpack(tmp_path / "old", 1)).holds.format == 1
        with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)) as ledger:
            assert ledger.count() == 4

    def test_of_a_newer_format_is_refused(self, path: Path, copy: Path) -> None:
        with closing(duckdb.connect(str(copy))) as sql:
            sql.execute("UPDATE meta SET schema_version = 99")
        self.refused(path, copy, "has format 99")

    def test_of_another_source_is_refused(self, path: Path, copy: Path) -> None:
        self.refused(path, copy, "not “local:b.jsonl”", source="local:b.jsonl")

    def test_of_no_ledger_is_refused(self, path: Path, copy: Path) -> None:
        copy.write_text("hello")
        self.refused(path, copy, "is not a ledger")

    def test_of_a_missing_file_is_refused(self, path: Path, copy: Path) -> None:
        copy.unlink()
        self.refused(path, copy, "There is no ledger")

    def test_while_the_ledger_is_in_use_is_refused(self, path: Path, copy: Path) -> None:
        with opened(path):
            self.refused(path, copy, f"{path.name} is in use")

    def test_of_what_is_in_use_is_refused(self, path: Path, copy: Path) -> None:
        with opened(copy):
            self.refused(path, copy, f"{copy.name} is in use")

    def test_twice_in_a_second_keeps_both(self, path: Path, copy: Path) -> None:
        bring_back(path, copy)
        self.refused(path, copy, "could not be replaced")

    def test_a_ledger_behind_a_link_stays_behind_it(self, path: Path, copy: Path, tmp_path: Path) -> None:
        link = tmp_path / "link.duckdb"
        link.symlink_to(path)
        assert bring_back(link, copy).aside == path.with_name(ASIDE)
        assert link.is_symlink()
        assert look_at(link, SOURCE) == HOLDS

    def refused(self, path: Path, copy: Path, why: str, source: str = SOURCE) -> None:
        before = {file: file.read_bytes() for file in path.parent.iterdir()}
        with pytest.raises(LedgerError, match=why) as caught:
            bring_back(path, copy, source=source)
        assert "\n" not in str(caught.value)
        assert {file: file.read_bytes() for file in path.parent.iterdir()} == before

    @pytest.mark.parametrize("step", ["hardlink_to", "rename", "replace"])
    def test_cut_at_any_step_nothing_is_lost_and_the_next_time_finishes(
        self, path: Path, copy: Path, step: str
    ) -> None:
        """It stops for good when it is about to give a file another name."""
        if step == "rename":  # which is done of what nobody could put in its place
            path.write_bytes(b"hello")
            path.with_name(f"{path.name}.wal").write_bytes(b"of before")
        before = path.read_bytes()
        code = (
            "import os, signal, sys, pathlib, datetime\n"
            "from usage_dash.ledger.backup import restore\n"
            "path, copy, step = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[4]\n"
            "was = getattr(pathlib.Path, step)\n"
            "def die(self, *given):\n"
            "  if not self.name.endswith('.part'):\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
            "  return was(self, *given)\n"
            "setattr(pathlib.Path, step, die)\n"
            "restore(path, sys.argv[3], copy, None, datetime.datetime.now(datetime.UTC))"
        )
        command = [sys.executable, "-c", code, str(path), str(copy), SOURCE, step]
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL  # noqa: S603 - our own program
        assert path.read_bytes() == before
        assert bring_back(path, copy).holds == HOLDS == look_at(path, SOURCE)
        assert path.with_name(ASIDE).read_bytes() == before
        assert not [name for name in names(path.parent) if "restored" in name]


class TestDailyBackups:
    def shelf(self, folder: Path, source: str = SOURCE) -> Backups:
        return Backups(folder, Path("/var/lib/usage.duckdb"), source)

    def test_are_named_by_their_day(self, tmp_path: Path) -> None:
        name = self.shelf(tmp_path).of(date(2026, 11, 26)).name
        assert name.startswith("usage-")
        assert name.endswith("-2026-11-26.duckdb")

    def test_the_last_are_kept_and_nothing_else_is_touched(self, tmp_path: Path) -> None:
        shelf, other = self.shelf(tmp_path), self.shelf(tmp_path, "local:b.jsonl")
        days = [date(2026, 11, day) for day in range(1, 13)]
        for each in (shelf, other):
            for day in days:
                each.of(day).touch()
        untouched = {"usage-2026-11-01.duckdb", f"{shelf.of(days[0]).stem}.txt", f"{shelf.of(days[0]).name}.gz"}
        for name in untouched:
            (tmp_path / name).touch()
        shelf.of(days[0]).with_name(f"{shelf.of(days[0]).name}.part").touch()  # of a process that was killed
        shelf.drop_old()
        assert shelf.newest_first() == [shelf.of(day) for day in reversed(days[-KEPT_DAYS:])]
        assert len(other.newest_first()) == len(days)
        kept = {file.name for file in (*shelf.newest_first(), *other.newest_first())}
        assert set(names(tmp_path)) == untouched | kept

    def test_names_mean_nothing_but_themselves(self, tmp_path: Path) -> None:
        odd = Backups(tmp_path, Path("/var/lib/u[s]a*ge?.duckdb"), SOURCE)
        odd.of(date(2026, 11, 26)).touch()
        (tmp_path / "usaXgeY.duckdb").touch()
        odd.drop_old()
        assert odd.newest_first() == [odd.of(date(2026, 11, 26))]
        assert (tmp_path / "usaXgeY.duckdb").exists()


def test_files_beside_a_ledger_are_those_made_of_it(path: Path) -> None:
    others = ["usage.duckdb.format-3", ASIDE, f"{ASIDE}.wal", "usage.duckdb.wal", "usage.db", "xusage.duckdb.1"]
    for name in others:
        path.with_name(name).touch()
    assert [file.name for file in files_beside(path)] == [ASIDE, "usage.duckdb.format-3"]


def test_a_backup_that_is_killed_leaves_what_the_next_one_takes_away(tmp_path: Path, copy: Path) -> None:
    path = tmp_path / "usage.duckdb"
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", ledger_writer.__name__, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        while int(writer.stdout.readline()) < 3:
            pass
        writer.kill()
    code = (
        "import sys, pathlib; from usage_dash.ledger.backup import backup\n"
        "while True: backup(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]), None, replace=True)"
    )
    part = copy.with_name(f"{copy.name}.part")
    with subprocess.Popen([sys.executable, "-c", code, str(path), SOURCE, str(copy)]) as other:  # noqa: S603 - our own
        give_up = time.monotonic() + 60
        while not (part.exists() and copy.exists()):
            assert other.poll() is None
            assert time.monotonic() < give_up
        other.kill()
    assert look_at(copy, SOURCE) == look_at(path, SOURCE)
    back_up(path, copy, replace=True)
    assert names(copy.parent) == [copy.name]
