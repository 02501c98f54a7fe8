"""Settings: what they may be, what is said when they are wrong, and that all of them are told."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from usage_dash.settings import SETTINGS, Settings, SettingsError, SourceName, Way, load, unknown_names
from usage_dash.settings.currencies import Currency

ROOT = Path(__file__).resolve().parents[2]
SECRET = "c2VjcmV0"  # noqa: S105 - made up
KEY = {
    "type": "service_account",
    "project_id": "acme-chatbot",
    "client_email": "usage-dash@acme-chatbot.example",
    "private_key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n",
    "token_uri": "https://token.example/",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


def _load(monkeypatch: pytest.MonkeyPatch, **environ: str) -> Settings:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return load()


def _refusal(monkeypatch: pytest.MonkeyPatch, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        _load(monkeypatch, **environ)
    assert caught.value.__suppress_context__  # pydantic's message would show what was set
    return str(caught.value)


def test_nothing_set_shows_sample_data_to_this_machine() -> None:
    settings = load()
    assert settings.source is SourceName.DEMO
    assert (settings.host, settings.port, settings.auth) == (None, 8050, None)
    assert (settings.collection, settings.database) == ("usage", "(default)")
    assert (settings.refresh_seconds, settings.reconcile_hours, settings.read_price) == (30, 24, 0.06)
    assert (settings.timezone, settings.ledger, settings.memory_limit) == (ZoneInfo("UTC"), None, "200MB")
    assert settings.log_level == "INFO"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = _load(
        monkeypatch,
        FIREBASE_PROJECT_ID="acme-chatbot",
        FIRESTORE_DATABASE="usage-eu",
        FIRESTORE_EMULATOR_HOST="localhost:8080",
        USAGE_COLLECTION="chat usage",
        USAGE_DASH_REFRESH_SECONDS="1",
        USAGE_DASH_RECONCILE_HOURS="0.5",
        USAGE_DASH_TIMEZONE="Europe/Berlin",
        USAGE_DASH_MODEL_NAMES="Family",
        USAGE_DASH_LEDGER=str(tmp_path / "ledger.duckdb"),
        USAGE_DASH_MEMORY_LIMIT="1.5 GB",
        USAGE_DASH_READ_PRICE="0.03",
        USAGE_DASH_AUTH="none",
        USAGE_DASH_LOG_LEVEL="debug",
        HOST="::1",
        PORT="0",
    )
    assert (settings.project_id, settings.database) == ("acme-chatbot", "usage-eu")
    assert (settings.emulator_host, settings.collection) == ("localhost:8080", "chat usage")
    assert (settings.refresh_seconds, settings.reconcile_hours, settings.read_price) == (1, 0.5, 0.03)
    assert (settings.timezone.key, settings.memory_limit) == ("Europe/Berlin", "1.5 GB")
    assert settings.model_names == "family"
    assert (settings.auth, settings.log_level, settings.host, settings.port) == ((Way.NONE,), "DEBUG", "::1", 0)
    assert settings.ledger == tmp_path / "ledger.duckdb"


def test_hosts_are_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch, USAGE_DASH_HOSTS="Usage.Example.com, .intra.example.com,bücher.example,")
    assert settings.hosts == ("usage.example.com", ".intra.example.com", "bücher.example")


@pytest.mark.parametrize("value", ["/usage/", "/usage", "usage/", "usage", " /usage/ "])
def test_a_prefix_has_a_slash_at_both_ends(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert _load(monkeypatch, USAGE_DASH_URL_PREFIX=value).url_prefix == "/usage/"


def test_no_prefix_is_a_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _load(monkeypatch, USAGE_DASH_URL_PREFIX="/").url_prefix == "/"
    assert _load(monkeypatch, USAGE_DASH_URL_PREFIX="/tools/usage").url_prefix == "/tools/usage/"


def test_a_collection_may_lie_below_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _load(monkeypatch, USAGE_COLLECTION="apps/web/usage").collection == "apps/web/usage"


@pytest.mark.parametrize("value", ["EUR 0.92 since 2026-11-01", " eur  0.92 SINCE 2026-11-01 "])
def test_a_currency_has_a_rate_since_a_day(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    settings = _load(monkeypatch, USAGE_DASH_CURRENCY=value)
    assert settings.currency == Currency("EUR", 0.92, date(2026, 11, 1))


def test_a_rate_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = _refusal(monkeypatch, USAGE_DASH_CURRENCY=f"EUR {'9' * 400} since 2026-11-01")
    assert "must be another currency's" in sentence


def test_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=8051\nUSAGE_COLLECTION=from-file\nUSAGE_DASH_AUTH=\nOTHER=x\n", encoding="utf-8")
    settings = _load(monkeypatch, PORT="8052")
    assert (settings.port, settings.collection, settings.auth) == (8052, "from-file", None)


def test_empty_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch, **{setting.name: "" for setting in SETTINGS})
    assert settings == load() == Settings()


def test_names_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _load(monkeypatch, port="1", host="0.0.0.0", auth="none", source="local", ledger="x") == Settings()  # noqa: S104 - must not be taken


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file.json"),
        ("FIREBASE_PROJECT_ID", "Acme Chatbot"),
        ("FIRESTORE_DATABASE", "a/b"),
        ("FIRESTORE_EMULATOR_HOST", "8080"),
        ("FIRESTORE_EMULATOR_HOST", "http://localhost:8080"),
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:65536"),
        ("USAGE_COLLECTION", "apps/usage"),
        ("USAGE_COLLECTION", "/usage"),
        ("USAGE_COLLECTION", "apps//usage"),
        ("USAGE_COLLECTION", "apps/../usage"),
        ("USAGE_COLLECTION", "__usage__"),
        ("USAGE_DASH_SOURCE", "Firebase"),
        ("USAGE_DASH_REFRESH_SECONDS", "0"),
        ("USAGE_DASH_REFRESH_SECONDS", "1.5"),
        ("USAGE_DASH_REFRESH_SECONDS", "thirty"),
        ("USAGE_DASH_REFRESH_SECONDS", "86401"),
        ("USAGE_DASH_RECONCILE_HOURS", "0"),
        ("USAGE_DASH_RECONCILE_HOURS", "1e12"),
        ("USAGE_DASH_RECONCILE_HOURS", "nan"),
        ("USAGE_DASH_TIMEZONE", "Mars/Olympus"),
        ("USAGE_DASH_TIMEZONE", "../../etc/passwd"),
        ("USAGE_DASH_TIMEZONE", "Europe"),
        ("USAGE_DASH_MODEL_NAMES", "families"),
        ("USAGE_DASH_CURRENCY", "EUR"),
        ("USAGE_DASH_CURRENCY", "EUR 0.92"),
        ("USAGE_DASH_CURRENCY", "€ 0.92 since 2026-11-01"),
        ("USAGE_DASH_CURRENCY", "EUR 0,92 since 2026-11-01"),
        ("USAGE_DASH_CURRENCY", "EUR 0 since 2026-11-01"),
        ("USAGE_DASH_CURRENCY", "EUR -0.92 since 2026-11-01"),
        ("USAGE_DASH_CURRENCY", "EUR 0.92 since 2026-11-31"),
        ("USAGE_DASH_CURRENCY", "EUR 0.92 since 1 Nov 2026"),
        ("USAGE_DASH_CURRENCY", "USD 1 since 2026-11-01"),
        ("USAGE_DASH_LEDGER", "/no/such/folder/ledger.duckdb"),
        ("USAGE_DASH_LEDGER", "/"),
        ("USAGE_DASH_MEMORY_LIMIT", "200"),
        ("USAGE_DASH_MEMORY_LIMIT", "49MB"),
        ("USAGE_DASH_READ_PRICE", "-0.01"),
        ("USAGE_DASH_READ_PRICE", "0,06"),
        ("USAGE_DASH_READ_PRICE", "inf"),
        ("USAGE_DASH_AUTH", "nobody"),
        ("HOST", "http://127.0.0.1"),
        ("USAGE_DASH_HOSTS", "https://usage.example.com"),
        ("USAGE_DASH_HOSTS", "usage.example.com:443"),
        ("USAGE_DASH_HOSTS", "usage.example.com/usage"),
        ("USAGE_DASH_HOSTS", "usage.example.com other.example.com"),
        ("USAGE_DASH_HOSTS", "*"),
        ("USAGE_DASH_URL_PREFIX", "https://example.com/usage"),
        ("USAGE_DASH_URL_PREFIX", "/a//b"),
        ("USAGE_DASH_URL_PREFIX", "/.."),
        ("USAGE_DASH_URL_PREFIX", "/us age"),
        ("USAGE_DASH_URL_PREFIX", "/assets"),
        ("USAGE_DASH_URL_PREFIX", "/_dash-layout/x"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("USAGE_DASH_LOG_LEVEL", "chatty"),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    sentence = _refusal(monkeypatch, **{name: value})
    allowed = next(setting.allowed for setting in SETTINGS if setting.name == name)
    assert sentence.startswith(name)
    assert f"must be {allowed}" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert value.upper() in sentence.upper() or name == "GOOGLE_APPLICATION_CREDENTIALS"


def test_a_name_that_is_too_long_for_a_file_is_the_ledgers_own_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = _refusal(monkeypatch, USAGE_DASH_LEDGER="/tmp/" + 300 * "a")  # noqa: S108 - nothing is made
    assert sentence.startswith("USAGE_DASH_LEDGER is “/tmp/aaa")


def test_each_wrong_value_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _refusal(monkeypatch, PORT="x", USAGE_DASH_TIMEZONE="y").splitlines()
    assert [line.split()[0] for line in lines] == ["USAGE_DASH_TIMEZONE", "PORT"]


def test_a_long_wrong_value_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(_refusal(monkeypatch, HOST="/" * 5000)) < 200


def test_a_file_that_is_no_text_is_refused() -> None:
    Path(".env").write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(SettingsError, match=r"“\.env” cannot be read"):
        load()


def test_unknown_names_are_told_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    Path(".env").write_text("USAGE_DASH_TIME_ZONE=UTC\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        _load(monkeypatch, USAGE_DASH_REFRESH="5", USAGE_DASH_QQQQ="1", USAGE="x")
    assert caplog.messages == [
        "USAGE_DASH_QQQQ is not a setting and is ignored.",
        "USAGE_DASH_REFRESH is not a setting and is ignored; the nearest is USAGE_DASH_REFRESH_SECONDS.",
        "USAGE_DASH_TIME_ZONE is not a setting and is ignored; the nearest is USAGE_DASH_TIMEZONE.",
    ]


def test_known_names_are_not_told() -> None:
    assert unknown_names(setting.name for setting in SETTINGS) == []


# Where usage documents come from


@pytest.mark.parametrize(
    "environ",
    [
        {"FIREBASE_CREDENTIALS": json.dumps(KEY)},
        {"GOOGLE_APPLICATION_CREDENTIALS": __file__},
        {"FIREBASE_PROJECT_ID": "acme-chatbot"},
        {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:8080"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_anything_of_firestore_makes_it_the_source(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    assert _load(monkeypatch, **environ).source is SourceName.FIRESTORE
    assert _load(monkeypatch, USAGE_DASH_SOURCE="demo").source is SourceName.DEMO


def test_the_local_source_needs_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "USAGE_DASH_LOCAL_FILE" in _refusal(monkeypatch, USAGE_DASH_SOURCE="local")
    settings = _load(monkeypatch, USAGE_DASH_LOCAL_FILE="usage.jsonl")
    assert (settings.source, settings.local_file) == (SourceName.LOCAL, Path("usage.jsonl"))


def test_sample_data_keeps_no_ledger_file(tmp_path: Path) -> None:
    file = tmp_path / "ledger.duckdb"
    assert Settings(ledger_file=file).ledger is None
    assert Settings(ledger_file=file, project_id="acme-chatbot").ledger == file


# Credentials


@pytest.mark.parametrize("wrong", ["{", SECRET, f"/secrets/{SECRET}.json"])
def test_a_wrong_key_is_refused_in_one_sentence_without_showing_it(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    sentence = _refusal(monkeypatch, FIREBASE_CREDENTIALS=wrong)
    assert sentence.startswith("FIREBASE_CREDENTIALS must be a service account's key")
    assert SECRET not in sentence
    assert "\n" not in sentence


def test_a_key_in_the_wrong_variable_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (json.dumps({"private_key": SECRET}), json.dumps(KEY) * 20):
        assert SECRET not in _refusal(monkeypatch, GOOGLE_APPLICATION_CREDENTIALS=value)


def test_a_key_is_not_shown_by_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(monkeypatch, FIREBASE_CREDENTIALS=json.dumps(KEY))
    for shown in (
        repr(settings),
        str(settings),
        repr(settings.firebase_credentials),
        f"{settings.firebase_credentials}",
    ):
        assert SECRET not in shown
        assert "acme" not in shown


# Documentation


def test_every_setting_is_told_in_the_example_file() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for setting in SETTINGS:
        comment, _, _ = example.partition(f"\n#{setting.name}=")
        assert comment != example, setting.name
        assert comment.rsplit("\n\n", 1)[-1].startswith("# "), setting.name


def test_every_setting_is_told_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        assert f"| `{setting.name}` | " in readme
        assert setting.help in readme


def test_what_is_told_of_settings_is_up_to_date() -> None:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(ROOT / "scripts" / "settings_table.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_example_file_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes((ROOT / ".env.example").read_bytes())
    assert load() == Settings()


def test_the_example_files_defaults_are_the_defaults(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    lines = [line.removeprefix("#") if not line.startswith("# ") else line for line in example.splitlines()]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    assert load() == Settings()
