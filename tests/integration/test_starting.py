"""The program as people start it: by its command, as a module, as the Procfile does, and by another WSGI server."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import urllib.request
from pathlib import Path

import pytest
from tests.servers.ports import free_port
from tests.servers.program import DEADLINE, Command, finished, procfile, read_until, running
from tests.tracked import ROOT

BIN = Path(sys.executable).parent
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what must be refused


def _get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=DEADLINE) as response:  # noqa: S310 - our own server
        return response.status, response.read().decode()


@pytest.mark.parametrize(
    ("program", "ends_by"),
    [([str(BIN / "usage-dash")], signal.SIGINT), ([sys.executable, "-m", "usage_dash"], signal.SIGTERM)],
    ids=["command and Ctrl-C", "module and terminate"],
)
def test_it_serves_at_the_address_that_it_prints_and_stops_when_told(
    program: Command, ends_by: signal.Signals, tmp_path: Path
) -> None:
    with running([*program, "demo"], tmp_path, PORT="0") as process:
        address = read_until(process, r"http://127\.0\.0\.1:\d+")[0]
        status, page = _get(address)
        assert (status, "OpenAI usage" in page) == (200, True)
        os.killpg(process.pid, ends_by)  # as Ctrl-C in a terminal: every process gets it
        said, _ = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0
        assert "Traceback" not in said


def test_run_says_that_nothing_is_configured(tmp_path: Path) -> None:
    with running([str(BIN / "usage-dash"), "run"], tmp_path, PORT="0") as process:
        read_until(process, "Nothing of Firestore is configured, so this is sample data")


def test_host_and_port_options_win(tmp_path: Path) -> None:
    port = free_port()
    command = [str(BIN / "usage-dash"), "demo", "--host", "localhost", "--port", str(port)]
    with running(command, tmp_path, HOST=EVERYWHERE, PORT="1") as process:
        assert _get(read_until(process, rf"http://localhost:{port}\b")[0])[0] == 200


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, said = finished([str(BIN / "usage-dash"), "demo"], tmp_path, PORT=str(port))
    assert code == 1
    assert said == (
        f"usage-dash: Port {port} of 127.0.0.1 is in use: stop what listens there, or choose another port with PORT.\n"
    )


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_that_is_not_here_is_one_sentence(host: str, tmp_path: Path) -> None:
    code, said = finished([str(BIN / "usage-dash"), "demo"], tmp_path, HOST=host, PORT="0", USAGE_DASH_AUTH="none")
    assert code == 1
    assert re.fullmatch(rf"usage-dash: HOST={re.escape(host)} cannot be listened on \(.*\): .*\n", said)


def test_an_unusable_ledger_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ledger.duckdb").write_bytes(b"not a database")
    (tmp_path / "usage.jsonl").write_text('{"userId": "ada"}\n', encoding="utf-8")
    local = {"USAGE_DASH_SOURCE": "local", "USAGE_DASH_LOCAL_FILE": "usage.jsonl", "USAGE_DASH_LEDGER": "ledger.duckdb"}
    code, said = finished([str(BIN / "usage-dash"), "run"], tmp_path, PORT="0", **local)
    assert code == 1
    assert said.startswith("usage-dash: ")
    assert said.count("\n") == 1


def test_everywhere_is_served_when_that_is_written_down(tmp_path: Path) -> None:
    allowed = {"HOST": EVERYWHERE, "PORT": "0", "USAGE_DASH_AUTH": "none"}
    with running([str(BIN / "usage-dash"), "demo"], tmp_path, **allowed) as process:
        port = read_until(process, r"http://0\.0\.0\.0:(\d+)")[1]
        assert _get(f"http://127.0.0.1:{port}")[0] == 200


def _everybody_may(**changes: str) -> dict[str, str]:
    return {"PORT": "0", "USAGE_DASH_AUTH": "none", "USAGE_DASH_SOURCE": "demo", **changes}


def test_the_procfile_serves_this_machine_unasked() -> None:
    with running(procfile(ROOT, BIN), ROOT, PORT="0", USAGE_DASH_SOURCE="demo") as process:
        assert "OpenAI usage" in _get(read_until(process, r"http://127\.0\.0\.1:\d+")[0])[1]


@pytest.mark.parametrize("variable", ["DYNO", "RENDER"])
def test_the_procfile_serves_everybody_on_a_platform_when_that_is_written_down(variable: str) -> None:
    with running(procfile(ROOT, BIN), ROOT, **_everybody_may(**{variable: "1"})) as process:
        port = read_until(process, r"http://(?:\[::\]|0\.0\.0\.0):(\d+)")[1]
        assert "OpenAI usage" in _get(f"http://127.0.0.1:{port}")[1]


@pytest.mark.parametrize(("variable", "platform"), [("DYNO", "Heroku"), ("RENDER", "Render")])
def test_the_procfile_is_refused_there_otherwise(variable: str, platform: str) -> None:
    code, said = finished(procfile(ROOT, BIN), ROOT, PORT="0", **{variable: "1"})
    assert code == 2
    assert said.startswith(f"usage-dash: usage-dash refuses to serve on {platform}, because no way to sign in is named")
    assert said.count("\n") == 1


def test_a_wrong_setting_stops_the_procfile_with_its_sentence() -> None:
    code, said = finished(procfile(ROOT, BIN), ROOT, PORT="0", USAGE_DASH_TIMEZONE="Mars")
    assert code == 2
    assert said.startswith("usage-dash: USAGE_DASH_TIMEZONE is “Mars”, but must be")
    assert said.count("\n") == 1


def _another_server(port: int) -> Command:
    """A WSGI server of one's own, which is told of the factory alone."""
    return [str(BIN / "waitress-serve"), "--host", "127.0.0.1", "--port", str(port), "--call", "usage_dash:create_app"]


def test_another_wsgi_server_serves_this_machine_unasked(tmp_path: Path) -> None:
    port = free_port()
    with running(_another_server(port), tmp_path) as process:
        read_until(process, "Serving on")
        assert "OpenAI usage" in _get(f"http://127.0.0.1:{port}")[1]


def test_the_factory_refuses_a_platform_by_itself(tmp_path: Path) -> None:
    code, said = finished(_another_server(free_port()), tmp_path, DYNO="web.1")
    assert code != 0
    assert "usage-dash refuses to serve on Heroku" in said


def test_importing_connects_to_nothing_and_reads_nothing(tmp_path: Path) -> None:
    watch = (
        "import sys; sys.addaudithook(lambda event, arguments: "
        "event.startswith('socket.') and sys.exit(f'{event} {arguments}'));"
        "import usage_dash; usage_dash.create_app"
    )
    broken = {"FIREBASE_CREDENTIALS": "{", "USAGE_DASH_SOURCE": "nowhere"}
    assert finished([sys.executable, "-c", watch], tmp_path, **broken) == (0, "")
