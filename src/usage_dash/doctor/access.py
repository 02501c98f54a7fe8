"""Who is let in, and by what: ways to sign in, lists, the people file, portals."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from usage_dash.access.lists import doubts
from usage_dash.checks.check import Check
from usage_dash.doctor.setup import Setup
from usage_dash.doctor.told import act, good, look
from usage_dash.people.directory import Directory
from usage_dash.settings import SettingsError, Way
from usage_dash.settings.addresses import is_loopback
from usage_dash.web.exposure import require_safe_address
from usage_dash.web.sign_in.missing import missing
from usage_dash.wording import formats

_THIS_MACHINE: Final = "127.0.0.1"


def served(setup: Setup) -> Check:
    """Tell which machines are served."""
    place = setup.platform.name if setup.platform else setup.settings.host or _THIS_MACHINE
    try:
        require_safe_address(place, setup.settings)
    except SettingsError as error:
        reason, _, remedy = str(error).rpartition(": ")
        return act("address", reason, f"{remedy[:1].upper()}{remedy[1:]}")
    if is_loopback(place):
        return good("address", "It serves this machine only", "HOST names another address")
    return good("address", f"It may serve on {place}")


def sign_in(setup: Setup) -> Check:
    """Tell who is let in."""
    settings = setup.settings
    if settings.auth is None:
        return good("sign-in", "Nobody signs in, so nobody but who sits at this machine may look")
    if Way.NONE in settings.auth:
        return look("sign-in", "Everybody who reaches the address is let in, as an administrator", _NONE)
    if lacking := missing(settings):
        return act("sign-in", "Nobody can sign in yet: settings are missing", f"Set {' and '.join(lacking)}.")
    ways = ", ".join(settings.auth)
    if doubtful := _doubts(setup):
        return look("sign-in", f"People sign in by {ways}, but something is doubtful", " ".join(doubtful))
    return good("sign-in", f"People sign in by {ways}")


_NONE: Final = (
    "That is right only where something in front of it decides who may look. Else set USAGE_DASH_AUTH to password, "
    "firebase, oidc or proxy."
)


def _doubts(setup: Setup) -> list[str]:
    try:
        return list(doubts(setup.settings, Directory(setup.settings.people_file)))
    except SettingsError:  # a people file that cannot be read has a line of its own
        return []


def people(setup: Setup) -> Check | None:
    """Tell whether the people file can be read; None without one."""
    path = setup.settings.people_file
    if path is None:
        return None
    try:
        persons = Directory(path).people().persons
    except SettingsError as error:
        return act("people", "The people file cannot be used", f"{error} Mend {path}.")
    teams = {person.team for person in persons.values()} - {""}
    named = f"{formats.counted(len(persons), 'user')} in {formats.counted(len(teams), 'team')}"
    if not persons:
        return look("people", "The people file names nobody", f"Add a line for each user to {path}.")
    return good("people", f"The people file names {named}")


def portals(setup: Setup) -> Check | None:
    """Tell which portals may show the page in a frame; None where none should."""
    settings = setup.settings
    if not settings.embed_origins:
        if settings.embed_secret:
            return look("portals", "No portal may show the page, though tokens of portals are signed", _ORIGINS)
        return None
    shown = ", ".join(settings.embed_origins)
    if not settings.embed_secret:
        return look("portals", f"{shown} may show the page, but nobody is let in there", _TOKENS)
    if plain := [origin for origin in settings.embed_origins if _is_open(origin)]:
        return look("portals", f"{', '.join(plain)} can be listened in on", "Serve the portal by https.")
    return good("portals", f"{shown} may show the page in a frame")


_ORIGINS: Final = "Name the portals in USAGE_DASH_EMBED_ORIGINS, or take USAGE_DASH_EMBED_SECRET away."
_TOKENS: Final = (
    "A frame lets people in by the portal’s tokens alone: set USAGE_DASH_EMBED_SECRET, and sign them with it there."
)


def _is_open(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")
