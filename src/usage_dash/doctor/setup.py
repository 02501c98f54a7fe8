"""What the doctor looks at: the settings of one dashboard, and the place where it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from usage_dash.settings import Settings
from usage_dash.web.platforms import Platform, platform_of


@dataclass(frozen=True, slots=True)
class Setup:
    """One dashboard's settings, the environment of its process, and this machine's clock."""

    settings: Settings
    environ: Mapping[str, str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def platform(self) -> Platform | None:
        """The hosting platform; None on a machine of one's own."""
        return platform_of(self.environ)
