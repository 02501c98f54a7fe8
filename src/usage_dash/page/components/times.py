"""Times that go on by themselves in the browser (assets/clock.js)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html

from usage_dash.page.components.elements import attributes
from usage_dash.wording import formats

_SILENT = {"aria_live": "off"}  # nobody wants each second read out


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is for everything on a page, and in which zone times are told."""

    now: datetime
    zone: ZoneInfo

    def since(self, at: datetime) -> html.Time:
        """The time since `at`, ticking while that is recent."""
        ticking = attributes(data_since=at.isoformat(), **_SILENT) if formats.is_recent(at, self.now) else {}
        return html.Time(formats.ago(at, self.now, self.zone), dateTime=at.isoformat(), **ticking)

    def age(self, at: datetime) -> html.Time:
        """How long ago `at` is, which goes on."""
        age = formats.span((self.now - at).total_seconds())
        return html.Time(age, dateTime=at.isoformat(), **attributes(data_age=at.isoformat(), **_SILENT))

    def since_data(self, at: datetime) -> html.Time:
        """The time since the data's time, which each answer tells anew (`ids.CLOCK`)."""
        told = formats.ago(min(at, self.now), self.now, self.zone)
        return html.Time(told, **attributes(data_since="data", **_SILENT))

    def until(self, at: datetime) -> html.Time:
        """The time until `at`, ticking down to 0 s."""
        wait = formats.span((at - self.now).total_seconds())
        return html.Time(wait, dateTime=at.isoformat(), **attributes(data_until=at.isoformat(), **_SILENT))
