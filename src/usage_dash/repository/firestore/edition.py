"""Which edition a Firestore database is of, as its Admin API tells; `roles/datastore.viewer` is enough to ask."""

from __future__ import annotations

from typing import Final

import grpc
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_admin_v1.types import Database, GetDatabaseRequest

from usage_dash.repository.base import Edition
from usage_dash.repository.firestore.client import Client

_GET: Final = "/google.firestore.admin.v1.FirestoreAdmin/GetDatabase"
_Edition = Database.DatabaseEdition
_KNOWN: Final = {_Edition.STANDARD: Edition.STANDARD, _Edition.ENTERPRISE: Edition.ENTERPRISE}


def edition_of(client: Client) -> Edition | None:
    """Return the edition, or None where nobody tells: an emulator does not know, and an account may lack the right."""
    name = f"projects/{client.project}/databases/{client.database}"
    try:
        answer = client.ask(_GET, GetDatabaseRequest.serialize(GetDatabaseRequest(name=name)), {"name": name})
    except (grpc.RpcError, GoogleAuthError, TimeoutError):
        return None
    return _KNOWN.get(Database.deserialize(answer).database_edition)
