"""usage-dash: live cost and usage of a chatbot's OpenAI calls, read from Firestore."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from usage_dash.access.viewer import Role, Viewer
    from usage_dash.app import create_app, mount

__all__ = ["Role", "Viewer", "__version__", "create_app", "mount"]
__version__ = version("usage-dash")

_OFFERED = {
    "Role": "usage_dash.access.viewer",
    "Viewer": "usage_dash.access.viewer",
    "create_app": "usage_dash.app",
    "mount": "usage_dash.app",
}


def __getattr__(name: str) -> Any:
    """Import what the package offers only when it is asked for: the package itself is light."""
    if name not in _OFFERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_OFFERED[name]), name)
