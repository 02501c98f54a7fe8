"""The program as people start it: by its command, as a module, and by gunicorn as the Procfile does."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from usage_dash.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
DEADLINE = 60.0  # seconds; starting takes one or two
FACTORY = "usage_dash:create_app()"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what must be refused

Command = list[str]


def _environ(changes: Mapping[str, str]) -> dict[str, str]:
    ours = {setting.name for setting in SETTINGS} | {"DYNO", "RENDER", "WEB_CONCURRENCY", "GUNICORN_CMD_ARGS"}
    return {name: value for name, value in os.environ.items() if name not in ours} | dict(changes)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _running(command: Command, cwd: Path, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program in a session of its own, as a terminal does, and end all of it at the end."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd=cwd,
        env=_environ(changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=DEADLINE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """Read the program's output up to a line that matches; what takes too long is ended, and so does its output."""
    assert process.stdout is not None
    seen: list[str] = []
    watch = threading.Timer(DEADLINE, os.killpg, (process.pid, signal.SIGKILL))
    watch.start()
    try:
        for line in process.stdout:
            seen.append(line)
            if found := re.search(pattern, line):
                return found
    finally:
        watch.cancel()
    raise AssertionError(f"No line matched {pattern!r} in:\n{''.join(seen)}")


def _get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=DEADLINE) as response:  # noqa: S310 - our own server
        return response.status, response.read().decode()


def _finished(command: Command, cwd: Path, **changes: str) -> tuple[int, str]:
    """Run a program that should end by itself; give its exit code and what it said on standard error."""
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=cwd, env=_environ(changes), capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("program", "ends_by"),
    [([str(BIN / "usage-dash")], signal.SIGINT), ([sys.executable, "-m", "usage_dash"], signal.SIGTERM)],
    ids=["command and Ctrl-C", "module and terminate"],
)
def test_it_serves_at_the_address_that_it_prints_and_stops_when_told(
    program: Command, ends_by: signal.Signals, tmp_path: Path
) -> None:
    with _running([*program, "demo"], tmp_path, PORT="0") as process:
        address = _read_until(process, r"http://127\.0\.0\.1:\d+")[0]
        status, page = _get(address)
        assert (status, "OpenAI usage" in page) == (200, True)
        os.killpg(process.pid, ends_by)  # as Ctrl-C in a terminal: every process gets it
        said, _ = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0
        assert "Traceback" not in said


def test_run_says_that_nothing_is_configured(tmp_path: Path) -> None:
    with _running([str(BIN / "usage-dash"), "run"], tmp_path, PORT="0") as process:
        _read_until(process, "Nothing of Firestore is configured, so this is sample data")


def test_host_and_port_options_win(tmp_path: Path) -> None:
    port = _free_port()
    command = [str(BIN / "usage-dash"), "demo", "--host", "localhost", "--port", str(port)]
    with _running(command, tmp_path, HOST=EVERYWHERE, PORT="1") as process:
        assert _get(_read_until(process, rf"http://localhost:{port}\b")[0])[0] == 200


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, said = _finished([str(BIN / "usage-dash"), "demo"], tmp_path, PORT=str(port))
    assert code == 1
    assert said == (
        f"usage-dash: Port {port} of 127.0.0.1 is in use: stop what listens there, or choose another port with PORT.\n"
    )


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_that_is_not_here_is_one_sentence(host: str, tmp_path: Path) -> None:
    code, said = _finished([str(BIN / "usage-dash"), "demo"], tmp_path, HOST=host, PORT="0", USAGE_DASH_AUTH="none")
    assert code == 1
    assert re.fullmatch(rf"usage-dash: HOST={re.escape(host)} cannot be listened on \(.*\): .*\n", said)


