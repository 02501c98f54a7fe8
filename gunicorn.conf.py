"""Read by gunicorn when it is started here: a wrong setting stops the start with its sentence, not with a traceback."""

from __future__ import annotations

import sys
from typing import Any

from usage_dash.settings import SettingsError, load
from usage_dash.web.exposure import require_safe_address


def on_starting(server: Any) -> None:
    """Check settings and addresses before anything listens; `create_app` checks again where it really serves."""
    hosts = [address[0] for address in server.address if isinstance(address, tuple)]
    try:
        require_safe_address(hosts, load().auth)
    except SettingsError as error:
        sys.exit(f"usage-dash: {error}")
