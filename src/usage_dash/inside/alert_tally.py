"""Deliveries of alerts, as the metrics tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AlertTally:
    """How many tries to deliver an alert went well and failed since the process began, and how many wait now.

    `judged` is when it was last looked whether there is something to tell.
    """

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    judged: datetime | None = None
