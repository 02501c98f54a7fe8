"""Settings of names: nothing is looked up unless it is said where, and what cannot be looked up is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from usage_dash.settings import SETTINGS, NamesFrom, SettingsError, load


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("USAGE_DASH_NAMES", "ldap", "USAGE_DASH_NAMES is “ldap”, but must be firestore or auth."),
        ("USAGE_DASH_NAMES_COLLECTION", "users/ada", "USAGE_DASH_NAMES_COLLECTION is “users/ada”, but must be"),
        ("USAGE_DASH_NAME_FIELDS", "a,b,c", "USAGE_DASH_NAME_FIELDS is “a,b,c”, but must be one or two fields"),
        ("USAGE_DASH_NAME_FIELDS", "profile..name", "USAGE_DASH_NAME_FIELDS is “profile..name”, but must be"),
        ("USAGE_DASH_NAME_FIELDS", ",", "USAGE_DASH_NAME_FIELDS is “,”, but must be one or two fields"),
        ("USAGE_DASH_NAMES_DAYS", "0", "USAGE_DASH_NAMES_DAYS is “0”, but must be a whole number of days"),
    ],
)
def test_names_that_cannot_be_looked_up_so_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value).startswith(said)


def test_names_are_looked_up_nowhere_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load()
    assert (settings.names, settings.names_collection, settings.name_fields, settings.names_days) == (
        None,
        "users",
        ("username", "email"),
        7,
    )
    monkeypatch.setenv("USAGE_DASH_NAMES", "auth")
    monkeypatch.setenv("USAGE_DASH_NAME_FIELDS", "profile.name")
    assert (load().names, load().name_fields) == (NamesFrom.AUTH, ("profile.name",))
