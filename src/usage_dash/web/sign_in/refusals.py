"""Why somebody was not signed in, in a sentence for them. Light, so that no way's libraries are loaded for it."""

from __future__ import annotations

from http import HTTPStatus


class RefusedError(Exception):
    """Why nobody was signed in, in a sentence for them, and the status to answer with.

    401 says that the password may be guessed again, 403 that this account cannot come in, and 503 that nobody can.
    """

    def __init__(self, sentence: str, status: HTTPStatus) -> None:
        super().__init__(sentence)
        self.status = status


class ProviderError(Exception):
    """Why the provider let nobody in, in a sentence for them."""
