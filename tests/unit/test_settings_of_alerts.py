"""Settings of alerts: addresses are understood or named without their secret, and never shown."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from usage_dash.settings import SETTINGS, Settings, SettingsError, load
from usage_dash.settings.alert_addresses import Address, alert_addresses

PRIVATE = "TIiajkdnlazkcOXrIdevi7FQ"
SLACK = f"slack://T1JJ3T3L2/A1BRTD4JD/{PRIVATE}/#alerts"
MAIL = f"mailtos://bot:{PRIVATE}@acme.example/ops@acme.example"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


def _loaded(monkeypatch: pytest.MonkeyPatch, text: str) -> Settings:
    monkeypatch.setenv("USAGE_DASH_ALERTS", text)
    return load()


def _shorts(text: str) -> list[str]:
    found = alert_addresses(text)
    assert isinstance(found, tuple)
    return [address.short for address in found]


def _one(text: str) -> Address:
    found = alert_addresses(text)
    assert isinstance(found, tuple)
    [address] = found
    return address


def test_nobody_is_told_unless_there_is_an_address() -> None:
    assert load().alerts == ()
    assert load().alert_minutes == 5


@pytest.mark.parametrize("between", [" ", ", ", ",", "\n", ";\r\n  ", " , "])
def test_addresses_stand_with_spaces_lines_or_commas_between(monkeypatch: pytest.MonkeyPatch, between: str) -> None:
    settings = _loaded(monkeypatch, f"{between}{SLACK}{between}{MAIL}{between}")
    assert [address.url.get_secret_value() for address in settings.alerts] == [SLACK, MAIL]


def test_commas_within_an_address_belong_to_it() -> None:
    assert _shorts("mailto://bot@acme.example?to=a@acme.example,b@acme.example,jsons://acme.example/hook") == [
        "mailto a@acme.example",
        "mailto b@acme.example",
        "jsons acme.example",
    ]


def test_each_recipient_of_a_mail_is_told_by_itself() -> None:
    found = alert_addresses(
        "mailto://bot@acme.example/a@acme.example?to=b@acme.example&cc=c@acme.example,a@acme.example"
    )
    assert isinstance(found, tuple)
    assert [address.only for address in found] == ["a@acme.example", "b@acme.example", "c@acme.example"]
    assert len({address.digest for address in found}) == 3


def test_a_recipient_is_known_again_beside_others() -> None:
    alone = _one("mailto://bot@acme.example/a@acme.example?name=Us")
    beside = alert_addresses("mailto://bot@acme.example?cc=b@acme.example&name=Us&to=a@acme.example")
    assert isinstance(beside, tuple)
    assert alone.digest in {address.digest for address in beside}


def test_the_same_address_twice_is_one() -> None:
    assert _shorts(f"{MAIL} {MAIL}") == ["mailto ops@acme.example"]


@pytest.mark.parametrize(
    ("url", "short"),
    [
        (SLACK, "slack #alerts"),
        (f"https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/{PRIVATE}", "slack"),
        (MAIL, "mailto ops@acme.example"),
        (f"mailto://bot:{PRIVATE}@gmail.com", "mailto bot@gmail.com"),
        (f"jsons://bot:{PRIVATE}@acme.example:8443/{PRIVATE}?+X-Key={PRIVATE}", "jsons acme.example"),
        (f"workflows://prod.logic.azure.com:443/{PRIVATE}/{PRIVATE}", "workflows prod.logic.azure.com"),
        (f"ntfy://{PRIVATE}", "ntfy"),
        (f"ntfys://ntfy.acme.example/{PRIVATE}", "ntfys"),
        (f"discord://123456789012345678/{PRIVATE}", "discord"),
        ("json://bot:p@ss/w#rd@acme.example/hook", "json"),
    ],
)
def test_people_read_whom_an_address_tells_and_no_secret(url: str, short: str) -> None:
    address = _one(url)
    assert address.short == short
    assert PRIVATE not in repr(address)


def test_no_address_is_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PRIVATE not in repr(_loaded(monkeypatch, f"{SLACK} {MAIL}"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"{MAIL} slack://{PRIVATE}",
            "The 2nd address of USAGE_DASH_ALERTS (slack://…) is not understood: one of Slack",
        ),
        (f"{PRIVATE} {MAIL}", "The 1st address of USAGE_DASH_ALERTS (…) is not understood: it does not begin with"),
        (
            f"{SLACK},{MAIL},Foo://{PRIVATE}",
            "The 3rd address of USAGE_DASH_ALERTS (foo://…) is not understood: apprise",
        ),
        (
            f"https://acme.example/{PRIVATE}",
            "The 1st address of USAGE_DASH_ALERTS (https://…) is not understood: a web",
        ),
        (
            f"json://localhost {PRIVATE}",
            "The 1st address of USAGE_DASH_ALERTS (json://…) is not understood: one of JSON",
        ),
        (
            f"json://localhost\n{PRIVATE}",
            "The 2nd address of USAGE_DASH_ALERTS (…) is not understood: it does not begin",
        ),
        (
            f"mailtos://bot:{PRIVATE}@acme.example/{PRIVATE}",
            "The 1st address of USAGE_DASH_ALERTS (mailtos://…) is not understood: one of E-Mail",
        ),
        (
            f"slack://T1JJ3T3L2/A1BRTD4JD/{PRIVATE}/#a/#b",
            "The 1st address of USAGE_DASH_ALERTS (slack://…) is not understood: it tells",
        ),
        (
            f"mailto://bot:{PRIVATE}@acme.example",
            "The 1st address of USAGE_DASH_ALERTS (mailto://…) is not understood: its password would go",
        ),
        (f"mqtt://localhost/{PRIVATE}", "The 1st address of USAGE_DASH_ALERTS (mqtt://…) is not understood: what it"),
        (
            f"json://bot:{PRIVATE}@x@acme.example",
            "The 1st address of USAGE_DASH_ALERTS (json://…) is not understood: within",
        ),
        (
            f"json://acme.example?rto={PRIVATE}",
            "The 1st address of USAGE_DASH_ALERTS (json://…) is not understood: one of",
        ),
    ],
)
def test_a_wrong_address_is_named_by_its_place_and_scheme_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, text: str, said: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SettingsError) as caught:
        _loaded(monkeypatch, text)
    assert str(caught.value).startswith(said)
    assert str(caught.value).endswith(".")
    assert PRIVATE not in str(caught.value) + caplog.text


def test_what_is_kept_of_an_address_goes_on_with_a_new_password() -> None:
    before, after = (
        _one("mailtos://bot:old@acme.example/ops@acme.example"),
        _one("mailtos://bot:new@acme.example/ops@acme.example"),
    )
    assert before.digest == after.digest
    in_query = "mailtos://acme.example/ops@acme.example?user=bot&pass="
    assert _one(f"{in_query}old&name=us").digest == _one(f"{in_query}new&name=us").digest


@pytest.mark.parametrize(
    "other",
    [
        "mailtos://bot:old@acme.example/dev@acme.example",
        "mailtos://bot:old@acme.example:2525/ops@acme.example",
        "mailto://bot@acme.example/ops@acme.example",
        "mailtos://boss:old@acme.example/ops@acme.example",
        "mailtos://bot:old@acme.example/ops@acme.example?from=dev@acme.example",
    ],
)
def test_other_addresses_are_known_apart(other: str) -> None:
    assert _one(other).digest != _one("mailtos://bot:old@acme.example/ops@acme.example").digest


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://Usage.acme.example", "https://usage.acme.example/"),
        ("https://usage.acme.example/team/usage", "https://usage.acme.example/team/usage/"),
        ("http://192.168.0.7:8050/", "http://192.168.0.7:8050/"),
        ("http://[::1]:8050", "http://[::1]:8050/"),
    ],
)
def test_the_address_of_the_page_ends_with_a_slash(monkeypatch: pytest.MonkeyPatch, written: str, url: str) -> None:
    monkeypatch.setenv("USAGE_DASH_URL", written)
    assert load().url == url


@pytest.mark.parametrize(
    "written",
    [
        "usage.acme.example",
        "ftp://acme.example",
        "https://me:pw@acme.example",
        "https://acme.example/?a=b",
        "https:///x",
    ],
)
def test_what_is_no_address_of_a_page_is_refused(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("USAGE_DASH_URL", written)
    with pytest.raises(SettingsError, match=r"USAGE_DASH_URL is “.*”, but must be an address such as"):
        load()
