"""Runs a server that is a script of node's."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path


def started(script: Path, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a script, and return it once it says that it is ready.

    It watches its standard input, which closes with this process at the latest.
    """
    node = shutil.which("node")
    if node is None:
        raise RuntimeError(f"{script.name} needs node; install it and run `npm ci`.")
    process = subprocess.Popen(  # noqa: S603 - our own script
        [node, str(script), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    )
    if process.stdout is None or process.stdout.readline() != "ready\n":
        stop(process)
        raise RuntimeError(f"{script.name} did not start; its words are above. Was `npm ci` run?")
    return process


def stop(process: subprocess.Popen[str]) -> None:
    """End it at once, as a crash would."""
    process.kill()
    process.communicate()
