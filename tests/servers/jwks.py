"""Who signs assertions that a proxy hands on, and publishes the keys to check them by."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from tests.servers.answering import Answering


class Signer(Answering):
    """Serves its public keys at `jwks` in a `with`: one for ES256, one for RS256. `asked` counts the requests.

    `status` is what it answers them with, without any keys unless it is OK.
    """

    def __init__(self) -> None:
        super().__init__()
        self.status = HTTPStatus.OK
        self._rotations = 0
        self._make_keys()
        self.jwks = f"{self.address}/jwks.json"

    @property
    def asked(self) -> int:
        return len(self.paths)

    def answer(self, path: str) -> tuple[int, object]:
        status = self.status if path == "/jwks.json" else HTTPStatus.NOT_FOUND
        return status, self.key_set() if status == HTTPStatus.OK else {}

    def sign(
        self,
        claims: Mapping[str, Any],
        *,
        algorithm: str = "ES256",
        kid: str | None = None,
        key: Any = None,
        headers: Mapping[str, Any] | None = None,
    ) -> str:
        """Sign `claims`, with the own key for the `algorithm` unless another `key` or `kid` is given."""
        own_key, own_kid = self._keys.get(algorithm, ("", None))
        signed_by = {"kid": kid or own_kid} if kid or own_kid else {}
        return jwt.encode(dict(claims), key or own_key, algorithm, headers={**signed_by, **(headers or {})})

    def rotate(self) -> None:
        """Make new keys with other ids; the old ones are served no longer."""
        self._rotations += 1
        self._make_keys()

    def key_set(self) -> dict[str, Any]:
        """Return the public keys, as they are served."""
        (ec_key, ec_kid), (rsa_key, rsa_kid) = self._keys["ES256"], self._keys["RS256"]
        published = [
            (ECAlgorithm.to_jwk(ec_key.public_key(), as_dict=True), ec_kid, "ES256"),
            (RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True), rsa_kid, "RS256"),
        ]
        return {"keys": [{**key, "kid": kid, "alg": algorithm, "use": "sig"} for key, kid, algorithm in published]}

    def _make_keys(self) -> None:
        self._keys: dict[str, tuple[Any, str]] = {
            "ES256": (ec.generate_private_key(ec.SECP256R1()), f"ec-{self._rotations}"),
            "RS256": (rsa.generate_private_key(65537, 2048), f"rsa-{self._rotations}"),
        }
