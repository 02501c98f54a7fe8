"""Names from Firestore: a document for each user, beside the usage documents, with fields for name and e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from google.cloud.firestore_v1.types import BatchGetDocumentsResponse

from usage_dash.documents.people import Name, name_of
from usage_dash.repository.firestore import requests
from usage_dash.repository.firestore.calls import AnswerError
from usage_dash.repository.firestore.client import Client
from usage_dash.repository.firestore.errors import CALL_ERRORS, explain
from usage_dash.repository.firestore.messages import decode_value, user_id_in
from usage_dash.repository.names import LookedUp

_ANSWER: Final = BatchGetDocumentsResponse.pb()
_BATCH: Final = 300  # documents
_LONGEST_ID: Final = 1500  # bytes
_RESERVED: Final = re.compile(r"\.{1,2}|__.*__", re.DOTALL)


class FirestoreNames:
    """The documents `collection`/{user id}; `fields` are those of the name and, if there is one, of the e-mail address.

    A dot leads into a map. The other parameters are those of `FirestoreRepository`.
    """

    def __init__(
        self,
        fields: Sequence[str],
        *,
        project: str | None = None,
        database: str = "(default)",
        collection: str = "users",
        credentials: Mapping[str, Any] | Path | None = None,
        emulator_host: str | None = None,
        budget: float = 10.0,
    ) -> None:
        """Remember where the names are; nothing is read yet."""
        self._client = Client(project, database, credentials, emulator_host, budget)
        self._target = requests.Collection(project or "", database, collection)
        self._fields = tuple(fields)

    @property
    def identity(self) -> str:
        """The collection and the fields, as they are set; who signs in may name the project."""
        place = self._target
        return f"firestore:{place.project}/{place.database}/{place.path}/{','.join(self._fields)}"

    @property
    def batch(self) -> int:
        """How many ids may be looked up at once."""
        return _BATCH

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        """Read the documents of these users; see `NameSource.look_up`. Each costs a read, there or not."""
        wanted = [each for each in ids if is_document_id(each)]
        if not wanted:
            return LookedUp({})
        try:
            collection = replace(self._target, project=self._client.project)
            answers = list(self._client.call(requests.fields_of(collection, wanted, self._fields)))
            names = dict(self._names(answers, len(wanted)))
        except CALL_ERRORS as error:
            raise explain(error, self._client.place(self._target.path)) from error
        return LookedUp(names, queries=1, reads=len(wanted), wire_bytes=sum(map(len, answers)))

    def close(self) -> None:
        """Let go of the connection and the credentials; a call under way is cut."""
        self._client.close()

    def _names(self, answers: Sequence[bytes], wanted: int) -> Iterator[tuple[str, Name]]:
        """Yield who was found. Raises `AnswerError` unless each document was answered for."""
        told = [answer for answer in map(_ANSWER.FromString, answers) if answer.WhichOneof("result")]
        if len(told) < wanted:
            raise AnswerError
        for answer in told:
            if answer.WhichOneof("result") == "found":
                values = [_value(answer.found.fields, field.split(".")) for field in self._fields]
                yield user_id_in(answer.found), name_of(*(*values, None)[:2])


def is_document_id(text: str) -> bool:
    """Tell whether Firestore could have a document of this id, or would refuse to look for it."""
    return bool(text) and "/" not in text and not _RESERVED.fullmatch(text) and len(text.encode()) <= _LONGEST_ID


def _value(fields: Any, path: Sequence[str]) -> object:
    """Return what stands at the end of a path; None when there is nothing."""
    for name in path[:-1]:
        if name not in fields:
            return None
        fields = fields[name].map_value.fields
    return decode_value(fields[path[-1]]) if path[-1] in fields else None
