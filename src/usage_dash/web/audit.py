"""The audit: a line for each sign-in, refusal, sign-out and file taken along. No other line of the log names people."""

from __future__ import annotations

import json
import logging

_log = logging.getLogger("usage_dash.audit")
_LONGEST = 200  # characters of what somebody sent


def note(what: str, way: str, who: str = "", why: str = "") -> None:
    """Write that `who` did `what` by a `way`; its time is the line's. Never give secrets, or what may be one."""
    told = _Told({"way": way} | ({"who": who[:_LONGEST]} if who else {}) | ({"why": why} if why else {}))
    _log.info("%(what)s %(told)s", {"what": what, "told": told})


class _Told(dict[str, str]):
    """Reads as JSON, which escapes whatever could look like another line."""

    def __str__(self) -> str:
        return json.dumps(self)
