"""Settings of who may look: what they may be, and that what is weak or dangerous is refused with its sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from usage_dash.settings import SETTINGS, Settings, SettingsError, Way, load
from usage_dash.settings.lists import Led, Listed
from usage_dash.web.sign_in.missing import missing

LONG = "x" * 32


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        for name in (setting.name, setting.also):
            if name:
                monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def _load(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> Settings:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return load()


def test_nobody_is_let_in_by_default() -> None:
    settings = load()
    assert (settings.auth, settings.admins, settings.viewers, settings.leads) == (None, (), (), ())
    assert (settings.see_self, settings.embed_secret, settings.embed_origins) == (False, (), ())
    assert settings.trusted_proxies is None


def test_lists_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(
        monkeypatch,
        {
            "USAGE_DASH_AUTH": " oidc , password,oidc",
            "USAGE_DASH_ADMINS": "Mara@Acme.example, groups=Finance Team,",
            "USAGE_DASH_VIEWERS": "@acme.example",
            "USAGE_DASH_LEADS": "lead@acme.example:Support+Sales East, groups=a:b:Ops",
            "USAGE_DASH_SELF": "ON",
            "USAGE_DASH_EMBED_SECRET": f"{LONG}, {LONG}2",
            "USAGE_DASH_EMBED_ORIGINS": "https://Portal.example:443,http://127.0.0.1:8080/,https://[::1]:8443",
        },
    )
    assert settings.auth == (Way.OIDC, Way.PASSWORD)
    assert settings.admins == (Listed(None, "mara@acme.example"), Listed("groups", "Finance Team"))
    assert settings.viewers == (Listed(None, "@acme.example"),)
    assert settings.leads == (
        Led(Listed(None, "lead@acme.example"), frozenset({"Support", "Sales East"})),
        Led(Listed("groups", "a:b"), frozenset({"Ops"})),
    )
    assert settings.see_self
    assert [secret.get_secret_value() for secret in settings.embed_secret] == [LONG, f"{LONG}2"]
    assert settings.embed_origins == ("https://portal.example", "http://127.0.0.1:8080", "https://[::1]:8443")


def test_the_chatbots_own_file_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = {"NEXT_PUBLIC_FIREBASE_API_KEY": "AIza-copied", "NEXT_PUBLIC_FIREBASE_PROJECT_ID": "acme-chatbot"}
    settings = _load(monkeypatch, copied)
    assert (settings.firebase_api_key, settings.project_id) == ("AIza-copied", "acme-chatbot")
    ours = _load(monkeypatch, {"FIREBASE_API_KEY": "AIza-ours", "FIREBASE_PROJECT_ID": "acme-other"})
    assert (ours.firebase_api_key, ours.project_id) == ("AIza-ours", "acme-other")


REFUSED = [
    ({"USAGE_DASH_AUTH": "none,password"}, "none together with another way"),
    ({"USAGE_DASH_AUTH": "ldap"}, "must be none, or one or several of password, firebase, oidc and proxy"),
    ({"USAGE_DASH_SECRET": "short"}, "USAGE_DASH_SECRET must be a random text of at least 32 characters"),
    ({"USAGE_DASH_SECRET": "what “openssl rand -hex 32” prints"}, "it holds spaces"),
    ({"USAGE_DASH_PROXY_SECRET": "0123456789abcdef0123456789abcdef…"}, "it holds spaces or “…”"),
    ({"USAGE_DASH_PROXY_SECRET": "ü" * 32}, "but it holds characters that no header can carry"),
    ({"USAGE_DASH_METRICS_TOKEN": "ü" * 32}, "but it holds characters that no header can carry"),
    ({"USAGE_DASH_EMBED_SECRET": "a secret of more than thirty two letters"}, "it holds spaces"),
    ({"USAGE_DASH_PASSWORD": "short"}, "USAGE_DASH_PASSWORD must be a password of at least 8 characters."),
    (
        {"USAGE_DASH_PASSWORD": "long enough", "USAGE_DASH_ADMIN_PASSWORD": "long enough"},
        "USAGE_DASH_ADMIN_PASSWORD is the same as USAGE_DASH_PASSWORD",
    ),
    ({"USAGE_DASH_PROXY_SECRET": "short"}, "USAGE_DASH_PROXY_SECRET must be"),
    ({"USAGE_DASH_EMBED_SECRET": "short"}, "USAGE_DASH_EMBED_SECRET must be one or two"),
    ({"USAGE_DASH_EMBED_SECRET": f"{LONG},short"}, "USAGE_DASH_EMBED_SECRET must be one or two"),
    ({"USAGE_DASH_EMBED_SECRET": ",".join([LONG] * 3)}, "USAGE_DASH_EMBED_SECRET must be one or two"),
    ({"USAGE_DASH_EMBED_ORIGINS": "*"}, "must be origins such as https://portal.example.com"),
    ({"USAGE_DASH_EMBED_ORIGINS": "https://*.acme.example"}, "each by its full name"),
    ({"USAGE_DASH_EMBED_ORIGINS": "portal.acme.example"}, "must be origins"),
    ({"USAGE_DASH_EMBED_ORIGINS": "https://portal.example/path"}, "without a path"),
    ({"USAGE_DASH_EMBED_ORIGINS": "https://portal.example; script-src *"}, "must be origins"),
    ({"USAGE_DASH_EMBED_ORIGINS": "https://user@portal.example"}, "must be origins"),
    ({"USAGE_DASH_ADMINS": "mara"}, "must be e-mail addresses, @domains or claim=value"),
    ({"USAGE_DASH_ADMINS": "@"}, "must be e-mail addresses"),
    ({"USAGE_DASH_ADMINS": "@com"}, "must be e-mail addresses"),
    ({"USAGE_DASH_ADMINS": "*@acme.example extra"}, "must be e-mail addresses"),
    ({"USAGE_DASH_VIEWERS": "groups="}, "must be e-mail addresses"),
    ({"USAGE_DASH_LEADS": "lead@acme.example"}, "must be who:team or who:team+team"),
    ({"USAGE_DASH_LEADS": "lead@acme.example:"}, "must be who:team"),
    ({"USAGE_DASH_LEADS": "lead@acme.example:Support+"}, "must be who:team"),
    ({"USAGE_DASH_SELF": "perhaps"}, "must be on or off"),
    ({"USAGE_DASH_SELF": "yes"}, "must be on or off"),
    ({"USAGE_DASH_OIDC_ISSUER": "http://login.acme.example"}, "with http only on this machine"),
    ({"USAGE_DASH_PROXY_JWKS": "file:///etc/passwd"}, "with http only on this machine"),
    ({"USAGE_DASH_PROXY_HEADER": "X_User"}, "must be a header's name"),
    ({"USAGE_DASH_TRUSTED_PROXIES": "-1"}, "must be a whole number from 0 to 9"),
    ({"FIREBASE_AUTH_EMULATOR_HOST": "http://127.0.0.1:9099"}, "must be a host and a port"),
    ({"NEXT_PUBLIC_FIREBASE_PROJECT_ID": "Acme Chatbot"}, "must be a project id"),
    ({"USAGE_DASH_PEOPLE": "no-such.csv"}, "must be the path to a CSV file"),
]


@pytest.mark.parametrize(("environ", "said"), REFUSED, ids=[" ".join(environ) for environ, _ in REFUSED])
def test_what_is_weak_dangerous_or_wrong_is_refused(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        _load(monkeypatch, environ)
    assert said in str(caught.value)
    assert "short" not in str(caught.value).replace("shorter", "").replace(
        "shortest", ""
    )  # what was given for a secret


def test_secrets_are_in_no_picture_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        name: f"{name}-{LONG}"
        for name in (
            "USAGE_DASH_SECRET",
            "USAGE_DASH_PASSWORD",
            "USAGE_DASH_ADMIN_PASSWORD",
            "USAGE_DASH_OIDC_CLIENT_SECRET",
            "USAGE_DASH_PROXY_SECRET",
            "USAGE_DASH_EMBED_SECRET",
        )
    }
    assert LONG not in repr(_load(monkeypatch, secrets))


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"auth": None}, ()),
        ({"auth": (Way.NONE,)}, ()),
        ({"auth": (Way.PASSWORD,)}, ("USAGE_DASH_PASSWORD",)),
        ({"auth": (Way.FIREBASE,)}, ("FIREBASE_API_KEY", "FIREBASE_PROJECT_ID")),
        ({"auth": (Way.FIREBASE,), "firebase_api_key": "k", "project_id": "acme-chatbot"}, ()),
        (
            {"auth": (Way.PASSWORD, Way.OIDC), "oidc_issuer": "https://login.example"},
            ("USAGE_DASH_PASSWORD", "USAGE_DASH_OIDC_CLIENT_ID", "USAGE_DASH_OIDC_CLIENT_SECRET"),
        ),
        (
            {"auth": (Way.PROXY,)},
            (
                "USAGE_DASH_PROXY_HEADER",
                "USAGE_DASH_PROXY_JWKS",
                "USAGE_DASH_PROXY_AUDIENCE",
                "USAGE_DASH_PROXY_ISSUER",
            ),
        ),
        ({"auth": (Way.PROXY,), "proxy_secret": LONG}, ("USAGE_DASH_PROXY_HEADER",)),
        ({"auth": (Way.PROXY,), "proxy_secret": LONG, "proxy_header": "X-User"}, ()),
        (
            {
                "auth": (Way.PROXY,),
                "proxy_header": "X-User",
                "proxy_jwks": "https://keys.example",
                "proxy_secret": LONG,
            },
            ("USAGE_DASH_PROXY_AUDIENCE", "USAGE_DASH_PROXY_ISSUER"),
        ),
    ],
)
def test_what_a_way_lacks_is_named(settings: dict[str, object], names: tuple[str, ...]) -> None:
    assert missing(Settings.model_validate(settings)) == names
