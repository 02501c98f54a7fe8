"""The files that make up the repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pathspec import GitIgnoreSpec

ROOT = Path(__file__).resolve().parents[1]


def tracked() -> list[Path]:
    """The files that are, or would be, committed; found without git, which an unpacked archive lacks."""
    ignored = GitIgnoreSpec.from_lines([".git", *(ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()])
    found: list[Path] = []
    for folder, subfolders, files in os.walk(ROOT):
        at = Path(folder).relative_to(ROOT)
        subfolders[:] = [name for name in subfolders if not ignored.match_file(f"{at / name}/")]
        found += [ROOT / at / name for name in files if not ignored.match_file(at / name)]
    return found


def copy_tracked(folder: Path) -> None:
    """Copy those files, and nothing else, into a folder."""
    for path in tracked():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
