"""The doctor's words."""

from __future__ import annotations

import json
from dataclasses import replace

from usage_dash.checks.check import Concerned
from usage_dash.doctor import report
from usage_dash.doctor.told import act, good, look, unknown

COMMAND = "gcloud firestore databases list --project=acme-chatbot --and-more-that-makes-it-a-long-one-indeed"
CHECKS = (
    good("settings", "2 settings can be read", "From the environment"),
    replace(
        look("documents", "Something is wrong in 1 of them", "Mend the writer."),
        users=(Concerned("ada", "totalCalls: missing"),),
        others=3,
    ),
    act(
        "database", "There is no database", f"Check its name, and whether there is one at all. The command: `{COMMAND}`"
    ),
    unknown("permission", "Whether documents may be read is not known"),
)


def test_each_check_is_a_line_and_what_to_do_stands_beneath() -> None:
    assert report.as_text(CHECKS).splitlines()[:5] == [
        "good  settings   2 settings can be read",
        "                 From the environment.",
        "look  documents  Something is wrong in 1 of them",
        "               → Mend the writer.",
        "               · ada: totalCalls: missing",
    ]


def test_a_command_is_never_broken() -> None:
    text = report.as_text(CHECKS)
    assert f"`{COMMAND}`" in text
    assert max(len(line) for line in text.splitlines() if COMMAND not in line) <= 100
    assert "\0" not in text


def test_one_sentence_says_how_much_there_is_to_do() -> None:
    assert report.summary(CHECKS) == "1 thing to mend and 1 thing to look at."
    assert report.summary([*CHECKS, *CHECKS]) == "2 things to mend and 2 things to look at."
    assert report.summary(CHECKS[:1]) == "All is well."


def test_programs_get_the_same() -> None:
    told = json.loads(report.as_json(CHECKS, well=False))
    assert told["well"] is False
    assert [check["state"] for check in told["checks"]] == ["good", "look", "act", "unknown"]
    assert told["checks"][1]["users"] == [{"user_id": "ada", "how": "totalCalls: missing"}]
    assert told["checks"][1]["others"] == 3
    assert f"`{COMMAND}`" in told["checks"][2]["todo"]


def test_programs_can_read_what_names_a_file_whose_name_is_no_text() -> None:
    told = json.loads(report.as_json((good("ledger", "/data/\udcff.db will be made"),), well=True))
    assert told["checks"][0]["title"] == "/data/\ufffd.db will be made"


def test_no_name_tells_a_terminal_what_to_do() -> None:
    checks = (
        replace(look("documents", "Of “m\x1b]0;x\x07” no price", "Mend."), users=(Concerned("a\u202e\nb", "\x9b2J"),)),
    )
    text = report.as_text(checks)
    assert all(line.isprintable() for line in text.splitlines())
    assert "· a��b: �2J" in text
