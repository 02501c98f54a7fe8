"""Writes usage documents as the chatbot does, through google's own client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest
from google.cloud import firestore

Entry = Mapping[str, object]

PROJECT = "acme-chatbot"
_COUNTERS = {
    "totalCalls": "calls",
    "totalInputTokens": "inputTokens",
    "totalOutputTokens": "outputTokens",
    "totalTokens": "totalTokens",
    "totalCostUsd": "costUsd",
}


def client_of(host: str, project: str = PROJECT, database: str = "(default)") -> firestore.Client:
    """Return google's client for an emulator or a `FaultServer` at `host`."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", host)  # the only way that it takes the address
        return firestore.Client(project=project, database=database)


class Chatbot:
    """Counts calls into the documents of one collection, each in one commit."""

    def __init__(self, client: firestore.Client, collection: str = "usage") -> None:
        self._client = client
        self.collection = collection

    def count(self, user_id: str, entry: Entry, clock: datetime) -> None:
        """Count one call; a user's first one creates the document, dated by the client's own `clock`."""
        reference = self._client.collection(self.collection).document(user_id)
        if reference.get().exists:
            self._update(reference, entry)
        else:
            reference.set(first_document(user_id, entry, clock))

    def delete(self, user_id: str) -> None:
        """Delete a user's document."""
        self._client.collection(self.collection).document(user_id).delete()

    def _update(self, reference: firestore.DocumentReference, entry: Entry) -> None:
        # In the browser this is one write. One commit of three comes to the same, and the emulator, which drops
        # whatever transform follows the first ArrayUnion or SERVER_TIMESTAMP of a write, then applies them all.
        batch = self._client.batch()
        batch.update(reference, {total: firestore.Increment(entry[field]) for total, field in _COUNTERS.items()})
        batch.update(reference, {"recentUsage": firestore.ArrayUnion([dict(entry)])})
        batch.update(reference, {"lastUpdated": firestore.SERVER_TIMESTAMP})
        batch.commit()


def first_document(user_id: str, entry: Entry, clock: datetime) -> dict[str, object]:
    """Return a usage document after its first call."""
    return {
        "userId": user_id,
        **{total: entry[field] for total, field in _COUNTERS.items()},
        "lastUpdated": clock,
        "createdAt": clock,
        "recentUsage": [dict(entry)],
    }
