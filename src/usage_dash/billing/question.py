"""Which bill is asked for, and with which key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Question:
    """The bill of these projects, or of these API keys; of the whole organisation where there are neither.

    With projects and API keys it is the projects' bill, in which other API keys are told apart.
    """

    key: SecretStr
    base_url: str
    projects: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is about the whole organisation, which has other uses than the chatbot."""
        return not (self.projects or self.api_keys)

    @property
    def tells_callers(self) -> bool:
        """Whether calls of other API keys than the chatbot's are told apart."""
        return bool(self.projects and self.api_keys)

    @property
    def digest(self) -> str:
        """A short text that is another for another question; nobody can tell the key from it."""
        asked = (self.base_url, self.key.get_secret_value(), self.projects, self.api_keys)
        return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]

    def caller(self, api_key: str | None) -> str:
        """Return the API key that called, where it is not the chatbot's; else nothing, as where it is not told."""
        return api_key if api_key and self.tells_callers and api_key not in self.api_keys else ""
