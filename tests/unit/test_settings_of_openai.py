"""Settings of OpenAI's bill: what cannot be a key or an id is refused, and no key is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from usage_dash.settings import SETTINGS, SettingsError, load

KEY = "sk-admin-KrT4vLq0"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_no_bill_is_read_unless_there_is_a_key() -> None:
    settings = load()
    assert settings.openai_admin_key is None
    assert (settings.openai_projects, settings.openai_api_keys) == ((), ())
    assert settings.openai_base_url == "https://api.openai.com/v1"


def test_a_key_is_read_without_what_stands_around_it_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", f" {KEY}\n")
    settings = load()
    assert settings.openai_admin_key is not None
    assert settings.openai_admin_key.get_secret_value() == KEY
    assert KEY not in repr(settings)


def test_ids_are_read_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_PROJECT_IDS", "proj_a, proj_b,proj_a")
    monkeypatch.setenv("OPENAI_API_KEY_IDS", "key_c")
    settings = load()
    assert (settings.openai_projects, settings.openai_api_keys) == (("proj_a", "proj_b"), ("key_c",))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("OPENAI_ADMIN_KEY", "sk-admin-1 sk-admin-2", "OPENAI_ADMIN_KEY must be an admin key"),
        ("OPENAI_ADMIN_KEY", "sk-admin-…", "OPENAI_ADMIN_KEY must be an admin key"),
        ("OPENAI_PROJECT_IDS", "proj a", "OPENAI_PROJECT_IDS must be project ids"),
        ("OPENAI_API_KEY_IDS", "key_c,sk-proj-abc", "OPENAI_API_KEY_IDS must be ids of API keys"),
        ("OPENAI_BASE_URL", "http://api.example.com/v1", "OPENAI_BASE_URL must be an address such as"),
        ("OPENAI_BASE_URL", "https://:sk-admin-1@api.example.com/v1", "OPENAI_BASE_URL must be an address such as"),
        ("OPENAI_BASE_URL", "sk-admin-1", "OPENAI_BASE_URL must be an address such as"),
    ],
)
def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value).startswith(said)
    assert "sk-" not in str(caught.value)
