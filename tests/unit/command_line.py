"""The command line in this process, without settings but those that a test gives."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result
from typer.testing import CliRunner

from usage_dash.cli import app

Cli = Callable[..., Result]


def invoke(*arguments: str, answer: str | None = None, **environ: str) -> Result:
    """Run a command with these settings, and somebody who answers what it asks."""
    return CliRunner().invoke(app, arguments, input=answer, env=environ)
