"""The lists of the settings: who of those that are known may look, and as what. Who is on none may not."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from usage_dash.access.identity import Identity
from usage_dash.access.viewer import Viewer
from usage_dash.people.directory import Directory
from usage_dash.settings import Settings, Way
from usage_dash.settings.lists import Led, Listed

_log = logging.getLogger(__name__)
ADMINISTRATOR: Final = "administrator"  # the subject of who has the administrators' password


@dataclass(frozen=True, slots=True)
class Lists:
    """Who is on which list."""

    admins: tuple[Listed, ...]
    viewers: tuple[Listed, ...]
    leads: tuple[Led, ...]
    see_self: bool
    self_claim: str | None
    directory: Directory

    @property
    def wanted(self) -> frozenset[str]:
        """The claims that matter."""
        return frozenset(claim for claim in (*(listed.claim for listed in self._all), self.self_claim) if claim)

    def needed(self, identity: Identity) -> Identity:
        """Return somebody with no more claims than matter: a cookie has no room for some hundred groups."""
        listed = {(each.claim, each.value) for each in self._all}
        kept = (pair for pair in identity.claims if pair in listed or pair[0] == self.self_claim)
        return replace(identity, claims=frozenset(kept))

    @property
    def _all(self) -> tuple[Listed, ...]:
        return (*self.admins, *self.viewers, *(led.who for led in self.leads))

    @property
    def whom_to_ask(self) -> str | None:
        """The e-mail address of an administrator; None when the list names none."""
        addresses = (listed.value for listed in self.admins if listed.claim is None)
        return next((address for address in addresses if not address.startswith("@")), None)

    def viewer_of(self, identity: Identity) -> Viewer | None:
        """Return what somebody may look as, the widest of all lists; None when they are on none."""
        shown = (identity.name, identity.email or ("" if identity.way is Way.PASSWORD else identity.subject))
        if identity.way is Way.PASSWORD:  # its own lists: who has which password
            return Viewer.admin() if identity.subject == ADMINISTRATOR else Viewer.viewer()
        if _is_on(self.admins, identity):
            return Viewer.admin(*shown)
        if _is_on(self.viewers, identity):
            return Viewer.viewer(*shown)
        if teams := frozenset[str]().union(*(led.teams for led in self.leads if _is_on([led.who], identity))):
            return Viewer.lead(teams, *shown)
        own = self._own(identity)
        return Viewer.only(own, *shown) if own else None

    def _own(self, identity: Identity) -> frozenset[str]:
        """Return the ids of somebody's own usage documents, if they may see them."""
        if not self.see_self:
            return frozenset()
        if identity.way is Way.FIREBASE:
            return frozenset({identity.subject})
        claimed = frozenset(value for claim, value in identity.claims if claim == self.self_claim)
        return claimed or self.directory.people().with_email(identity.email)


def lists_of(settings: Settings, directory: Directory) -> Lists:
    """Return the lists of the settings; warn of what lets nobody in, though somebody may have meant it to."""
    for sentence in doubts(settings, directory):
        _log.warning("%s", sentence)
    return Lists(settings.admins, settings.viewers, settings.leads, settings.see_self, settings.self_claim, directory)


def doubts(settings: Settings, directory: Directory) -> Iterator[str]:
    """Say what lets nobody in, though somebody may have meant it to: a sentence each."""
    yield from _of_nobody(settings)
    if settings.self_claim and not settings.see_self:
        yield "USAGE_DASH_SELF_CLAIM does nothing without USAGE_DASH_SELF=on."
    persons = directory.people().persons.values()
    unknown = {team for led in settings.leads for team in led.teams} - {person.team for person in persons}
    for team in sorted(unknown):
        yield f"USAGE_DASH_LEADS names the team {team!r}, in which USAGE_DASH_PEOPLE has nobody."


def _of_nobody(settings: Settings) -> Iterator[str]:
    """Tell of ways that let in nobody, and of lists that nobody comes by."""
    by_list = [way for way in settings.auth or () if way is not Way.PASSWORD]
    names_somebody = bool(settings.admins or settings.viewers or settings.leads or settings.see_self)
    if by_list and not names_somebody:
        yield (
            f"Whoever signs in with {' or '.join(by_list)} is told that they are on no list: name people in "
            "USAGE_DASH_ADMINS, USAGE_DASH_VIEWERS or USAGE_DASH_LEADS, or set USAGE_DASH_SELF=on."
        )
    if names_somebody and not by_list:
        yield "USAGE_DASH_AUTH=password asks who has which password: lists of people count for nothing there."


def _is_on(listed: Iterable[Listed], identity: Identity) -> bool:
    return any(_is_meant(each, identity) for each in listed)


def _is_meant(listed: Listed, identity: Identity) -> bool:
    if listed.claim is not None:
        return (listed.claim, listed.value) in identity.claims
    if listed.value.startswith("@"):
        return "@" in identity.email and identity.email.rpartition("@")[2] == listed.value[1:]
    return bool(identity.email) and identity.email == listed.value
