"""Answers of which a refresh changes next to nothing: kept for five minutes, whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import key_of
from usage_dash.reporting.view_cache import ViewCache

_T = TypeVar("_T")

_SECONDS: Final = 300
_MOST_BYTES: Final = 1024 * 1024


class Lately:
    """Works each answer out every five minutes at most, for each scope and choice, or when a user has come or gone.

    So of today it may know what was known five minutes ago. Its cache is its own, so that it can be asked while another
    answer is worked out to be kept.
    """

    def __init__(self) -> None:
        self._kept = ViewCache(_MOST_BYTES)

    def of(self, moment: Moment, compute: Callable[[], _T], *question: object) -> _T:
        """Return what is computed of a moment, or was for the same question; see `key_of`."""
        period = int(moment.now.timestamp()) // _SECONDS
        key = key_of(moment.scope.key, moment.choice, moment.documents, moment.today, period, *question)
        return self._kept.get(key, lambda: (compute(),))[0]  # None is an answer too
