"""The people file: what it may be, what is said when it is something else, and that it is read again."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from usage_dash.people.directory import Directory, Person
from usage_dash.settings import SettingsError

HEADER = "user_id,name,email,team\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def test_people_are_read_in_any_order_of_columns_with_or_without_a_mark_of_excels(file: Path) -> None:
    for text in (
        "user_id,name,email,team\nu-1,Ada,Ada@Acme.example,Support\n\n",
        "\ufeffteam, email,name,user_id\r\nSupport,ADA@acme.example,Ada, u-1 \r\n",
        'user_id,name,email,team\n"u-1","Ada",ada@acme.example,"Support"',
    ):
        file.write_text(text, encoding="utf-8")
        assert Directory(file).people().persons == {"u-1": Person("u-1", "Ada", "ada@acme.example", "Support")}


def test_without_a_file_there_is_nobody() -> None:
    people = Directory().people()
    assert (people.version, people.persons, people.in_teams({""}), people.with_email("")) == ("", {}, set(), set())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The first line of USAGE_DASH_PEOPLE (people.csv) must be user_id,name,email,team."),
        ("user_id;name;email;team\n", "The first line of USAGE_DASH_PEOPLE (people.csv) must be"),
        ("user_id,name,email\n", "The first line"),
        ("user_id,name,email,team,team\n", "The first line"),
        (
            HEADER + "u-1,Ada,,Support\nu-2,Bob\n",
            "Line 3 of USAGE_DASH_PEOPLE (people.csv) has 2 values, but must have 4.",
        ),
        (HEADER + " ,Ada,,Support\n", "Line 2 of USAGE_DASH_PEOPLE (people.csv) has no user_id."),
        (HEADER + "u,,,A\nu,,,B\n", "Line 3 of USAGE_DASH_PEOPLE (people.csv) names a user for a second time."),
        (HEADER + 'u,,,A\nu-2,"Ada,,A\n', "Line 3 of USAGE_DASH_PEOPLE (people.csv) is no CSV: look for a quotation"),
        (HEADER + 'u,"Ada" B,,A\n', "Line 2 of USAGE_DASH_PEOPLE (people.csv) is no CSV"),
    ],
)
def test_another_file_is_refused_with_the_line(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        Directory(file)
    assert str(caught.value).startswith(said)


def test_a_file_in_another_encoding_is_refused(file: Path) -> None:
    file.write_bytes(HEADER.encode() + b"u,J\xf6rg,,A\n")
    with pytest.raises(SettingsError) as caught:
        Directory(file)
    assert str(caught.value) == (
        "Line 2 of USAGE_DASH_PEOPLE (people.csv) is not in UTF-8; save the file as CSV in UTF-8."
    )


def test_a_file_that_changed_is_read_again_and_has_another_version(file: Path) -> None:
    file.write_text(HEADER + "u-1,,,A\n")
    directory = Directory(file)
    before = directory.people()
    assert directory.people() is before
    replaced = file.with_name("new")
    replaced.write_text(HEADER + "u-2,,,A\n")  # as long as the one before
    replaced.replace(file)
    after = directory.people()
    assert after.in_teams({"A"}) == {"u-2"}
    assert after.version != before.version


def test_a_file_that_breaks_or_goes_leaves_the_people_as_they_were(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text(HEADER + "u-1,,,A\n")
    directory = Directory(file)
    for spoil in (lambda: file.write_text("no people\n"), file.unlink):
        caplog.clear()
        spoil()
        with caplog.at_level(logging.ERROR):
            assert directory.people().in_teams({"A"}) == {"u-1"}
            assert directory.people().in_teams({"A"}) == {"u-1"}
        assert caplog.text.count("The people stay as they were") == 1
    file.write_text(HEADER + "u-3,,,A\n")
    assert directory.people().in_teams({"A"}) == {"u-3"}


def test_an_email_is_found_in_any_case_and_nobodys_is_nobody(file: Path) -> None:
    file.write_text(HEADER + "u-1,,Ada@Acme.example,A\nu-2,,ada@acme.example,B\nu-3,,,B\n")
    people = Directory(file).people()
    assert people.with_email("ADA@acme.example") == {"u-1", "u-2"}
    assert people.with_email("") == set()


def test_a_file_that_is_not_there_is_refused(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"^USAGE_DASH_PEOPLE \(people.csv\) cannot be read: it is not there.$"):
        Directory(file)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: is a directory"):
        Directory(tmp_path)


def test_whoever_watches_is_told_the_people_at_once_and_whenever_they_are_others(file: Path) -> None:
    file.write_text(HEADER + "u-1,Ada,,A\n")
    directory = Directory(file)
    told: list[list[dict[str, str]]] = []
    directory.watch(lambda people: told.append(people.table.to_pylist()))
    directory.people()
    file.write_text("no people\n")
    directory.people()
    file.write_text(HEADER + "u-2,Bob,Bob@acme.example,\n")
    directory.people()
    directory.people()
    ada = {"user_id": "u-1", "name": "Ada", "email": "", "team": "A"}
    bob = {"user_id": "u-2", "name": "Bob", "email": "bob@acme.example", "team": ""}
    assert told == [[ada], [bob]]


def test_without_a_file_whoever_watches_is_told_of_nobody() -> None:
    told: list[int] = []
    Directory().watch(lambda people: told.append(people.table.num_rows))
    assert told == [0]
