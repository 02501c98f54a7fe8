"""The SQL that remembers who was told what: events, the alerts that tell of them, and each alert's deliveries.

`judged` has when each rule, as the settings write it, was judged first. `told` has the events that were told, or are
being told, by the rule's name, with the alert that tells of them. `alerts` has these, and what is sent when an event is
over: that `follows` the alert. They have their `place` in the order of writing, and their text as long as somebody is
owed it. `deliveries` has a row for each alert and address, of which only a digest is kept: `due` is when it is tried
next, null if it was delivered or given up.

Each function works inside the transaction that its caller has begun on `sql`; those that write return 0, since no
usage changes. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import duckdb
import pyarrow as pa

Event = tuple[str, str, str]  # by rule, period and subject

_EVENTS: Final = pa.schema([(name, pa.string()) for name in ("rule", "period", "subject", "alert")])
_ADDRESSED: Final = pa.schema([("alert", pa.string()), ("address", pa.string())])

_FORGET_OVER = """
DELETE FROM told USING ended
WHERE told.rule = ended.rule AND told.period = ended.period AND told.subject = ended.subject
"""
_FORGET_OF_NO_RULE = "DELETE FROM told WHERE period = '' AND rule NOT IN (SELECT unnest($names))"
_FORGET_OLD = "DELETE FROM told WHERE period <> '' AND left(period || '-01', 10) < $horizon"
_ADD_ALERT = """
INSERT INTO alerts
SELECT $alert, coalesce(max(place), 0) + 1, $rule, $follows, $written, $title, $body, $link FROM alerts
"""
_OWE = "INSERT INTO deliveries SELECT alert, address, 0, $written, NULL, NULL FROM addressed"
_OWE_NO_MORE = "DELETE FROM deliveries WHERE due IS NOT NULL AND address NOT IN (SELECT unnest($addresses))"
_FORGET_TEXT = """
UPDATE alerts SET title = '', body = '', link = NULL
WHERE (body <> '' OR title <> '') AND alert NOT IN (SELECT alert FROM deliveries WHERE due IS NOT NULL)
"""
_PRUNE = """
DELETE FROM alerts WHERE written < $before
    AND alert NOT IN (SELECT alert FROM told) AND alert NOT IN (SELECT alert FROM deliveries WHERE due IS NOT NULL)
"""
_PRUNE_DELIVERIES = "DELETE FROM deliveries WHERE alert NOT IN (SELECT alert FROM alerts)"

# That something is over comes after all that was told of it before, and before what is told of it later.
_OWED = """
WITH owed AS (FROM deliveries JOIN alerts USING (alert) WHERE due IS NOT NULL)
SELECT alert, rule, title, body, link, written, address, tries, due, problem FROM owed
WHERE NOT EXISTS (
    FROM owed AS before
    WHERE before.rule = owed.rule AND before.address = owed.address AND before.place < owed.place
        AND (before.follows IS NULL) != (owed.follows IS NULL)
)
ORDER BY place, address
"""
_RECEIVED = """
SELECT alert, address FROM deliveries
WHERE alert IN (SELECT unnest($alerts)) AND (due IS NOT NULL OR delivered IS NOT NULL)
"""
_DELIVERED = """
UPDATE deliveries SET tries = tries + 1, due = NULL, problem = NULL, delivered = $at
WHERE alert = $alert AND address = $address
"""
_FAILED = """
UPDATE deliveries SET tries = tries + 1, due = $due, problem = $problem WHERE alert = $alert AND address = $address
"""
_NOT_TOLD = """
DELETE FROM deliveries WHERE address = $address AND alert IN (SELECT alert FROM alerts WHERE follows = $alert)
"""
_LAST_SENT = "SELECT rule, max(delivered) FROM alerts JOIN deliveries USING (alert) GROUP BY rule"
_GIVEN_UP = """
SELECT rule, address, tries, problem, written FROM alerts JOIN deliveries USING (alert)
WHERE due IS NULL AND delivered IS NULL ORDER BY place DESC, address
"""
_UNSENT = "(SELECT alert FROM deliveries WHERE due IS NOT NULL)"


@dataclass(frozen=True, slots=True)
class Alert:
    """What is sent; it `follows` another alert if it says that this one's events are over."""

    id: str
    rule: str
    written: datetime
    title: str
    body: str
    link: str | None
    follows: str | None = None


