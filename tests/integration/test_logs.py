"""What the log holds when everything is logged: how requests went, people in the audit's lines alone, and no secret."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from tests.integration.page_client import UPDATE, request_of
from tests.servers.firebase_auth import AuthEmulator
from tests.servers.ports import free_port
from tests.servers.program import DEADLINE, read_until, running
from tests.servers.router import BY_SCRIPT, VISITOR, Router

from usage_dash.page import ids

HOST = "usage.example.com"
USERS = ["user-of-the-log-1", "user-of-the-log-2"]
NAMES, MARK = ["Ada of the Log", "Team of the Log"], "something-in-a-query"
LISTED, STRANGER = "listed@acme.example", "stranger@acme.example"
PERSONAL = [*USERS, *NAMES, LISTED, STRANGER, MARK, VISITOR]

SECRET, PASSWORD, GUESS = "secret-of-sessions" * 2, "password-of-viewers", "password-that-is-wrong"
PROXYS, PORTALS, API_KEY = "secret-of-the-proxy" * 2, "secret-of-portals" * 2, "key-of-firebase"
SECRETS = [SECRET, PASSWORD, GUESS, PROXYS, PORTALS, API_KEY]
REQUESTS = "usage_dash.requests"
ENCODED_JSON = "eyJ"  # how every JWT begins, and every session

LINE = re.compile(r"[-\d]+ [:,\d]+ (?P<level>[A-Z]+) (?P<logger>\S+): (?P<said>.*?)( \[[0-9a-f]{16}\])?")


@dataclass(frozen=True)
class Log:
    """All lines that the program wrote, and how each request was answered."""

    text: str
    answers: list[int]

    def of(self, logger: str) -> list[str]:
        """Return what one logger said."""
        found = [match for line in self.text.splitlines() if (match := LINE.fullmatch(line))]
        return [match["said"] for match in found if match["logger"] == logger]

    def audit(self) -> list[tuple[str, dict[str, str]]]:
        """Return what the audit tells: what was done, and who did it how."""
        notes = [re.fullmatch(r"([a-z ]+) (\{.*\})", said) for said in self.of("usage_dash.audit")]
        return [(note[1], json.loads(note[2])) for note in notes if note]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with usage documents, one of them with a fault, and with people."""
    folder = tmp_path_factory.mktemp("files")
    documents = [{"userId": user, "totalCalls": 3, "totalCostUsd": 0.5, "recentUsage": []} for user in USERS]
    documents[0]["totalTokens"] = "many"
    (folder / "usage.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in documents), encoding="utf-8")
    people = f"user_id,name,email,team\n{USERS[0]},{NAMES[0]},{LISTED},{NAMES[1]}\n"
    (folder / "people.csv").write_text(people, encoding="utf-8")
    return folder


def _log(folder: Path, visit: Callable[[Router], None], **settings: str) -> Log:
    """Serve the files, let somebody visit, and return the whole log."""
    port, seen, asked = free_port(), list[str](), list[int]()
    files = {"USAGE_DASH_SOURCE": "local", "USAGE_DASH_LOCAL_FILE": "usage.jsonl", "USAGE_DASH_PEOPLE": "people.csv"}
    always = {"PORT": str(port), "USAGE_DASH_HOSTS": HOST, "USAGE_DASH_LOG_LEVEL": "DEBUG", "USAGE_DASH_SECRET": SECRET}
    command = [str(Path(sys.executable).parent / "usage-dash"), "run"]
    with running(command, folder, **files, **always, **settings) as process:
        read_until(process, "usage-dash is at ", seen)
        router = Router(HOST, port)
        router.hooks["response"].append(lambda answer, *_, **__: asked.append(answer.status_code))
        visit(router)
        process.terminate()
        rest, _ = process.communicate(timeout=DEADLINE)
    return Log("".join(seen) + rest, asked)


@pytest.fixture(scope="module")
def behind_a_proxy(files: Path) -> Log:
    settings = {
        "USAGE_DASH_AUTH": "password,proxy",
        "USAGE_DASH_PASSWORD": PASSWORD,
        "USAGE_DASH_PROXY_HEADER": "X-Forwarded-Email",
        "USAGE_DASH_PROXY_SECRET": PROXYS,
        "USAGE_DASH_EMBED_SECRET": PORTALS,
        "USAGE_DASH_VIEWERS": LISTED,
        "USAGE_DASH_LEADS": f"nobody@acme.example:{NAMES[1]}",
        "USAGE_DASH_TRUSTED_PROXIES": "1",
    }
    return _log(files, _come_through_a_proxy, **settings)


@pytest.fixture(scope="module")
def with_firebase(files: Path, auth_emulator: AuthEmulator) -> Log:
    for email in (LISTED, STRANGER):
        auth_emulator.add(email, PASSWORD)
    settings = {
        "USAGE_DASH_AUTH": "firebase",
        "FIREBASE_API_KEY": API_KEY,
        "FIREBASE_PROJECT_ID": auth_emulator.project,
        "FIREBASE_AUTH_EMULATOR_HOST": auth_emulator.host,
        "USAGE_DASH_VIEWERS": LISTED,
    }
    return _log(files, _come_with_firebase, **settings)


@pytest.fixture(params=["behind_a_proxy", "with_firebase"])
def log(request: pytest.FixtureRequest) -> Log:
    found: Log = request.getfixturevalue(request.param)
    return found


def _come_through_a_proxy(router: Router) -> None:
    assert router.ask(f"/?range=7d&{MARK}").status_code == 303
    assert router.ask(f"/no/such/{USERS[0]}?{MARK}", headers=BY_SCRIPT).status_code == 401
    assert router.sign_in("password", password=PASSWORD).status_code == 303
    _look_around(router)
    _look_in_a_frame(router)
    for email, secret in ((LISTED, PROXYS), (STRANGER, PROXYS), (LISTED, GUESS)):
        router.ask("/", headers={"Cookie": "", "X-Forwarded-Email": email, "X-Usage-Dash-Proxy-Secret": secret})
    assert router.ask("/sign-out", data={"left": MARK}).status_code == 303
    for _ in range(6):
        answer = router.sign_in("password", password=GUESS)
    assert answer.status_code == 429


def _come_with_firebase(router: Router) -> None:
    for header in [name for name in router.headers if name.startswith("X-Forwarded")]:
        del router.headers[header]  # an emulator serves nobody but this machine
    router.headers["Origin"] = f"http://{HOST}"
    assert router.sign_in("firebase", email=LISTED, password=GUESS).status_code == 401
    assert router.ask("/sign-in/forgot", data={"way": "firebase", "email": STRANGER}).status_code == 200
    assert router.sign_in("firebase", email=STRANGER, password=PASSWORD).status_code == 303
    assert router.ask("/").status_code == 403
    assert router.sign_in("firebase", email=LISTED, password=PASSWORD).status_code == 303
    _look_around(router)
    assert router.ask("/sign-out", data={"left": MARK}).status_code == 303


def _look_around(router: Router) -> None:
    """Take the document, and ask with a callback for a user's opened row until it comes."""
    assert router.ask(f"/?sort=user&{MARK}").status_code == 200
    asked = request_of(router.ask("/_dash-dependencies", headers=BY_SCRIPT).json())
    opened = {"query": urlencode([("sort", "user"), *(("open", user) for user in USERS)])}
    next(each for each in asked["inputs"] if each["id"] == ids.ASKED)["value"] = opened
    until = time.monotonic() + DEADLINE
    while USERS[0] not in (answer := router.ask(UPDATE, json=asked, headers=BY_SCRIPT)).text:
        assert time.monotonic() < until, answer.text


def _look_in_a_frame(router: Router) -> None:
    """Look as a portal's frame does, and with a token that somebody has made up."""
    assert router.ask(f"/embed/me?theme=dark&{MARK}").status_code == 200
    for secret, status in ((PORTALS, 200), (GUESS * 2, 401)):
        headers = BY_SCRIPT | {"Authorization": f"Bearer {_token(secret)}", "X-Usage-Dash-Frame": "1"}
        assert router.ask("/embed/me/card", headers=headers).status_code == status


def _token(secret: str) -> str:
    now = int(time.time())
    claims: dict[str, Any] = {"aud": "usage-dash", "iat": now, "exp": now + 600, "sub": LISTED, "see": {"users": USERS}}
    return jwt.encode(claims, secret, algorithm="HS256")


def test_each_request_is_a_line_that_tells_what_was_asked_for_as_a_rule_and_how_it_went(log: Log) -> None:
    lines = [re.fullmatch(r"(GET|POST) (/[\w/.<>:-]*|unknown) (\d{3}) \d+ ms", said) for said in log.of(REQUESTS)]
    assert [int(line[3]) for line in lines if line] == log.answers


def test_nobody_is_named_but_in_the_audit(log: Log) -> None:
    for line in log.text.splitlines():
        if " usage_dash.audit: " not in line:
            assert not [each for each in PERSONAL if each in line], line


def test_no_secret_is_written_anywhere(log: Log) -> None:
    for secret in (*SECRETS, ENCODED_JSON):
        assert secret not in log.text


def test_everything_is_logged_that_libraries_would_say(with_firebase: Log) -> None:
    assert "accounts:signInWithPassword" in " ".join(with_firebase.of("urllib3.connectionpool"))


def test_the_audit_tells_who_came_how_and_who_was_refused_why(behind_a_proxy: Log) -> None:
    wrong = ("refused", {"way": "password", "why": "This is not the password."})
    assert behind_a_proxy.audit() == [
        ("signed in", {"way": "password", "who": "viewer"}),
        ("refused", {"way": "token", "why": "no secret of USAGE_DASH_EMBED_SECRET has signed the token"}),
        ("refused", {"way": "proxy", "who": STRANGER, "why": "on no list"}),
        (
            "refused",
            {"way": "proxy", "why": "the header does not come from the proxy: its secret is missing or another one"},
        ),
        ("signed out", {"way": "password", "who": "viewer"}),
        *[wrong] * 5,
        ("refused", {"way": "any", "why": "too many tries"}),
    ]


def test_the_audit_names_people_by_their_addresses(with_firebase: Log) -> None:
    assert with_firebase.audit() == [
        ("refused", {"way": "firebase", "who": LISTED, "why": "E-mail and password don’t match."}),
        ("reset asked for", {"way": "firebase"}),
        ("signed in", {"way": "firebase", "who": STRANGER}),
        ("refused", {"way": "firebase", "who": STRANGER, "why": "on no list"}),
        ("signed in", {"way": "firebase", "who": LISTED}),
        ("signed out", {"way": "firebase", "who": LISTED}),
    ]
