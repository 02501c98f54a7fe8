"""Messages: what is told of the events of one rule and period, in plain text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent; its `id` is another for each message. `body` is plain text with line breaks, and ends with `link`.

    `link` is the address of the page that explains it; None where the public address is not known.
    """

    id: str
    title: str
    body: str
    link: str | None
