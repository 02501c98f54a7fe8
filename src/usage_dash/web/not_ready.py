"""The door of a dashboard whose way to sign in lacks settings: it says which, and lets nobody in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http import HTTPStatus

from flask import render_template

from usage_dash.access.viewer import Viewer
from usage_dash.web.answers import refusal
from usage_dash.web.gate import Stranger, wants_a_page

_log = logging.getLogger(__name__)


class NotReady:
    """Lets nobody in."""

    ambient = True

    def __init__(self, missing: Sequence[str]) -> None:
        self._missing = missing
        _log.error("Nobody can sign in before these settings are set: %s.", ", ".join(missing))

    def viewer(self) -> Viewer:
        """Raise `Stranger`, with what is missing."""
        if wants_a_page():
            page = render_template("not_ready.html", missing=self._missing)
            raise Stranger((page, HTTPStatus.SERVICE_UNAVAILABLE, {}))
        raise Stranger(refusal("usage-dash is not set up yet.", HTTPStatus.SERVICE_UNAVAILABLE))

    def can_leave(self) -> bool:
        """Return False."""
        return False
