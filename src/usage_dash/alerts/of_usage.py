"""The rules of how usage gets here: whether any arrives, can be read, has room, and is all that is billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.alerts.findings import Finding, Key, Ruling
from usage_dash.alerts.of_users import called
from usage_dash.alerts.plain import unquoted
from usage_dash.checks.arriving import usage_arrives
from usage_dash.checks.billed import STALE, as_billed
from usage_dash.checks.check import State
from usage_dash.checks.rules import Rules
from usage_dash.reporting.billed import Billed
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.dear_users import MOST
from usage_dash.reporting.fullness import FillingDocument, Fullness, fullness
from usage_dash.reporting.growth import full_on
from usage_dash.reporting.names import names_of
from usage_dash.reporting.silence import Recorded
from usage_dash.settings.alert_rules import Rule
from usage_dash.sync.state import SyncState
from usage_dash.wording import formats

NO_KEY: Final = "No key is set: OPENAI_ADMIN_KEY"
NO_SIZES: Final = "The source does not tell how large documents are"
_CALM: Final = 2  # percents; what is recorded is enough again when it is so far over the limit
_HOUR: Final = 3_600  # seconds


def silent(found: Recorded | None, until: datetime | None, zone: ZoneInfo, rules: Rules, rule: Rule) -> Ruling:
    """Return whether nothing was recorded for so long, while it usually is, in what was read `until` then."""
    check = usage_arrives(found, until, zone, replace(rules, silent_hours=int(rule.limit / _HOUR)))
    if check is None:
        return Ruling("nothing recorded yet", unknown=True)
    now = f"{check.figure} {check.unit}"
    if check.state is State.UNKNOWN:
        return Ruling(f"{now}; what is usual is known after three weeks", unknown=True)
    finding = Finding(rule.name, "", "", f"{check.title}. {check.detail}.", unquoted(check.todo))
    return Ruling(now, (finding,) if check.state is State.LOOK else ())


def failing(state: SyncState, ago: timedelta | None, rule: Rule) -> Ruling:
    """Return whether no sync went well for so long; the last one that did was so long `ago`, if anybody knows."""
    since = f"{formats.span(ago.total_seconds())} since the last sync" if ago is not None else "not read yet"
    if state.error is None:
        return Ruling(since)
    is_long = ago is not None and ago >= timedelta(seconds=rule.limit)
    line = f"{unquoted(state.error.title)}, {since if state.data_time else 'nothing was ever read'}."
    finding = Finding(rule.name, "", "", line, unquoted(state.error.remedy))
    return Ruling(since, (finding,) if is_long else ())


def full(moment: Moment, limit: int, rule: Rule) -> Ruling:
    """Return which documents are nearly full, or will be within four weeks; they end at so many bytes."""
    found = fullness(moment, limit, MOST)
    if not found.known:
        return Ruling("", idle=NO_SIZES)
    users = [each.user_id for each in found.documents]
    names = called(dict.fromkeys(users, "") | names_of(moment, users))
    findings = (
        Finding(rule.name, "", each.user_id, f"{names[each.user_id]} – {_how(moment, each, limit)}")
        for each in found.documents[: found.urgent]
    )
    lingering = frozenset(Key(rule.name.value, "", user_id) for user_id in users)
    now = f"{formats.rough_share(found.fullest / limit)} of {formats.binary_size(limit)}, the fullest"
    return Ruling(now, tuple(findings), lingering, unknown=_is_cut(found), users=tuple(users))


def billed(found: Billed | None, now: datetime, rule: Rule) -> Ruling:
    """Return whether less than so many percents of what the chatbot was billed is recorded."""
    if found is None:
        return Ruling("", idle=NO_KEY)
    check = as_billed(found, now)
    is_stale = found.problem is not None and (found.asked is None or now - found.asked > STALE)
    if check is None or found.share is None or found.is_elsewhere or is_stale:
        return Ruling("not known yet" if not is_stale else "the bill can’t be read", unknown=True)
    percent = 100 * found.most_share
    finding = Finding(rule.name, "", "", f"{check.title}: {check.detail}.", unquoted(check.todo))
    if percent < rule.limit and found.recorded.lacking:
        return Ruling(check.figure, unknown=True)
    lingering = frozenset({finding.key}) if percent < min(rule.limit + _CALM, 100) else frozenset()
    return Ruling(check.figure, (finding,) if percent < rule.limit else (), lingering)


def _how(moment: Moment, document: FillingDocument, limit: int) -> str:
    size, day = formats.size(document.octets), full_on(document.octets, document.growth, limit, moment.today)
    if document.octets >= limit:
        return f"{size}, full"
    return f"{size}, {f'full about {formats.near_day(day, moment.today)}' if day else 'stays as it is'}"


def _is_cut(found: Fullness) -> bool:
    """Whether there are so many that it is not known which ones have room again."""
    return found.filling > len(found.documents)
