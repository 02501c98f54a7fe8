"""Write constraints.txt: the newest versions of everything that the project, its tests and its tools need.

Installs the project into a new virtual environment and notes what came. Needs the package index that pip is set to.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADER = """\
# Pinned versions of everything that usage-dash, its tests and its tools install.
# Written by “make constraints”; used by the Makefile and by requirements.txt.
"""


def main() -> None:
    """Install and pin."""
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(folder) / "bin" / "python")
        _run(sys.executable, "-m", "venv", folder)
        _run(python, "-m", "pip", "install", "--quiet", f"{ROOT}[test,dev]")
        frozen = _run(python, "-m", "pip", "freeze", "--exclude", "usage-dash", "--exclude", "setuptools")
    pins = sorted(frozen.splitlines(), key=str.lower)
    (ROOT / "constraints.txt").write_text(HEADER + "\n".join(pins) + "\n", encoding="utf-8")
    print(f"Pinned {len(pins)} packages.")


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - our own


if __name__ == "__main__":
    main()
