"""The command line without its server: help, and refusals in one sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.unit.command_line import Cli

from usage_dash import __version__
from usage_dash.settings import SETTINGS
from usage_dash.settings.tokens import api_tokens, digest_of, written

DOCUMENTS = [
    {"userId": "ada", "totalCalls": 2, "totalCostUsd": 0.5, "lastUpdated": "2026-03-02T09:00:00+00:00"},
    {"userId": "grace", "totalCalls": "3", "totalCostUsd": 0.75},
]


@pytest.fixture
def local(tmp_path: Path) -> dict[str, str]:
    """The variables that make a small file the source."""
    file = tmp_path / "usage.jsonl"
    file.write_text("".join(f"{json.dumps(document)}\n" for document in DOCUMENTS), encoding="utf-8")
    return {"USAGE_DASH_SOURCE": "local", "USAGE_DASH_LOCAL_FILE": str(file)}


def test_help_names_every_command(cli: Cli) -> None:
    for arguments in ([], ["--help"], ["-h"]):
        output = cli(*arguments).output
        for command in ("run", "demo", "doctor", "export-documents", "token", "ledger", "alerts"):
            assert f"  {command} " in output


def test_help_of_run_tells_every_setting_with_its_default(cli: Cli) -> None:
    output = re.sub(r"\s+", " ", cli("run", "--help").output)
    for setting in SETTINGS:
        assert f" {setting.name} {setting.help} Default: {setting.default}." in output


def test_help_fits_a_terminal(cli: Cli) -> None:
    for arguments in (
        ["-h"],
        ["run", "-h"],
        ["demo", "-h"],
        ["doctor", "-h"],
        ["export-documents", "-h"],
        ["token", "-h"],
        ["ledger", "-h"],
        *(["ledger", command, "-h"] for command in ("backup", "restore", "check", "forget")),
        ["alerts", "-h"],
        *(["alerts", command, "-h"] for command in ("test", "run")),
    ):
        assert max(map(len, cli(*arguments).output.splitlines())) <= 80


def test_version(cli: Cli) -> None:
    assert cli("--version").output == f"usage-dash {__version__}\n"


@pytest.mark.parametrize("command", ["run", "demo", "export-documents"])
def test_a_wrong_setting_stops_the_start_with_its_sentence(cli: Cli, command: str) -> None:
    result = cli(command, USAGE_DASH_REFRESH_SECONDS="never")
    assert result.exit_code == 2
    assert result.stderr == (
        "usage-dash: USAGE_DASH_REFRESH_SECONDS is “never”, but must be a whole number of seconds from 1 to 86400.\n"
    )


@pytest.mark.parametrize("command", ["run", "demo"])
def test_other_machines_are_not_served_unasked(cli: Cli, command: str) -> None:
    for result in (cli(command, HOST="0.0.0.0"), cli(command, "--host", "::", HOST="127.0.0.1")):  # noqa: S104 - the point
        assert result.exit_code == 2
        assert "no way to sign in is named" in result.stderr
        assert "USAGE_DASH_AUTH=none" in result.stderr
        assert result.stderr.count("\n") == 1


# Export


def test_export_to_standard_output(cli: Cli, local: dict[str, str]) -> None:
    result = cli("export-documents", **local)
    assert result.exit_code == 0
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    unknown = dict.fromkeys(("totalInputTokens", "totalOutputTokens", "totalTokens"))  # an absent total may mean zero
    assert documents == [
        unknown | DOCUMENTS[0] | {"recentUsage": []},
        unknown | {"userId": "grace", "totalCalls": 3, "totalCostUsd": 0.75, "recentUsage": []},
    ]
    assert result.stderr == "Wrote 2 usage documents, 2 with findings: their usable part.\n"


def test_export_to_a_file_that_only_its_owner_reads(cli: Cli, local: dict[str, str]) -> None:
    result = cli("export-documents", "--output", "copy.jsonl", **local)
    assert (result.exit_code, result.stdout) == (0, "")
    assert len(Path("copy.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    assert Path("copy.jsonl").stat().st_mode & 0o777 == 0o600


def test_an_export_is_a_source_that_exports_the_same(cli: Cli, local: dict[str, str]) -> None:
    cli("export-documents", "-o", "copy.jsonl", **local)
    again = cli("export-documents", USAGE_DASH_SOURCE="local", USAGE_DASH_LOCAL_FILE="copy.jsonl")
    assert again.stdout == Path("copy.jsonl").read_text(encoding="utf-8")


def test_the_sample_data_can_be_exported(cli: Cli) -> None:
    result = cli("export-documents", "--output", "sample.jsonl")
    assert result.exit_code == 0
    users = [json.loads(line)["userId"] for line in Path("sample.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(users) > 300
    assert users == sorted(users)


def test_export_replaces_no_file_unasked(cli: Cli, local: dict[str, str]) -> None:
    Path("copy.jsonl").write_text("precious", encoding="utf-8")
    refused = cli("export-documents", "--output", "copy.jsonl", **local)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "usage-dash: “copy.jsonl” is there already: choose another name, or replace it with --force.\n"
    )
    assert Path("copy.jsonl").read_text(encoding="utf-8") == "precious"
    assert cli("export-documents", "--output", "copy.jsonl", "--force", **local).exit_code == 0
    assert len(Path("copy.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_a_failed_export_leaves_nothing(cli: Cli, local: dict[str, str], tmp_path: Path) -> None:
    Path(local["USAGE_DASH_LOCAL_FILE"]).unlink()
    result = cli("export-documents", "--output", "copy.jsonl", **local)
    assert result.exit_code == 1
    assert result.stderr.startswith("usage-dash: The file “usage.jsonl” is not there.")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_cannot_be_written_to(cli: Cli, local: dict[str, str]) -> None:
    result = cli("export-documents", "--output", "nowhere/copy.jsonl", **local)
    assert result.exit_code == 1
    assert result.stderr == "usage-dash: “nowhere/copy.jsonl” cannot be written: no such file or directory.\n"


# Tokens


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        (["--see", "all"], "all"),
        (["--team", "Support"], "team=Support"),
        (["--team", "R&D", "--team", "Büro, Ost"], "team=B%C3%BCro%2C%20Ost+R%26D"),
        (["--user", "a:b+c"], "user=a%3Ab%2Bc"),
    ],
)
def test_a_token_comes_alone_with_its_line_beside_it(cli: Cli, arguments: list[str], seen: str) -> None:
    result = cli("token", "--name", "ci", *arguments)
    assert result.exit_code == 0
    line = f"ci:{seen}:{digest_of(result.stdout.strip())}"
    assert result.stderr == f"Add this to USAGE_DASH_API_TOKENS, with a comma after what is there:\n{line}\n"
    [read] = api_tokens(line)
    assert written(read) == line


@pytest.mark.parametrize(
    "arguments",
    [[], ["--see", "team"], ["--see", "all", "--team", "A"], ["--team", "A", "--user", "b"], ["--user", ""]],
)
def test_whose_usage_a_token_shows_has_to_be_said_in_one_way(cli: Cli, arguments: list[str]) -> None:
    result = cli("token", "--name", "ci", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("usage-dash: Say whose usage the token shows: ")


def test_a_tokens_name_parts_no_line(cli: Cli) -> None:
    result = cli("token", "--name", "a:b", "--see", "all")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("usage-dash: --name is “a:b”, but must be ")
