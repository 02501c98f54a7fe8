"""Refresh assets/vendor from npm packages: files unchanged but for plotly's, in folders that carry the version.

The folder's name is the fingerprint by which these files are cached for good, so after a change of version the paths
in assets/*.css and in src/usage_dash/page/document.py must follow; a unit test names those that do not.

    python scripts/vendor.py
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "assets" / "vendor"


@dataclass(frozen=True)
class Package:
    """An npm package at a version, and which of its files we ship (glob patterns)."""

    name: str
    version: str
    files: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Its folder in assets/vendor."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}"


PLOTLY = "plotly-basic.min.js"
# Browsers parse what stands in parentheses once, off the page's thread; plotly's one function they parse twice more
# on it when it is called, which takes a cheap phone a fifth of a second.
PARENTHESES = ((" this, () => {", " this, (() => {"), ("return Plotly;\n}));", "return Plotly;\n})));"))

ICONS = (
    "arrow-right",
    "braces",
    "calendar",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "circle-alert",
    "circle-user-round",
    "clock",
    "cloud-off",
    "copy",
    "download",
    "file-spreadsheet",
    "ellipsis",
    "flask-conical",
    "gauge",
    "hourglass",
    "image-down",
    "inbox",
    "key-round",
    "keyboard",
    "link",
    "list",
    "lock-keyhole",
    "log-out",
    "moon",
    "refresh-cw",
    "search",
    "search-x",
    "sliders-horizontal",
    "sun",
    "sun-moon",
    "table",
    "triangle-alert",
    "users",
    "x",
)
PACKAGES = (
    Package("regenerator-runtime", "0.14.1", ("runtime.js", "LICENSE")),
    Package("bootstrap", "5.3.9", ("dist/css/bootstrap-reboot.min.css", "LICENSE")),
    Package("plotly.js-basic-dist-min", "4.1.1", (PLOTLY, "LICENSE")),
    Package("@fontsource-variable/inter", "5.3.0", ("wght.css", "files/*-wght-normal.woff2", "LICENSE")),
    Package("lucide-static", "1.62.0", (*(f"icons/{name}.svg" for name in ICONS), "LICENSE")),
)


def main() -> None:
    """Install the packages aside, copy their files, and say what they are."""
    with tempfile.TemporaryDirectory() as aside:
        wanted = [f"{package.name}@{package.version}" for package in PACKAGES]
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-save", "--prefix", aside, *wanted], check=True)  # noqa: S603, S607 - our own constants; npm is found as any shell finds it
        shutil.rmtree(VENDOR, ignore_errors=True)
        for package in PACKAGES:
            copy(package, Path(aside) / "node_modules" / package.name)
        put_in_parentheses(next(VENDOR.glob(f"*/{PLOTLY}")))
        rows = [row(package, Path(aside) / "node_modules" / package.name) for package in PACKAGES]
    table = "\n".join(["| package | version | licence |", "| --- | --- | --- |", *rows])
    changed = "Refreshed by `scripts/vendor.py`, unchanged but for its parentheses around plotly's one function."
    (VENDOR / "README.md").write_text(f"# Third-party files\n\n{table}\n\n{changed}\n")


def copy(package: Package, installed: Path) -> None:
    """Copy the package's files, keeping their paths where its CSS relies on them."""
    for pattern in package.files:
        found = sorted(installed.glob(pattern))
        if not found:
            raise SystemExit(f"{package.name} {package.version} has no file {pattern}.")
        for file in found:
            kept = file.relative_to(installed) if file.parent.name == "files" else Path(file.name)
            target = VENDOR / package.folder / kept
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def put_in_parentheses(bundle: Path) -> None:
    """Put plotly's one function in parentheses."""
    text = bundle.read_text(encoding="utf-8")
    for found, wanted in PARENTHESES:
        if text.count(found) != 1:
            raise SystemExit(f"{bundle.name} has not exactly one {found!r}: look how it begins and ends now.")
        text = text.replace(found, wanted)
    bundle.write_text(text, encoding="utf-8")


def row(package: Package, installed: Path) -> str:
    """One line of the table of licences."""
    about = json.loads((installed / "package.json").read_text())
    return f"| {package.name} | {about['version']} | {about['license']} |"


if __name__ == "__main__":
    main()
