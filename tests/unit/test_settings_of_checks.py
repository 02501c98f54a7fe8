"""Settings of checks: sizes are read in the ways that people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from usage_dash.settings import SETTINGS, SettingsError, load


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_document_ends_at_a_mebibyte_unless_it_is_said() -> None:
    assert (load().document_limit, load().silent_hours) == (2**20, 6)


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        ("1MiB", 2**20),
        ("4 mib", 2**22),
        ("1.5 MB", 1_500_000),
        ("1048576", 2**20),
        ("16M", 16_000_000),
        ("5kB", 5_000),
    ],
)
def test_sizes_are_read_as_people_write_them(monkeypatch: pytest.MonkeyPatch, value: str, octets: int) -> None:
    monkeypatch.setenv("USAGE_DASH_DOCUMENT_LIMIT", value)
    assert load().document_limit == octets


@pytest.mark.parametrize("value", ["large", "-1MB", "1 MiBs", "999", "2GB", "1e6", "1,5MB", "0"])
def test_what_is_no_size_of_a_document_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("USAGE_DASH_DOCUMENT_LIMIT", value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value) == (
        f"USAGE_DASH_DOCUMENT_LIMIT is “{value}”, but must be a size from 1 kB to 1 GB, such as 1MiB, 4 MiB or 1048576."
    )


@pytest.mark.parametrize("value", ["0", "169", "soon", "1.5"])
def test_hours_of_silence_are_whole_and_within_a_week(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("USAGE_DASH_SILENT_HOURS", value)
    with pytest.raises(SettingsError, match="must be a whole number of hours from 1 to 168"):
        load()