@dataclass(frozen=True, slots=True)
class Addressed:
    """An alert with the events it tells of, and the digests of the addresses that are owed it."""

    alert: Alert
    events: tuple[Event, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """An alert that an address waits for, after so many `tries`; `problem` is why the last one failed."""

    alert: Alert
    address: str
    tries: int
    due: datetime
    problem: str | None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A delivery that is not tried any more."""

    rule: str
    address: str
    tries: int
    problem: str | None
    written: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """When an alert of each rule was delivered last, what is owed, and what was given up, the latest first."""

    last: Mapping[str, datetime]
    owed: tuple[Owed, ...]
    given_up: tuple[GivenUp, ...]


@dataclass(frozen=True, slots=True)
class Memo:
    """What follows from one judging, to be remembered at once.

    `news` are told from now on, and what is `over` no more. `names` are the names of all rules, `judged` when each was
    judged first, by its text; `addresses` the digests of all. Days and months that began before `horizon` are
    forgotten, and so are alerts that were written `before` then, unless somebody waits for them.
    """

    news: tuple[Addressed, ...]
    over: tuple[Event, ...]
    names: frozenset[str]
    judged: Mapping[str, datetime]
    addresses: frozenset[str]
    horizon: date
    before: datetime


def judged_since(sql: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """Return when each rule was judged first, by its text."""
    return {rule: _aware(since) for rule, since in sql.execute("SELECT rule, since FROM judged").fetchall()}


def told_of(sql: duckdb.DuckDBPyConnection, periods: Iterable[str]) -> dict[Event, str]:
    """Return the events of these periods that were told, each with the alert that tells of it."""
    asked = "SELECT rule, period, subject, alert FROM told WHERE period IN (SELECT unnest($periods))"
    found = sql.execute(asked, {"periods": list(periods)}).fetchall()
    return {(rule, period, subject): alert for rule, period, subject, alert in found}


def received(sql: duckdb.DuckDBPyConnection, alerts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the addresses that were told of each alert, or will be, as far as that was not given up."""
    found: dict[str, frozenset[str]] = {}
    for alert, address in sql.execute(_RECEIVED, {"alerts": list(alerts)}).fetchall():
        found[alert] = found.get(alert, frozenset()) | {address}
    return found


def remember(sql: duckdb.DuckDBPyConnection, memo: Memo) -> int:
    """Remember what follows from a judging."""
    sql.register("ended", pa.table(_columns(memo.over, 3), pa.schema(list(_EVENTS)[:3])))
    sql.execute(_FORGET_OVER)
    sql.execute(_FORGET_OF_NO_RULE, {"names": sorted(memo.names)})
    sql.execute(_FORGET_OLD, {"horizon": memo.horizon.isoformat()})
    sql.execute("DELETE FROM judged")
    for rule, since in memo.judged.items():
        sql.execute("INSERT INTO judged VALUES (?, ?)", [rule, _naive(since)])
    for each in memo.news:
        _add(sql, each)
    sql.execute(_OWE_NO_MORE, {"addresses": sorted(memo.addresses)})
    sql.execute(_FORGET_TEXT)
    sql.execute(_PRUNE, {"before": _naive(memo.before)})
    sql.execute(_PRUNE_DELIVERIES)
    return 0


def owed(sql: duckdb.DuckDBPyConnection) -> tuple[Owed, ...]:
    """Return what may be sent, the oldest first: nobody is told that something is over before they are told of it."""
    return tuple(
        Owed(Alert(alert, rule, _aware(written), title, body, link), address, tries, _aware(due), problem)
        for alert, rule, title, body, link, written, address, tries, due, problem in sql.execute(_OWED).fetchall()
    )


def delivered(sql: duckdb.DuckDBPyConnection, alert: str, address: str, at: datetime) -> int:
    """Note that an address was told of an alert."""
    sql.execute(_DELIVERED, {"alert": alert, "address": address, "at": _naive(at)})
    sql.execute(_FORGET_TEXT)
    return 0


def not_delivered(sql: duckdb.DuckDBPyConnection, alert: str, address: str, problem: str, due: datetime | None) -> int:
    """Note why an address could not be told, and when that is tried again; None gives it up.

    Whoever was never told of an alert is not told that it is over either.
    """
    told = {"alert": alert, "address": address}
    sql.execute(_FAILED, told | {"problem": problem, "due": due and _naive(due)})
    if due is None:
        sql.execute(_NOT_TOLD, told)
    sql.execute(_FORGET_TEXT)
    return 0


def sent(sql: duckdb.DuckDBPyConnection) -> Sent:
    """Return what was sent, is owed and was given up."""
    last = {rule: _aware(at) for rule, at in sql.execute(_LAST_SENT).fetchall() if at}
    given_up = tuple(
        GivenUp(rule, address, tries, problem, _aware(written))
        for rule, address, tries, problem, written in sql.execute(_GIVEN_UP).fetchall()
    )
    return Sent(last, owed(sql), given_up)


def forget_of(sql: duckdb.DuckDBPyConnection, user_id: str) -> int:
    """Forget what was told of a user, and all alerts that wait, as any may name them.

    The events of those that wait are told anew if they are still true.
    """
    sql.execute("DELETE FROM told WHERE subject = ?", [user_id])
    for table in ("told", "alerts", "deliveries"):
        sql.execute(f"DELETE FROM {table} WHERE alert IN {_UNSENT}")  # noqa: S608 - one of three tables
    return 0


def _add(sql: duckdb.DuckDBPyConnection, each: Addressed) -> None:
    alert = each.alert
    known = {"alert": alert.id, "rule": alert.rule, "follows": alert.follows, "written": _naive(alert.written)}
    sql.execute(_ADD_ALERT, known | {"title": alert.title, "body": alert.body, "link": alert.link})
    sql.register("news", pa.table(_columns([(*event, alert.id) for event in each.events], 4), _EVENTS))
    sql.execute("INSERT INTO told FROM news")
    sql.register("addressed", pa.table(_columns([(alert.id, address) for address in each.addresses], 2), _ADDRESSED))
    sql.execute(_OWE, {"written": _naive(alert.written)})


def _columns(rows: Iterable[tuple[str, ...]], count: int) -> list[list[str]]:
    rows = list(rows)
    return [[row[number] for row in rows] for number in range(count)]


def _aware(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC)


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)
