"""What outlives a restart: the ledger's file, its disk, and the place where the process runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from usage_dash.checks.check import Check
from usage_dash.doctor.setup import Setup
from usage_dash.doctor.told import act, good, look, unknown
from usage_dash.ledger.backup import Backups
from usage_dash.ledger.file import LedgerError, LedgerInUseError, LookedAt, look_at
from usage_dash.settings import SourceName
from usage_dash.wording import formats

_TWO_DAYS: Final = 2 * 86_400  # seconds
_ROOM: Final = 100 * 10**6  # bytes that a disk should have free


def host(setup: Setup) -> Check | None:
    """Tell of a platform what it takes away; None on a machine of one's own."""
    if setup.platform is None:
        return None
    told = {"Heroku": _HEROKU, "Render": _RENDER}[setup.platform.name]
    if is_kept(setup):
        return good("host", f"It runs on {setup.platform.name}, with a disk of its own", _SLEEPS)
    return look("host", f"{setup.platform.name} does not keep what is read", told, _SLEEPS)


_SLEEPS: Final = "A plan that sleeps when nobody looks takes half a minute to come back"
_HEROKU: Final = (
    "It empties its disk at each restart, once a day at least, so a ledger is of no use there: the collection is read "
    "anew, and what the writer has trimmed is gone. Where that matters, run it where there is a disk."
)
_RENDER: Final = (
    "Without a disk each restart reads the collection anew, and what the writer has trimmed is gone. Add the disk of "
    "`render.yaml`, and set USAGE_DASH_LEDGER to a file on it."
)


def is_kept(setup: Setup) -> bool:
    """Whether the ledger lies on a disk of its own, which a platform mounts below the root."""
    path = setup.settings.ledger
    return path is not None and any(folder.is_mount() for folder in _folders(path) if folder != folder.parent)


def _folders(path: Path) -> tuple[Path, ...]:
    return tuple(path.absolute().parents)


def ledger(setup: Setup, source: str | None) -> Check | None:
    """Tell whether history is kept, and whether its file can be used for `source`; None: the source is not known.

    Returns None without a file on a platform, of which `host` has told that.
    """
    path = setup.settings.ledger
    if path is None:
        return _in_memory(setup) if setup.platform is None else None
    if not path.exists():
        return _new(path)
    if source is None:
        return unknown(
            "ledger", f"Whether {path} is this source’s ledger is not known", "Ask again once it can be read."
        )
    try:
        return _found(path, look_at(path, source))
    except LedgerInUseError:
        return good("ledger", f"{path} is in use, by the dashboard that runs", _size(path))
    except LedgerError as error:
        return act("ledger", f"The ledger {path} cannot be used", str(error))


def backups(setup: Setup, source: str | None) -> Check | None:
    """Tell whether there is another copy of the ledger's file; None where there is no such file."""
    path, folder = setup.settings.ledger, setup.settings.ledger_backups
    if path is None:
        return None
    if folder is None:
        return look("backups", f"usage-dash makes no backups of {path}", _BACK_UP)
    if not os.access(folder, os.W_OK):
        return act("backups", f"{folder} cannot be written", "Let usage-dash write there, or choose another directory.")
    if source is None:
        return unknown("backups", f"Which backups in {folder} are this source’s is not known")
    return _backed_up(path, folder, Backups(folder, path, source).newest_first())


_BACK_UP: Final = (
    "No other file holds what the writer has trimmed. Set USAGE_DASH_LEDGER_BACKUPS to a directory on another disk, or "
    "run `usage-dash ledger backup` now and then while no dashboard runs."
)


def _backed_up(path: Path, folder: Path, found: list[Path]) -> Check:
    disk = "on the ledger’s own disk" if folder.stat().st_dev == path.parent.stat().st_dev else "on another disk"
    if not found:
        return good("backups", f"{path} will be backed up to {folder}, {disk}, after the next refresh")
    if path.exists() and path.stat().st_mtime - found[0].stat().st_mtime > _TWO_DAYS:
        title = f"The last backup of {path} is older than what was read since"
        return look("backups", title, "See in the log why there is none of today.", f"It is {found[0]}")
    return good(
        "backups", f"{formats.counted(len(found), 'backup')} in {folder}, {disk}", f"The last is {found[0].name}"
    )


def _in_memory(setup: Setup) -> Check:
    if setup.settings.source is SourceName.DEMO:
        return good("ledger", "Sample data needs no ledger file")
    title = "Nothing is kept across restarts: the ledger is in memory"
    return look("ledger", title, _NAME_ONE)


_NAME_ONE: Final = (
    "Set USAGE_DASH_LEDGER to a file on a disk that stays. Then a restart reads only what changed, and what the writer "
    "has trimmed stays known."
)


def _new(path: Path) -> Check:
    if not os.access(path.parent, os.W_OK):
        return act("ledger", f"The ledger {path} cannot be made", f"Let usage-dash write to {path.parent}.")
    return good("ledger", f"{path} will be made at the first start", _free(path))


def _found(path: Path, seen: LookedAt) -> Check:
    free = shutil.disk_usage(path.parent).free
    documents = formats.counted(seen.documents, "usage document")
    if not os.access(path, os.W_OK):
        return act("ledger", f"The ledger {path} cannot be written", "Let usage-dash write to the file and its folder.")
    if free < max(_ROOM, path.stat().st_size):
        return act("ledger", f"The disk of {path} is nearly full", f"Make room: {_free(path)}.", _size(path))
    if not seen.is_current:
        detail = f"Its format is {seen.format}; the next start upgrades it and leaves a copy beside it"
        return good("ledger", f"{path} holds {documents}", detail)
    return good("ledger", f"{path} holds {documents}", f"{_size(path)}, {_free(path)}")


def _size(path: Path) -> str:
    return f"Its size is {formats.size(path.stat().st_size)}"


def _free(path: Path) -> str:
    return f"{formats.size(shutil.disk_usage(path.parent).free)} are free"
