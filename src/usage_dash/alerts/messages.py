"""Messages: what is told of the events of one rule and period, in plain text that reads well wherever it arrives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.alerts.findings import Finding, Judged, Key
from usage_dash.alerts.places import Links, Place, place_of
from usage_dash.alerts.plain import plain
from usage_dash.alerts.words import ADVICE, in_words, over_title, title
from usage_dash.settings.alert_rules import Rule, RuleName
from usage_dash.wording import formats

LISTED: Final = 12  # lines of a message; how many more there are is said
_TEST: Final = "This is a test. Alerts of usage-dash reach this address, and tell when:"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent; its `id` is another for each message. `body` is plain text with line breaks, and ends with `link`.

    `link` is the address of the page that explains it; None where the public address is not known.
    """

    id: str
    title: str
    body: str
    link: str | None


class Messages:
    """Writes the messages of one dashboard."""

    def __init__(self, source: str, zone: ZoneInfo, links: Links | None = None) -> None:
        """Name the `source`, and tell times by the clocks of the `zone`. Without `links` messages say where to look."""
        self._source = plain(source)
        self._zone = zone
        self._links = links

    def told(self, findings: tuple[Finding, ...], judged: Judged) -> Message:
        """Return what is sent of events of one rule and period; of which there is at least one."""
        rule, period = _rule_of(findings[0].rule, judged), findings[0].period
        lines = tuple(dict.fromkeys(finding.line for finding in findings))
        todo = f"What to do: {findings[0].todo or ADVICE[rule.name]}"
        place = place_of(rule.name, period, [finding.subject for finding in findings])
        return self._message(title(rule, period, lines), (*_listed(lines), "", todo), judged.at, place)

    def over(self, keys: tuple[Key, ...], judged: Judged) -> Message:
        """Return what is sent when events of one rule, told in one alert, are over; there is at least one."""
        state = next(state for state in judged.states if state.rule.name.value == keys[0].rule)
        subjects = [key.subject for key in keys]
        place = place_of(state.rule.name, keys[0].period, subjects)
        whose = _listed([plain(subject) for subject in subjects]) if state.rule.name is RuleName.FULL else ()
        lines = (*whose, f"The rule: {in_words(state.rule)}.", f"Now: {state.now}.")
        return self._message(over_title(state.rule, len(keys)), lines, judged.at, place)

    def test(self, rules: Iterable[Rule]) -> Message:
        """Return what is sent to see whether an address is reached."""
        lines = (_TEST, *(f"– {in_words(rule)}" for rule in rules))
        return self._message("This is a test", lines, None, place_of(None, "", []))

    def _message(self, words: str, lines: Iterable[str], at: datetime | None, place: Place) -> Message:
        """Put a message together: lines, time of the data, whose it is, and where to look."""
        paragraphs = ["\n".join(lines).strip(), self._foot(at)]
        link = place.link(self._links) if self._links else None
        text = "\n\n".join([*paragraphs, link or f"Look at {place.words} in usage-dash."])
        heading = f"usage-dash: {words}"
        return Message(_id_of(heading, text), heading, text, link)

    def _foot(self, at: datetime | None) -> str:
        return self._source if at is None else f"{self._source}, data of {self._time(at)}"

    def _time(self, at: datetime) -> str:
        """Return a time that says by which clocks it is: 26 Nov 2026, 14:02 CET (Europe/Berlin)."""
        local = at.astimezone(self._zone)
        name, zone = local.tzname(), str(self._zone)
        return f"{formats.day(local)}, {local:%H:%M} {zone if name == zone else f'{name} ({zone})'}"


def _rule_of(name: str, judged: Judged) -> Rule:
    return next(state.rule for state in judged.states if state.rule.name.value == name)


def _listed(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first of the lines, and how many more there are; never that there is one, which takes a line too."""
    if len(lines) <= LISTED + 1:
        return tuple(lines)
    return (*lines[:LISTED], f"and {formats.number(len(lines) - LISTED)} more")


def _id_of(heading: str, text: str) -> str:
    return hashlib.blake2b(f"{heading}\n{text}".encode(errors="surrogatepass"), digest_size=8).hexdigest()
