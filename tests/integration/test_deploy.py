"""What platforms do: install a clean copy as their Python buildpacks do, and start the Procfile's line behind a router.

Installing takes its time, so it is done once.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.page_client import UPDATE, request_of
from tests.servers.ports import free_port
from tests.servers.program import DEADLINE, Command, finished, procfile, read_until, running
from tests.servers.router import BY_SCRIPT, Router
from tests.tracked import copy_tracked

SECRET = "5f2b8c07d1e94a36b0c8e7f415a9d3620b7e" * 2
PASSWORD = "a shared password"  # noqa: S105 - made up
INSTALLED_WITHIN = 900.0  # seconds; it takes fifteen when pip has all it needs


@dataclass(frozen=True)
class Platform:
    """A platform's name, the variables that it sets, and the name by which its router asks."""

    name: str
    variables: dict[str, str]
    host: str


HEROKU = Platform(
    "Heroku",
    {"DYNO": "web.1", "DYNO_RAM": "512", "WEB_CONCURRENCY": "2", "PYTHONUNBUFFERED": "true", "LANG": "en_US.UTF-8"},
    "acme-usage-3f9a1c27de05.herokuapp.com",
)
RENDER = Platform(
    "Render",
    {
        "RENDER": "true",
        "RENDER_SERVICE_TYPE": "web",
        "RENDER_EXTERNAL_HOSTNAME": "acme-usage.onrender.com",
        "RENDER_EXTERNAL_URL": "https://acme-usage.onrender.com",
        "WEB_CONCURRENCY": "1",
    },
    "acme-usage.onrender.com",
)
BOTH = pytest.mark.parametrize("platform", [HEROKU, RENDER], ids=lambda platform: platform.name)


@dataclass(frozen=True)
class Deployed:
    """A clean copy, and the Procfile's line in it with the programs that were installed."""

    folder: Path
    command: Command

    def ends(self, platform: Platform, **settings: str) -> tuple[int, str]:
        """Start it where it should end by itself; give its exit code and what it said."""
        return finished(self.command, self.folder, PORT=str(free_port()), **platform.variables, **settings)

    @contextmanager
    def starts(self, platform: Platform, **settings: str) -> Iterator[tuple[subprocess.Popen[str], Router]]:
        """Start it, and give its process and the router before it, once it serves or has said why nobody is let in."""
        port = free_port()
        variables = {"PORT": str(port), "USAGE_DASH_SOURCE": "demo", **platform.variables, **settings}
        with running(self.command, self.folder, **variables) as process:
            yield process, Router(platform.host, port)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    folder, environment = tmp_path_factory.mktemp("app"), tmp_path_factory.mktemp("environment")
    copy_tracked(folder)
    programs = environment / "bin"
    _run([sys.executable, "-m", "venv", str(environment)], folder)
    _run([str(programs / "pip"), "install", "--quiet", "--no-compile", "-r", "requirements.txt"], folder)
    return Deployed(folder, procfile(folder, programs))


def _run(command: Command, folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - ours
        command, cwd=folder, capture_output=True, text=True, timeout=INSTALLED_WITHIN, check=False
    )
    assert done.returncode == 0, done.stderr


def _in_safety(**settings: str) -> dict[str, str]:
    """What the button and the blueprint set, and somebody who fills in the password."""
    return {
        "USAGE_DASH_AUTH": "password",
        "USAGE_DASH_SECRET": SECRET,
        "USAGE_DASH_PASSWORD": PASSWORD,
        **settings,
    }


@BOTH
def test_a_clean_copy_serves_whoever_signs_in(deployed: Deployed, platform: Platform) -> None:
    with deployed.starts(platform, **_in_safety()) as (process, router):
        read_until(process, "usage-dash is at ")
        assert router.ask("/health").text == "OK"
        asked = router.ask("/")
        assert (asked.status_code, asked.headers["Location"]) == (303, "/sign-in")
        assert router.ask("/", headers={"X-Forwarded-Proto": "http"}).headers["Location"] == f"https://{platform.host}/"
        assert router.ask("/_dash-layout", headers=BY_SCRIPT).status_code == 401

        assert router.sign_in("password", password=PASSWORD.upper()).status_code == 401
        entered = router.sign_in("password", password=PASSWORD)
        assert (entered.status_code, entered.headers["Location"]) == (303, "/")
        assert re.fullmatch(
            r"__Host-usage_dash=\S+; Expires=[^;]+; Secure; HttpOnly; Path=/; SameSite=Lax",
            entered.headers["Set-Cookie"],
        )

        page = router.ask("/")
        assert (page.status_code, "OpenAI usage" in page.text) == (200, True)
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert _total_cost(router).startswith("$")

        process.terminate()
        process.communicate(timeout=DEADLINE)
        assert process.returncode == 0


