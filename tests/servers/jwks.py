"""Who signs assertions that a proxy hands on, and publishes the keys to check them by."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

_SECONDS_TO_END = 0.02  # at most


class Signer:
    """Serves its public keys at `jwks` in a `with`: one for ES256, one for RS256. `asked` counts the requests.

    `status` is what it answers them with, without any keys unless it is OK.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.status = HTTPStatus.OK
        self._rotations = 0
        self._make_keys()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.signer = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=[_SECONDS_TO_END], daemon=True)
        self.jwks = f"http://127.0.0.1:{self._server.server_port}/jwks.json"

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

    def __enter__(self) -> Signer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    signer: Signer


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        signer = self.server.signer
        signer.asked += 1
        status = signer.status if self.path == "/jwks.json" else HTTPStatus.NOT_FOUND
        body = json.dumps(signer.key_set() if status == HTTPStatus.OK else {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_parts: object) -> None:
        """Keep still."""
