"""The program in a process of its own, as people and platforms start it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from usage_dash.settings import SETTINGS

DEADLINE = 60.0  # seconds; starting takes one or two
_OURS = {name for setting in SETTINGS for name in (setting.name, setting.also) if name} | {"DYNO", "RENDER"}

Command = list[str]


def environ(changes: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without what the program listens to, but with the changes."""
    return {name: value for name, value in os.environ.items() if name not in _OURS} | dict(changes)


def procfile(root: Path, programs: Path) -> Command:
    """Return the command of a repository's Procfile, with the programs in that folder."""
    web = (root / "Procfile").read_text(encoding="utf-8").removeprefix("web: ").strip()
    name, *arguments = web.split()
    return [str(programs / name), *arguments]


@contextmanager
def running(command: Command, cwd: Path, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program in a session of its own, as a terminal does, and end all of it at the end."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd=cwd,
        env=environ(changes),
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


def read_until(process: subprocess.Popen[str], pattern: str, seen: list[str] | None = None) -> re.Match[str]:
    """Read the program's output up to a line that matches; what takes too long is ended, and so does its output.

    The lines are added to `seen`.
    """
    assert process.stdout is not None
    seen = [] if seen is None else seen
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


def finished(command: Command, cwd: Path, **changes: str) -> tuple[int, str]:
    """Run a program that should end by itself; give its exit code and what it said on standard error."""
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=cwd, env=environ(changes), capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    return done.returncode, done.stderr