def _total_cost(router: Router) -> str:
    """Ask what the page's callback asks until the sample data is read, and return the first card's figure."""
    asked = request_of(router.ask("/_dash-dependencies").json())
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        answer = router.ask(UPDATE, json=asked)
        assert answer.status_code == 200, answer.text
        if found := re.search(r'"children":"(\$[^"]+)"[^}]*"id":"total-cost"', answer.text):
            return found[1]
    raise AssertionError(f"No cost in {answer.text}")


def test_a_session_outlives_a_restart(deployed: Deployed) -> None:
    with deployed.starts(HEROKU, **_in_safety()) as (process, router):
        read_until(process, "usage-dash is at ")
        router.sign_in("password", password=PASSWORD)
        cookie = router.headers["Cookie"]
    with deployed.starts(HEROKU, **_in_safety()) as (process, router):
        read_until(process, "usage-dash is at ")
        assert router.ask("/").status_code == 303
        router.headers["Cookie"] = cookie
        assert router.ask("/").status_code == 200


@BOTH
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "usage-dash refuses to serve on {}, because no way to sign in is named"),
        ({"USAGE_DASH_AUTH": "password"}, "usage-dash refuses to serve on {}, because USAGE_DASH_SECRET"),
        (
            _in_safety(USAGE_DASH_SECRET="too short"),  # noqa: S106 - that is the point
            "USAGE_DASH_SECRET must be a random text of at least 32 characters",
        ),
        (_in_safety(USAGE_DASH_AUTH="none,password"), "USAGE_DASH_AUTH is none together with another way"),
        (
            _in_safety(FIREBASE_AUTH_EMULATOR_HOST="127.0.0.1:9099"),
            "usage-dash refuses to serve on {}, because FIREBASE_AUTH_EMULATOR_HOST is set",
        ),
    ],
    ids=["no way", "no secret", "short secret", "none and another", "an emulator"],
)
def test_what_lets_in_anybody_is_refused_in_one_sentence(
    deployed: Deployed, platform: Platform, settings: dict[str, str], sentence: str
) -> None:
    code, said = deployed.ends(platform, USAGE_DASH_SOURCE="demo", **settings)
    assert code == 2
    assert said.startswith(f"usage-dash: {sentence.format(platform.name)}")
    assert said.count("\n") == 1
    assert "too short" not in said


@pytest.mark.parametrize(
    ("platform", "way", "lacking"),
    [
        (HEROKU, "password", ["USAGE_DASH_PASSWORD"]),
        (HEROKU, "firebase", ["FIREBASE_API_KEY", "FIREBASE_PROJECT_ID"]),
        (RENDER, "oidc", ["USAGE_DASH_OIDC_ISSUER", "USAGE_DASH_OIDC_CLIENT_ID", "USAGE_DASH_OIDC_CLIENT_SECRET"]),
    ],
    ids=["password", "firebase", "oidc"],
)
def test_a_way_that_lacks_settings_is_served_as_a_page_that_names_them(
    deployed: Deployed, platform: Platform, way: str, lacking: list[str]
) -> None:
    settings = {"USAGE_DASH_AUTH": way, "USAGE_DASH_SECRET": SECRET, "USAGE_DASH_PASSWORD": ""}
    with deployed.starts(platform, **settings) as (process, router):
        read_until(process, re.escape(f"before these settings are set: {', '.join(lacking)}."))
        read_until(process, "usage-dash is at ")
        page = router.ask("/")
        assert page.status_code == 503
        assert re.findall(r"<code>(\w+)</code>", page.text) == lacking
        assert "$" not in page.text
        for path in ("/_dash-layout", "/_dash-dependencies", "/embed/me/card"):
            assert router.ask(path, headers=BY_SCRIPT).status_code == 503
        assert router.ask("/health").text == "OK"
        assert process.poll() is None
