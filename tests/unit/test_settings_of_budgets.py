"""Settings of budgets: what they say, what is named that says nothing, and a file that is read again."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.settings import SETTINGS, SettingsError, load
from usage_dash.settings.budgets import Budgets, read
from usage_dash.settings.files import ToldByFile


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "budgets.yaml"


def test_budgets_stand_in_the_setting_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGE_DASH_BUDGETS", "month=2500, team:R & D=400.50,team:a=b=3, user=20,user : anna = 100,")
    assert load().budgets == Budgets(2500, {"R & D": 400.5, "a=b": 3}, 20, {"anna": 100})


def test_there_are_none_unless_they_are_set() -> None:
    assert load().budgets is None


@pytest.mark.parametrize(
    "wrong", ["month", "2500", "mont=3", "month:x=3", "team=3", "team:=3", "user: =3", "{odd}", "="]
)
def test_what_is_no_budget_is_named_with_what_is_allowed(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("USAGE_DASH_BUDGETS", f"month=2500,{wrong}")
    with pytest.raises(SettingsError) as caught:
        load()
    said = f"USAGE_DASH_BUDGETS has “{wrong}”, but must be dollars a month as month=2500, team:Support=400"
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    "wrong", ["", "0", "0.0", "-3", "+3", "1e3", "1_000", "010", "$5", "nan", "inf", "9" * 10, "٣"]
)
def test_what_are_no_dollars_is_named(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("USAGE_DASH_BUDGETS", f"month=2500,team:Support={wrong}")
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value) == (
        f"USAGE_DASH_BUDGETS has “{wrong}” as team:Support, but must have a number of dollars above 0 and below "
        "1000000000, such as 400 or 12.50."
    )


def test_the_same_twice_and_nothing_at_all_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong, said in {
        "user=1,user:anna=2,user=3": "USAGE_DASH_BUDGETS has “user” for a second time: leave one of them.",
        ",": "USAGE_DASH_BUDGETS has nothing in it, but must be dollars a month as",
    }.items():
        monkeypatch.setenv("USAGE_DASH_BUDGETS", wrong)
        with pytest.raises(SettingsError) as caught:
            load()
        assert str(caught.value).startswith(said)


def test_budgets_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    file.write_text(
        "\ufeff# ours\nmonth: 2500\nteams:\n  Support: 400 # as agreed\n  'R & D': \"12.50\"\nuser: 20\nusers:\n"
        "  anna: 100\n  007: 3\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("USAGE_DASH_BUDGETS", str(file))
    assert load().budgets == file
    assert read(file) == Budgets(2500, {"Support": 400, "R & D": 12.5}, 20, {"anna": 100, "007": 3})


def test_names_are_what_stands_there_and_not_what_yaml_makes_of_it(file: Path) -> None:
    file.write_text("teams:\n  no: 1\n  2026-01-01: 2\n  null: 3\n  0x10: 4\n  <<: 5\nusers:\n")
    assert read(file).teams == {"no": 1, "2026-01-01": 2, "null": 3, "0x10": 4, "<<": 5}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("month: 2\ntems:\n  a: 3\n", "Line 2 of {file} has “tems”, but must have month: or user: with dollars, or"),
        ("teams: 3\n", "Line 1 of {file} has “teams”, but must have month: or"),
        ("month:\n  a: 3\n", "Line 1 of {file} has “month”, but must have month: or"),
        ("\n\nmonth: yes\n", "Line 3 of {file} has “yes” as month, but must have a number of dollars above 0 and"),
        ("month: 2026-11-01\n", "Line 1 of {file} has “2026-11-01” as month"),
        ("user: 1:30\n", "Line 1 of {file} has “1:30” as user"),
        ("users:\n  anna: -1\n", "Line 2 of {file} has “-1” as anna"),
        ("users:\n  anna: 0\n", "Line 2 of {file} has “0” as anna"),
        ("users:\n  anna:\n", "Line 2 of {file} has “” as anna"),
        ("users:\n  '': 3\n", "Line 2 of {file} has no name before its dollars."),
        ('users:\n  "\\ud800": 3\n', "Line 2 of {file} has no name before its dollars."),
        ("month: 2\nuser: 1\nmonth: 3\n", "Line 3 of {file} has “month” for a second time: leave one of them."),
        ("teams:\n  a: 3\n  a : 3\n", "Line 3 of {file} has “a” for a second time"),
        ("teams:\n  a: 3\nteams:\n  a: 4\n", "Line 4 of {file} has “a” for a second time"),
        ("month: &m 3\nuser: *m\n", "Line 1 of {file} is wrong: &m is there to be repeated"),
        ("month: *m\n", "Line 1 of {file} is wrong: *m stands for something else."),
        ("month: !!float 3\n", "Line 1 of {file} is wrong: tag:yaml.org,2002:float changes what is written."),
        ("month: 3\n---\nuser: 4\n", "Line 2 of {file} is wrong: another document begins there."),
        ("month: 3\n...\nuser: 4\n", "Line 3 of {file} is wrong: "),
        ("- month\n", "Line 1 of {file} is wrong: a list is no names with values."),
        ("teams:\n  - a\n", "Line 2 of {file} is wrong: a list is no names with values."),
        ("month=2500\n", "Line 1 of {file} is wrong: it holds no names with values."),
        ("teams:\n  a:\n    b: 3\n", "Line 3 of {file} is wrong: there is one level too many."),
        ("? {a: b}\n: 3\n", "Line 1 of {file} is wrong: what stands there is no name."),
        ("month: 3\n\tuser: 4\n", "Line 2 of {file} is wrong: "),
        ("month: 3\nuser: \x07\n", "Line 2 of {file} is wrong: it holds what no text does."),
        ('"\\UFFFFFFFF": 3\n', "Line 1 of {file} is wrong: it is no YAML."),
        ("{" * 5_000, "Line 1 of {file} is wrong: "),
        ("", "{file} has no budget in it, but must have month: or user: with dollars, or"),
        ("# none yet\nusers:\n", "{file} has no budget in it"),
        ("#" * 262_145, "{file} is larger than 256 KiB."),
    ],
)
def test_a_wrong_line_of_a_file_is_named(monkeypatch: pytest.MonkeyPatch, file: Path, text: str, said: str) -> None:
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("USAGE_DASH_BUDGETS", str(file))
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value).startswith(said.format(file="USAGE_DASH_BUDGETS (budgets.yaml)"))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_or_no_text_is_refused(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setenv("USAGE_DASH_BUDGETS", str(file))
    for spoil in (lambda: None, lambda: file.write_bytes(b"teams:\n  J\xf6rg: 3\n")):
        spoil()
        with pytest.raises(SettingsError, match=r"USAGE_DASH_BUDGETS \(budgets.yaml\) cannot be read as text in UTF-8"):
            load()


@given(st.text(max_size=200) | st.text("{}[]&*!|>'\"%@`:-?#, \n\tamonthuser:123", max_size=80))
def test_whatever_a_file_holds_are_budgets_or_one_sentence(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "wild.yaml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    told, said = None, ""
    try:
        told = read(path)
    except SettingsError as error:
        said = str(error)
    assert told or (told is None and said and "\n" not in said)


_NAMES = st.text(min_size=1).filter(lambda text: text.isprintable() and text.strip() == text)
_DOLLARS = st.decimals(min_value="0.01", max_value=999_999, places=2).map(float)
_MANY = st.dictionaries(_NAMES, _DOLLARS, max_size=5)


@given(st.none() | _DOLLARS, _MANY, st.none() | _DOLLARS, _MANY)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    month: float | None,
    teams: dict[str, float],
    user: float | None,
    users: dict[str, float],
) -> None:
    said = {"month": month, "teams": teams, "user": user, "users": users}
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text(yaml.safe_dump({name: value for name, value in said.items() if value}), encoding="utf-8")
    if any(said.values()):
        assert read(path) == Budgets(month, teams, user, users)


def test_a_file_is_read_again_when_it_changes_and_a_wrong_one_leaves_what_was(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.write_text("month: 3\n")
    told = ToldByFile(file, read, "budgets")
    file.write_text("month: 44\n")
    assert told.now() == Budgets(44)
    file.write_text("month: minus\n")
    with caplog.at_level(logging.ERROR):
        assert told.now() == told.now() == Budgets(44)
    assert caplog.text.count("The budgets stay as they were: Line 1 of USAGE_DASH_BUDGETS (budgets.yaml) has") == 1


def test_only_the_same_budgets_have_the_same_key() -> None:
    some = [
        Budgets(3),
        Budgets(user=3),
        Budgets(teams={"3": 3}),
        Budgets(users={"3": 3}),
        Budgets(teams={"a": 1, "b": 2}),
    ]
    assert len({budgets.key for budgets in some}) == len(some)
    assert some[-1].key == Budgets(teams={"b": 2, "a": 1}).key


def test_a_user_has_the_allowance_of_all_or_one_of_their_own() -> None:
    budgets = Budgets(user=20, users={"anna": 100})
    assert (budgets.allowance("anna"), budgets.allowance("bob"), Budgets(3).allowance("bob")) == (100, 20, None)
