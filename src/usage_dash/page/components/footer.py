"""The footer: what reading cost, how far the figures can be trusted, the version."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash import __version__
from usage_dash.access.viewer import Rights
from usage_dash.page import ids
from usage_dash.page.components.dialogs import opener
from usage_dash.page.components.elements import Children, attributes, foreign
from usage_dash.page.links import Links
from usage_dash.reporting.trust_models import Trust
from usage_dash.sync.read_meter import MeterSpan
from usage_dash.wording import formats
from usage_dash.wording.amounts import amount

_EXCEEDING = ("document’s entries exceed its total", "documents’ entries exceed their totals")


def layout() -> html.Footer:
    """The footer, before anything is known; what reading costs is of interest to who runs the dashboard."""
    read: Children = [html.B(id=ids.BILL_READ), " read this hour · ", html.B(id=ids.BILL_SAVED), " saved"]
    return html.Footer(
        [
            html.Span(opener(ids.METER, read, "quiet"), id=ids.BILL, hidden=True),
            html.Span(id=ids.COVERAGE, className="trust"),
            html.Span([opener(ids.SHORTCUTS, "Short-cuts", "quiet"), f"usage-dash {__version__}"], className="about"),
        ],
        id=ids.FOOTER,
        className="foot num",
    )


def bill(hour: MeterSpan) -> dict[str, str]:
    """What was read in the last hour, in words so few that every answer carries them."""
    return {
        "bill_read": f"{formats.number(hour.reads)} {formats.agree(hour.reads, 'document', 'documents')}",
        "bill_saved": f"{formats.number(hour.saved)} {formats.agree(hour.saved, 'read', 'reads')}",
    }


def trust(found: Trust, rights: Rights, links: Links) -> list[Component]:
    """Which share of the cost the entries explain, and each way in which documents and entries fall short.

    Without a right to findings it compares counters and entries, and names no document.
    """
    explained = _explained(found.coverage, links)
    untotalled = _counted(found.untotalled, "document without its total", "documents without their total")
    if not rights.findings:
        exceeding = _counted(found.exceeding, *_EXCEEDING)
        return [part for part in (explained, exceeding, untotalled) if part is not None]
    said = [
        explained,
        _exceeding(found),
        _unplaced(found),
        _counted(found.uncosted, "entry without its cost", "entries without their cost"),
        untotalled,
    ]
    if found.flawed_documents:
        attention = _of(found.flawed_documents, "document needs attention", "documents need attention")
        said.append(opener(ids.FINDINGS, attention, "quiet"))
    return [part for part in said if part is not None]


def _explained(coverage: float | None, links: Links) -> html.Span | None:
    if coverage is None:
        return None
    why = html.A("Why?" if coverage != 1 else "More", href=links.trust(), className="quiet", **attributes(data_go=""))
    return html.Span(["Itemised entries explain ", html.B(formats.rough_share(coverage)), " of all-time cost. ", why])


def _exceeding(found: Trust) -> Component | None:
    """The documents whose entries cost more than their totals, by name; opens the list of all."""
    if not found.exceeding:
        return None
    said = [*_of(found.exceeding, *_EXCEEDING), ": "]
    for number, user in enumerate(found.exceeding_users):
        said += [", "] * (number > 0) + [foreign(user)]
    more = found.exceeding - len(found.exceeding_users)
    return opener(ids.FINDINGS, [*said, f" and {formats.number(more)} more"] if more else said, "quiet")


def _unplaced(found: Trust) -> html.Span | None:
    """The entries that no range holds, what they cost where they say it, and why."""
    reasons = [(found.untimed, "without a readable time"), (found.misdated, "dated by a wrong clock")]
    present = [(count, reason) for count, reason in reasons if count]
    if not present:
        return None
    cost = "" if found.unplaced_cost.least is None else f" ({amount(found.unplaced_cost, formats.money)})"
    why = present[0][1] if len(present) == 1 else ", ".join(f"{count:,} {reason}" for count, reason in present)
    count = sum(count for count, _ in present)
    return html.Span(_of(count, f"entry{cost} is in no range, {why}", f"entries{cost} are in no range, {why}"))


def _counted(count: int, one: str, many: str) -> html.Span | None:
    return html.Span(_of(count, one, many)) if count else None


def _of(count: int, one: str, many: str) -> Children:
    return [html.B(formats.number(count)), f" {formats.agree(count, one, many)}"]
