"""The commands on the ledger's file, as people and their scripts use them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from tests.unit.builders import batch, document, item
from tests.unit.command_line import Cli

from usage_dash.ledger.backup import Backups
from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.local_file import LocalRepository

HELD = "2 usage documents and 2 entries, since 15 Jun 2026, read up to 2026-06-15 13:00 UTC"
MARKS = {"watermark": "2026-06-15T13:00:00+00:00"}


@pytest.fixture
def environ(cli: Cli) -> dict[str, str]:  # noqa: ARG001 - it is in the directory of the command line
    """Settings of a local source, “ada” in it, and of its ledger, which knows “bob” too."""
    Path("usage.jsonl").write_text('{"userId": "ada", "totalCalls": 1}\n', encoding="utf-8")
    found = {"USAGE_DASH_SOURCE": "local", "USAGE_DASH_LOCAL_FILE": "usage.jsonl", "USAGE_DASH_LEDGER": "usage.duckdb"}
    with opened() as ledger:
        ledger.apply(batch(document("ada", item()), document("bob", item(1), total_cost=9.0)), marks=MARKS)
    return found


def source() -> str:
    return LocalRepository(Path("usage.jsonl"), "usage").source.identity


@contextmanager
def opened(path: str = "usage.duckdb") -> Iterator[Ledger]:
    with closing(Ledger(source(), ZoneInfo("UTC"), Path(path))) as ledger:
        yield ledger


def users(path: str) -> list[str]:
    with closing(duckdb.connect(path, read_only=True)) as sql:
        return [user_id for (user_id,) in sql.execute("SELECT user_id FROM users ORDER BY user_id").fetchall()]


def todays() -> Path:
    return Backups(Path("backups"), Path("usage.duckdb"), source()).of(datetime.now(UTC).date())


class TestBackup:
    def test_says_what_it_holds_and_how_large_it_is(self, cli: Cli, environ: dict[str, str]) -> None:
        done = cli("ledger", "backup", "copy.duckdb", **environ)
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout.startswith(f"Backed up {HELD}, to copy.duckdb (")
        assert done.stdout.endswith("B).\n")
        assert users("copy.duckdb") == ["ada", "bob"]

    def test_replaces_no_file_unasked(self, cli: Cli, environ: dict[str, str]) -> None:
        Path("copy.duckdb").write_text("precious", encoding="utf-8")
        refused = cli("ledger", "backup", "copy.duckdb", **environ)
        assert refused.exit_code == 1
        assert refused.stderr == (
            "usage-dash: copy.duckdb is there already: choose another name, or replace it with --force.\n"
        )
        assert cli("ledger", "backup", "copy.duckdb", "--force", **environ).exit_code == 0

    def test_without_a_name_is_named_by_the_day(self, cli: Cli, environ: dict[str, str]) -> None:
        Path("backups").mkdir()
        assert cli("ledger", "backup", USAGE_DASH_LEDGER_BACKUPS="backups", **environ).exit_code == 0
        assert users(str(todays())) == ["ada", "bob"]
        assert cli("ledger", "backup", **environ).exit_code == 0
        assert users(todays().name) == ["ada", "bob"]

    def test_of_a_ledger_in_use_says_what_to_do_instead(self, cli: Cli, environ: dict[str, str]) -> None:
        Path("backups").mkdir()
        kept = {"USAGE_DASH_LEDGER_BACKUPS": "backups", **environ}
        with opened():
            told = [cli("ledger", "backup", "copy.duckdb", **environ), cli("ledger", "backup", **kept)]
            todays().touch()
            told.append(cli("ledger", "backup", "copy.duckdb", **kept))
        assert [each.exit_code for each in told] == [1, 1, 1]
        assert all("usage.duckdb is in use, as a rule by the dashboard that runs" in each.stderr for each in told)
        assert "Set USAGE_DASH_LEDGER_BACKUPS to a directory, and it makes a backup there each day" in told[0].stderr
        assert "It makes a backup itself after its next refresh" in told[1].stderr
        assert f"Its last backup is {todays()}" in told[2].stderr
        assert not Path("copy.duckdb").exists()


class TestRestore:
    def test_says_what_the_ledger_holds_now_and_where_the_former_is(self, cli: Cli, environ: dict[str, str]) -> None:
        cli("ledger", "backup", "copy.duckdb", **environ)
        with opened() as ledger:
            ledger.apply(batch(document("cyd")))
        done = cli("ledger", "restore", "copy.duckdb", **environ)
        assert (done.exit_code, done.stderr) == (0, "")
        first, second = done.stdout.splitlines()
        assert first == f"usage.duckdb holds {HELD}."
        former = second.removeprefix("What was there is kept as ").removesuffix(".")
        assert (users("usage.duckdb"), users(former)) == (["ada", "bob"], ["ada", "bob", "cyd"])

    def test_on_a_new_machine_says_nothing_of_a_former_one(self, cli: Cli, environ: dict[str, str]) -> None:
        Path("usage.duckdb").rename("copy.duckdb")
        assert cli("ledger", "restore", "copy.duckdb", **environ).stdout == f"usage.duckdb holds {HELD}.\n"

    def test_refuses_in_a_sentence(self, cli: Cli, environ: dict[str, str]) -> None:
        done = cli("ledger", "restore", "copy.duckdb", **environ)
        assert (done.exit_code, done.stderr) == (1, "usage-dash: There is no ledger copy.duckdb.\n")


class TestCheck:
    def test_of_a_ledger_that_is_well(self, cli: Cli, environ: dict[str, str]) -> None:
        done = cli("ledger", "check", **environ)
        assert done.exit_code == 0
        assert "good  file    usage.duckdb can be read, all of it" in done.stdout
        assert f"It holds {HELD}" in " ".join(done.stdout.split())
        assert done.stdout.endswith("\n\nAll is well.\n")

    def test_of_totals_that_are_not_explained(self, cli: Cli, environ: dict[str, str]) -> None:
        with closing(duckdb.connect("usage.duckdb")) as sql:
            sql.execute("UPDATE users SET total_cost = 10 WHERE user_id = 'bob'")
            sql.execute("UPDATE entries SET slot = 8 WHERE user_key = 1")
        done = cli("ledger", "check", "--json", **environ)
        assert done.exit_code == 1
        told = json.loads(done.stdout)
        states = {each["key"]: (each["state"], [user["user_id"] for user in each["users"]]) for each in told["checks"]}
        assert states == {"file": ("good", []), "content": ("good", []), "sums": ("act", ["bob"]), "rows": ("act", [])}
        assert not told["well"]

    def test_of_another_file(self, cli: Cli, environ: dict[str, str]) -> None:
        Path("copy.duckdb").write_text("hello", encoding="utf-8")
        done = cli("ledger", "check", "copy.duckdb", **environ)
        assert done.exit_code == 1
        assert "copy.duckdb is not a ledger" in done.stdout

    def test_of_a_ledger_in_use(self, cli: Cli, environ: dict[str, str]) -> None:
        with opened():
            done = cli("ledger", "check", **environ)
        assert done.exit_code == 1
        assert "check a backup: usage-dash ledger check FILE" in done.stdout.replace("`", "")

    def test_of_an_older_format_does_not_know_the_sums(self, cli: Cli, environ: dict[str, str]) -> None:
        with closing(duckdb.connect("usage.duckdb")) as sql:
            sql.execute("UPDATE meta SET schema_version = 3")
        done = cli("ledger", "check", **environ)
        assert done.exit_code == 0
        assert "Format 3 does not say what totals are made of" in done.stdout


class TestForget:
    def test_asks_says_what_goes_and_names_the_copies(self, cli: Cli, environ: dict[str, str]) -> None:
        Path("backups").mkdir()
        Path("usage.duckdb.format-3").touch()
        kept = {"USAGE_DASH_LEDGER_BACKUPS": "backups", **environ}
        cli("ledger", "backup", **kept)
        done = cli("ledger", "forget", "bob", answer="y\n", **kept)
        assert done.exit_code == 0
        assert "Of “bob” the ledger holds: 1 usage document, 1 entry. All that goes for good." in done.stdout
        assert "Anonymous sums by day and model stay." in done.stdout
        assert "bob is forgotten: usage.duckdb holds nothing of them any more." in done.stdout
        assert f"  {Path('usage.duckdb.format-3').resolve()}\n  {todays()}\n" in done.stdout
        assert users("usage.duckdb") == ["ada"]

    def test_a_no_changes_nothing(self, cli: Cli, environ: dict[str, str]) -> None:
        before = Path("usage.duckdb").read_bytes()
        for answer in ("n\n", ""):
            assert cli("ledger", "forget", "bob", answer=answer, **environ).exit_code == 1
        assert Path("usage.duckdb").read_bytes() == before

    def test_with_yes_nobody_is_asked(self, cli: Cli, environ: dict[str, str]) -> None:
        done = cli("ledger", "forget", "bob", "--yes", USAGE_DASH_KEEP_DELETED="off", **environ)
        assert "Go on?" not in done.stdout
        assert "No sums stay, so days of the past shrink." in done.stdout
        with closing(duckdb.connect("usage.duckdb", read_only=True)) as sql:
            assert sql.execute("FROM departed").fetchall() == []

    def test_whoever_would_be_read_again_is_not_forgotten(self, cli: Cli, environ: dict[str, str]) -> None:
        people = "user_id,name,email,team\nada,Ada,ada@acme.example,\n"
        Path("people.csv").write_text(people, encoding="utf-8")
        done = cli("ledger", "forget", "ada", "--yes", USAGE_DASH_PEOPLE="people.csv", **environ)
        assert done.exit_code == 1
        assert done.stderr == (
            "usage-dash: The usage document “ada” is still in usage.jsonl: delete it first. USAGE_DASH_PEOPLE names "
            "“ada”: take that line out first. It would be read again. Nothing was forgotten.\n"
        )
        assert users("usage.duckdb") == ["ada", "bob"]

    def test_somebody_unknown_may_have_left_bytes(self, cli: Cli, environ: dict[str, str]) -> None:
        done = cli("ledger", "forget", "cyd", "--yes", **environ)
        assert done.exit_code == 0
        assert "No table of the ledger holds anything of “cyd”." in done.stdout

    @pytest.mark.parametrize("user_id", ["", "\udcff"])
    def test_what_is_no_id_is_refused(self, cli: Cli, environ: dict[str, str], user_id: str) -> None:
        done = cli("ledger", "forget", "--yes", user_id, **environ)
        assert (done.exit_code, done.stderr) == (
            1,
            "usage-dash: An id is a text that is not empty. Nothing was forgotten.\n",
        )

    def test_where_the_source_cannot_be_asked_nobody_is_forgotten(self, cli: Cli, environ: dict[str, str]) -> None:
        Path("usage.jsonl").unlink()
        done = cli("ledger", "forget", "bob", "--yes", **environ)
        assert done.exit_code == 1
        assert "usage.jsonl" in done.stderr
        assert users("usage.duckdb") == ["ada", "bob"]

    def test_in_use_is_refused(self, cli: Cli, environ: dict[str, str]) -> None:
        with opened():
            done = cli("ledger", "forget", "bob", "--yes", **environ)
        assert done.exit_code == 1
        assert "usage.duckdb is in use by another process" in done.stderr


@pytest.mark.parametrize(
    "command",
    [["backup"], ["restore", "x"], ["check"], ["forget", "ada"]],
    ids=["backup", "restore", "check", "forget"],
)
def test_without_a_ledger_file_there_is_nothing_to_do(cli: Cli, command: list[str]) -> None:
    done = cli("ledger", *command)
    assert done.exit_code == 2
    assert "There is no ledger file: USAGE_DASH_LEDGER names none" in done.stderr


def test_a_source_that_has_no_name_is_told_in_a_sentence(cli: Cli) -> None:
    environ = {"USAGE_DASH_SOURCE": "firestore", "USAGE_DASH_LEDGER": "usage.duckdb"}
    done = cli("ledger", "check", GOOGLE_APPLICATION_CREDENTIALS="", HOME="/nowhere", **environ)
    assert done.exit_code == 1
    assert done.stderr.startswith("usage-dash: ")
    assert "Traceback" not in done.output
