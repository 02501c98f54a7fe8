"""OpenAI's bill: whether the key may read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from usage_dash.billing.problems import BillError
from usage_dash.billing.reader import BillSource
from usage_dash.checks.check import Check
from usage_dash.doctor.told import act, good, look

_DAYS: Final = timedelta(days=2)  # that are asked for


def bill(source: BillSource | None, now: datetime) -> Check | None:
    """Tell whether what is recorded can be compared with OpenAI's bill; None where no key is set."""
    if source is None:
        return None
    try:
        source.read(now.astimezone(UTC).date() - _DAYS)
    except BillError as error:
        return act("openai", "OpenAI’s bill cannot be read", str(error))
    if source.question.whole:
        return look("openai", "OpenAI tells the bill of the whole organisation", _NARROW)
    return good("openai", "OpenAI tells the chatbot’s bill")


_NARROW: Final = (
    "If it pays for more than the chatbot, name the chatbot’s projects in OPENAI_PROJECT_IDS, or its keys in "
    "OPENAI_API_KEY_IDS; else recorded and billed cannot agree."
)
