"""A ledger's file, examined from the first byte to the last: what it is, what it holds, and whether that adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from usage_dash.checks.check import NAMED, Check, Concerned
from usage_dash.doctor.told import act, good, unknown
from usage_dash.ledger.file import LedgerError, LedgerInUseError, LookedAt, look, opened, size_on_disk
from usage_dash.ledger.soundness import SINCE_FORMAT, Soundness, soundness
from usage_dash.wording import formats


def examined(path: Path, source: str, memory_limit: str | None) -> tuple[Check, ...]:
    """Return how the ledger of `source` in a file stands; the file is left as it is."""
    try:
        with opened(path, memory_limit) as sql:
            holds = look(sql, path, source)
            found = soundness(sql) if holds.format >= SINCE_FORMAT else None
    except LedgerInUseError:
        return (act("file", f"{path} is in use, so nobody else can read it", _IN_USE),)
    except LedgerError as error:
        return (act("file", f"{path} cannot be used", str(error)),)
    return (_file(path, source, holds), _content(holds), *_sound(holds, found))


_IN_USE: Final = "Stop the dashboard first, or check a backup: `usage-dash ledger check FILE`."
_RARE: Final = "Please report this: it should not happen, however documents are written."


def told(holds: LookedAt) -> str:
    """Return what a ledger holds in words: “2 usage documents and 3 entries, since 3 Mar 2026, read up to …”."""
    documents = formats.counted(holds.documents, "usage document")
    entries = formats.counted(holds.entries, "entry", "entries")
    since = f", since {formats.day(holds.since)}" if holds.since else ""
    until = f", read up to {holds.until:%Y-%m-%d %H:%M} UTC" if holds.until else ", not read to the end yet"
    return f"{documents} and {entries}{since}{until}"


def _file(path: Path, source: str, holds: LookedAt) -> Check:
    newer = "" if holds.is_current else "; the next start upgrades it and leaves a copy beside it"
    size = formats.size(size_on_disk(path) or 0)
    return good("file", f"{path} can be read, all of it", f"{size} in format {holds.format}, of {source}{newer}")


def _content(holds: LookedAt) -> Check:
    return good("content", f"It holds {told(holds)}")


def _sound(holds: LookedAt, found: Soundness | None) -> Iterator[Check]:
    if found is None:
        yield unknown("sums", f"Format {holds.format} does not say what totals are made of; the next start upgrades it")
        return
    if found.off:
        yield _off(found.off)
    else:
        yield good("sums", "Each total is what it began with, its entries, and what is not itemised")
    if found.stray or found.twice:
        rows = formats.counted(found.stray + found.twice, "row")
        yield act("rows", f"{rows} belong to nobody, or are there twice", _RARE)


def _off(users: tuple[str, ...]) -> Check:
    title = f"Totals of {formats.counted(len(users), 'user')} are not what explains them"
    named = tuple(Concerned(user, "its totals differ from opening, entries and not itemised") for user in users[:NAMED])
    return replace(act("sums", title, _RARE), users=named, others=len(users) - len(named))
