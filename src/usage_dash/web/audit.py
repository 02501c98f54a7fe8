"""The audit: a line for each sign-in, refusal, sign-out and file taken along. No other line of the log names people."""

from __future__ import annotations

import json
import logging

_log = logging.getLogger("usage_dash.audit")
_LONGEST = 200  # characters of what somebody sent


def note(what: str, way: str, who: str = "", why: str = "") -> None:
    """Write that `who` did `what` by a `way`; its time is the line's. Never give secrets, or what may be one."""
    told = {"way": way} | ({"who": who[:_LONGEST]} if who else {}) | ({"why": why} if why else {})
    _log.info("%s %s", what, json.dumps(told))  # which escapes whatever could look like another line
