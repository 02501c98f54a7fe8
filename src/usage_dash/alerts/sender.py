"""Sending a message to an address."""

from __future__ import annotations

from typing import Protocol

from usage_dash.alerts.messages import Message
from usage_dash.settings.alert_addresses import Address


class NotDeliveredError(Exception):
    """A message that an address did not take; a sentence says why, without anything secret."""


class Sender(Protocol):
    """Takes messages to addresses, one to one."""

    def send(self, address: Address, message: Message) -> None:
        """Deliver a message within a minute. Raises `NotDeliveredError`: it may have arrived all the same."""
        ...
