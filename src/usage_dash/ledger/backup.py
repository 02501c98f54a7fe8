"""Backing up a ledger's file and bringing a backup back. Nothing is lost on the way, whenever it is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final

import duckdb

from usage_dash.ledger.copies import make_copy, remove
from usage_dash.ledger.file import LedgerError, LookedAt, NoLedgerError, look, opened, wal_of

KEPT_DAYS: Final = 7  # daily backups that are kept


@dataclass(frozen=True, slots=True)
class Backups:
    """The daily backups in `folder` of the ledger in the file `path`, which holds `source`; others' stay untouched."""

    folder: Path
    path: Path
    source: str

    def of(self, day: date) -> Path:
        """Return where the backup of a day is, or would be."""
        return self.folder / f"{self._stem}{day.isoformat()}{self.path.suffix}"

    def newest_first(self) -> list[Path]:
        """Return those that are there. Raises `OSError`."""
        name = re.compile(rf"{re.escape(self._stem)}\d{{4}}-\d\d-\d\d{re.escape(self.path.suffix)}")
        return sorted(filter(lambda file: name.fullmatch(file.name), self.folder.iterdir()), reverse=True)

    def drop_old(self) -> None:
        """Remove what is older than the last `KEPT_DAYS`, and what a killed process left. Raises `OSError`."""
        for file in self.newest_first()[KEPT_DAYS:]:
            remove(file)
        for file in self.folder.glob(f"{_plain(self._stem)}*{_plain(self.path.suffix)}.part"):
            remove(file)

    @property
    def _stem(self) -> str:
        """What names begin with: two dashboards may call their ledgers alike, and back them up to one folder."""
        return f"{self.path.stem}-{blake2b(self.source.encode(), digest_size=4).hexdigest()}-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a ledger holds now, and where the file is that was in its place; None: there was none."""

    holds: LookedAt
    aside: Path | None


def backup(path: Path, source: str, copy: Path, memory_limit: str | None, *, replace: bool) -> LookedAt:
    """Copy the ledger of `source` in the file `path` to a new file, and return what both hold.

    Raises `LedgerError`, also when there is such a file already and it should not be replaced.
    """
    _require_other(path, copy)
    if copy.is_dir() or not copy.parent.is_dir():
        raise LedgerError(f"{copy} is no name for a file in a directory that exists; choose another.")
    if not replace and (copy.exists() or copy.is_symlink()):
        raise LedgerError(f"{copy} is there already: choose another name, or replace it with --force.")
    with opened(path, memory_limit) as sql:
        holds = look(sql, path, source)
        make_copy(sql, path, copy)
    return holds


def restore(path: Path, source: str, copy: Path, memory_limit: str | None, now: datetime) -> Restored:
    """Put a copy of `copy` in the place of the ledger `path`, which is moved aside; `copy` stays as it is.

    Raises `LedgerError` when `copy` is not a ledger of this source, or one of the two is in use. Then nothing has
    changed; killed in the middle, the ledger is the old one or the new one.
    """
    _require_other(path, copy)
    file, fresh = path.resolve(), _beside(path.resolve(), "restored")
    with held(file, memory_limit):
        with opened(copy, memory_limit) as sql:
            holds = look(sql, copy, source)
            make_copy(sql, file if file.exists() else copy, fresh)
        aside = _beside(file, f"before-{now.astimezone(UTC):%Y-%m-%dT%H-%M-%S}") if file.exists() else None
        try:
            take_place(fresh, file, aside)
        finally:
            remove(fresh)
    return Restored(holds, aside)


@contextmanager
def held(path: Path, memory_limit: str | None) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """Keep others from using the ledger, after all that was written to it is in its place in the file.

    Yields where it can be read; None when there is no such file, or none that anybody could use.
    Raises `LedgerInUseError` when somebody uses it.
    """
    with ExitStack() as resources:
        sql = None
        if path.exists():
            with suppress(NoLedgerError):
                _settle(path, memory_limit)
                sql = resources.enter_context(opened(path, memory_limit))
        yield sql


def _settle(path: Path, memory_limit: str | None) -> None:
    """Have DuckDB put into the file what it has written beside it."""
    if not wal_of(path).exists():
        return
    with opened(path, memory_limit, read_only=False) as sql:
        try:
            sql.execute("CHECKPOINT ledger")
        except duckdb.Error as error:
            raise LedgerError(
                f"What was written last to the ledger {path} could not be put in its place: make room, or move it and "
                f"{wal_of(path)} away by hand."
            ) from error


def take_place(fresh: Path, path: Path, aside: Path | None) -> None:
    """Give a file the ledger's name, at once; the file that has it keeps the name `aside`, if that is given.

    Raises `LedgerError`; then what was there is there still.
    """
    try:
        if aside is not None:
            _keep(path, aside)
            if wal_of(path).exists():
                wal_of(path).rename(wal_of(aside))  # or it would be taken for the other's
        fresh.replace(path)
    except OSError as error:
        raise LedgerError(f"{path} could not be replaced: let usage-dash write to {path.parent}.") from error


def files_beside(path: Path) -> list[Path]:
    """Return the files beside a ledger that were made of it: what upgrades, restoring and people left there."""
    file = path.resolve()
    wals = {wal_of(file), *map(wal_of, file.parent.glob(f"{_plain(file.name)}.*"))}
    return sorted(each for each in file.parent.glob(f"{_plain(file.name)}.*") if each not in wals)


def _keep(file: Path, name: Path) -> None:
    """Give a file another name; it keeps the one that it has, where the disk can do that."""
    if name.exists():
        raise FileExistsError(name)
    try:
        name.hardlink_to(file)
    except OSError:
        file.rename(name)


def _require_other(path: Path, copy: Path) -> None:
    """Refuse a file that belongs to the ledger itself."""
    own = {path.resolve(), wal_of(path.resolve())}
    if copy.resolve() in own or (path.exists() and copy.exists() and copy.samefile(path)):
        raise LedgerError(f"{copy} is the ledger itself; choose another file.")


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")


def _plain(name: str) -> str:
    """Return a name for `glob`, in which nothing stands for something else."""
    return re.sub(r"([*?[])", r"[\1]", name)
