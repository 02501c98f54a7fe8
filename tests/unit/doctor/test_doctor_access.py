"""Who is let in, as the doctor tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.doctor.seeing import HEROKU, setup, state_of

from usage_dash.checks.check import State
from usage_dash.doctor import access

SECRET = "a text of which nobody knows any".replace(" ", "-") + "-more"
PEOPLE = "user_id,name,email,team\nada,Ada,ada@acme.example,Support\n"


def test_this_machine_needs_no_sign_in() -> None:
    assert state_of(access.served(setup())) is State.GOOD
    assert state_of(access.sign_in(setup())) is State.GOOD


@pytest.mark.parametrize(("environ", "host"), [(HEROKU, None), ({}, "0.0.0.0")])  # noqa: S104 - what must be refused
def test_elsewhere_somebody_has_to_say_who_may_look(environ: dict[str, str], host: str | None) -> None:
    check = access.served(setup(environ, host=host))
    assert state_of(check) is State.ACT
    assert check.title.startswith("usage-dash refuses to serve on ")
    assert check.todo.startswith("Set USAGE_DASH_AUTH to ")
    allowed = access.served(setup(environ, host=host, auth="password", password="12345678", secret=SECRET))  # noqa: S106 - made up
    assert state_of(allowed) is State.GOOD


@pytest.mark.parametrize(
    ("settings", "state", "words"),
    [
        ({"auth": "none"}, State.LOOK, "USAGE_DASH_AUTH"),
        ({"auth": "password"}, State.ACT, "Set USAGE_DASH_PASSWORD."),
        ({"auth": "oidc"}, State.ACT, "USAGE_DASH_OIDC_ISSUER and USAGE_DASH_OIDC_CLIENT_ID"),
        ({"auth": "password", "password": "12345678"}, State.GOOD, ""),
        ({"auth": "firebase", "firebase_api_key": "abc"}, State.LOOK, "USAGE_DASH_ADMINS"),
        ({"auth": "firebase", "firebase_api_key": "abc", "see_self": True}, State.GOOD, ""),
    ],
)
def test_a_way_to_sign_in_is_looked_at(settings: dict[str, Any], state: State, words: str) -> None:
    check = access.sign_in(setup(**settings))
    assert state_of(check) is state
    assert words in check.todo


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (PEOPLE, State.GOOD),
        ("user_id,name,email,team\n", State.LOOK),
        ("name,email\n", State.ACT),
        (f"{PEOPLE}ada,again,,\n", State.ACT),
        ("\xff", State.ACT),
    ],
)
def test_the_people_file_is_read(content: str, state: State, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(content, encoding="latin-1")
    check = access.people(setup(people_file=file))
    assert state_of(check) is state


def test_a_people_file_that_went_away_is_told(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    gone = setup(people_file=file)
    file.unlink()
    assert state_of(access.people(gone)) is State.ACT
    assert access.people(setup()) is None


@pytest.mark.parametrize(
    ("origins", "secret", "state"),
    [
        ("https://portal.acme.example", SECRET, State.GOOD),
        ("http://localhost:3000,http://127.0.0.1,http://[::1]:3000", SECRET, State.GOOD),
        ("https://portal.acme.example", None, State.LOOK),
        ("http://portal.acme.example", SECRET, State.LOOK),
        (None, SECRET, State.LOOK),
    ],
)
def test_portals_need_origins_a_secret_and_https(origins: str | None, secret: str | None, state: State) -> None:
    given = {"embed_origins": origins, "embed_secret": secret}
    check = access.portals(setup(**{name: value for name, value in given.items() if value}))
    assert state_of(check) is state
    assert check is not None
    assert SECRET not in repr(check)


def test_without_portals_there_is_nothing_to_say() -> None:
    assert access.portals(setup()) is None