def test_an_unusable_ledger_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ledger.duckdb").write_bytes(b"not a database")
    (tmp_path / "usage.jsonl").write_text('{"userId": "ada"}\n', encoding="utf-8")
    local = {"USAGE_DASH_SOURCE": "local", "USAGE_DASH_LOCAL_FILE": "usage.jsonl", "USAGE_DASH_LEDGER": "ledger.duckdb"}
    code, said = _finished([str(BIN / "usage-dash"), "run"], tmp_path, PORT="0", **local)
    assert code == 1
    assert said.startswith("usage-dash: ")
    assert said.count("\n") == 1


def test_everywhere_is_served_when_that_is_written_down(tmp_path: Path) -> None:
    allowed = {"HOST": EVERYWHERE, "PORT": "0", "USAGE_DASH_AUTH": "none"}
    with _running([str(BIN / "usage-dash"), "demo"], tmp_path, **allowed) as process:
        port = _read_until(process, r"http://0\.0\.0\.0:(\d+)")[1]
        assert _get(f"http://127.0.0.1:{port}")[0] == 200


def _procfile() -> Command:
    """The Procfile's command, for a shell in the repository."""
    web = (ROOT / "Procfile").read_text(encoding="utf-8").removeprefix("web: ").strip()
    return ["bash", "-c", f"exec {BIN}/{web}"]


def _gunicorn(bind: str, *options: str) -> Command:
    return [str(BIN / "gunicorn"), "--bind", bind, *options, FACTORY]


def test_the_procfile_serves_when_that_is_written_down() -> None:
    port = _free_port()
    with _running(_procfile(), ROOT, PORT=str(port), USAGE_DASH_AUTH="none", USAGE_DASH_SOURCE="demo") as process:
        _read_until(process, "Booting worker")
        assert "OpenAI usage" in _get(f"http://127.0.0.1:{port}")[1]


@pytest.mark.parametrize("platform", [{}, {"DYNO": "web.1"}, {"RENDER": "true"}], ids=["anywhere", "Heroku", "Render"])
def test_the_procfile_is_refused_otherwise(platform: dict[str, str]) -> None:
    code, said = _finished(_procfile(), ROOT, PORT=str(_free_port()), **platform)
    assert code == 1
    assert "usage-dash refuses to serve on 0.0.0.0, because it has no sign-in yet" in said
    assert "Traceback" not in said


def test_a_wrong_setting_stops_the_procfile_with_its_sentence() -> None:
    code, said = _finished(_procfile(), ROOT, PORT=str(_free_port()), USAGE_DASH_TIMEZONE="Mars")
    assert code == 1
    assert "usage-dash: USAGE_DASH_TIMEZONE is “Mars”, but must be" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("make_command", "environ"),
    [
        (lambda: _gunicorn(f"{EVERYWHERE}:{_free_port()}"), {}),
        (lambda: _gunicorn(f"127.0.0.1:{_free_port()}"), {"DYNO": "web.1"}),
        (lambda: _gunicorn(f"127.0.0.1:{_free_port()}", "--preload"), {}),
    ],
    ids=["every address", "Heroku", "preloaded"],
)
def test_the_factory_refuses_by_itself_where_no_configuration_file_is_read(
    make_command: Callable[[], Command], environ: dict[str, str], tmp_path: Path
) -> None:
    code, said = _finished(make_command(), tmp_path, **environ)
    assert code != 0
    assert "usage-dash refuses to serve on " in said


def test_gunicorn_serves_this_machine_unasked(tmp_path: Path) -> None:
    port = _free_port()
    with _running(_gunicorn(f"127.0.0.1:{port}"), tmp_path) as process:
        _read_until(process, "Booting worker")
        assert "OpenAI usage" in _get(f"http://127.0.0.1:{port}")[1]


def test_importing_connects_to_nothing_and_reads_nothing(tmp_path: Path) -> None:
    watch = (
        "import sys; sys.addaudithook(lambda event, arguments: "
        "event.startswith('socket.') and sys.exit(f'{event} {arguments}'));"
        "import usage_dash; usage_dash.create_app"
    )
    broken = {"FIREBASE_CREDENTIALS": "{", "USAGE_DASH_SOURCE": "nowhere"}
    assert _finished([sys.executable, "-c", watch], tmp_path, **broken) == (0, "")
