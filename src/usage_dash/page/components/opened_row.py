"""What an opened row of the users table shows beneath it, as the cells of rows."""

from __future__ import annotations

from html import escape as quoted
from typing import Final
from urllib.parse import quote as url_quoted

from usage_dash.page.components.cells import TOGGLE, foreign, named, part_of, share
from usage_dash.page.components.times import Clock
from usage_dash.page.marks import token
from usage_dash.reporting.filters import UserSort
from usage_dash.reporting.user_models import EntryRow, UserDetail, UserRow, UsersPage
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount

Row = dict[str, str]  # cells by the names of their columns; the others are empty

_SEPARATOR: Final = " &nbsp;·&nbsp; "


def opened_row(detail: UserDetail, user: UserRow, page: UsersPage, clock: Clock, user_page: str) -> list[Row]:
    """The rows beneath a user's: a summary with a link to the `user_page`, entries, and the way to others."""
    said = f'<span>{_summary(detail, clock)}<span class="rest">{_rest(user, page)}</span></span>'
    link = f'<a class="b small" data-go href="{quoted(user_page)}">Open page<i class="icon icon-arrow-right"></i></a>'
    note = {TOGGLE: f'<div class="note-row"><span class="opened">{said}{link}</span></div>'}
    entries = [_entry_row(entry, clock) for entry in detail.entries]
    more = [{TOGGLE: _entries_pager(detail)}] if detail.entries_total > detail.page_size else []
    return [note, *entries, *more]


def _summary(detail: UserDetail, clock: Clock) -> str:
    parts = []
    if detail.first_seen:
        parts.append(f"First seen <b>{formats.day(detail.first_seen.astimezone(clock.zone))}</b>")
    if detail.top_model is not None:
        of_cost = (
            f" ({formats.rough_share(detail.top_model_share)} of cost)" if detail.top_model_share is not None else ""
        )
        parts.append(f"Top model <b>{foreign(detail.top_model)}</b>{of_cost}")
    if detail.tokens_per_call is not None:
        tokens = formats.average(detail.tokens_per_call)
        parts.append(f"<b>{tokens}</b> {'token' if tokens == '1' else 'tokens'} per call")
    parts.append(_known(detail))
    return _SEPARATOR.join(parts)


def _rest(user: UserRow, page: UsersPage) -> str:
    """What a phone has no columns for."""
    tokens, input_tokens, output_tokens = (
        narrow_amount(found, formats.compact) for found in (user.tokens, user.input_tokens, user.output_tokens)
    )
    parts = [
        f"<b>{share(user, page)}</b> of all cost",
        f"<b>{narrow_amount(user.calls, formats.number)}</b> {formats.agree(user.calls.known, 'call', 'calls')}",
        f"<b>{tokens}</b> tokens, {input_tokens} in and {output_tokens} out",
        f"<b>{formats.money(user.cost_per_call)}</b> a call",
        f"<b>{narrow_amount(user.range_cost, formats.money)}</b> in these days",
    ]
    return _SEPARATOR.join([f"Team <b>{foreign(user.team)}</b>", *parts] if user.team else parts)


def _known(detail: UserDetail) -> str:
    notes = ((detail.unplaced, "in no range"), (detail.uncosted, "of unknown cost"))
    aside = ", ".join(f"{formats.number(count)} {note}" for count, note in notes if count)
    known = formats.counted(detail.entries_total, "entry", "entries") + (f" ({aside})" if aside else "")
    if detail.coverage is None:
        return known
    explain = formats.agree(detail.entries_total, "explains", "explain")
    return f"{known} {explain} <b>{formats.rough_share(detail.coverage)}</b> of this user’s cost"


def _entry_row(entry: EntryRow, clock: Clock) -> Row:
    per_call = entry.cost / entry.calls if entry.cost is not None and entry.calls else None
    return {
        TOGGLE: f'<i class="swatch" style="background:var(--ud-model-{token(entry.slot)})"></i>',
        UserSort.USER: named(
            entry.model, f'<span class="at">   {formats.moment(entry.at, clock.now, clock.zone)}</span>'
        ),
        UserSort.COST: formats.money(entry.cost),
        UserSort.CALLS: formats.number(entry.calls),
        UserSort.INPUT_TOKENS: formats.number(entry.input_tokens),
        UserSort.OUTPUT_TOKENS: formats.number(entry.output_tokens),
        UserSort.COST_PER_CALL: formats.money(per_call),
    }


def _entries_pager(detail: UserDetail) -> str:
    user = url_quoted(detail.user_id)
    last = (detail.entries_total - 1) // detail.page_size
    shown = part_of(detail.page, detail.page_size, len(detail.entries), detail.entries_total)

    def turn(label: str, page: int, *, possible: bool) -> str:
        state = f'data-entries-page="{page}"' if possible else 'aria-disabled="true"'
        return f'<button type="button" class="b small" data-user="{user}" {state}>{label}</button>'

    newer = turn("Newer", detail.page - 1, possible=detail.page > 0)
    older = turn("Older", detail.page + 1, possible=detail.page < last)
    return f'<div class="more-row"><span>{shown} entries {newer} {older}</span></div>'
