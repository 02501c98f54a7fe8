"""usage-dash: live cost and usage of a chatbot's OpenAI calls, read from Firestore."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from usage_dash.app import create_app

__all__ = ["__version__", "create_app"]
__version__ = version("usage-dash")


def __getattr__(name: str) -> Any:
    """Import the factory only when it is asked for: the package itself is light."""
    if name != "create_app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from usage_dash.app import create_app  # noqa: PLC0415 - see above

    return create_app
