"""What do tests of access need? An identity provider of their own, on loopback, that signs what it is told to."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from clock import Clock
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

_PUBLIC = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


class Provider:
    """An OpenID Connect provider, as far as one who checks its tokens sees it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.changes: dict[str, Any] = {}
        self.broken = False
        self.names_algorithms = True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.keys: dict[str, tuple[str, Any]] = {}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def add_key(self, kid: str, algorithm: str, secret: Any) -> None:
        self.keys[kid] = (algorithm, secret)

    def documents(self) -> dict[str, Any]:
        described = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.changes}
        return {"/.well-known/openid-configuration": described, "/keys": {"keys": [*map(self._public, self.keys)]}}

    def _public(self, kid: str) -> dict[str, Any]:
        algorithm, secret = self.keys[kid]
        public = json.loads(_PUBLIC[algorithm].to_jwk(secret.public_key()))
        named = {"alg": algorithm} if self.names_algorithms else {}
        return {**public, "kid": kid, "use": "sig", **named}

    def token(self, kid: str = "rsa", headers: dict[str, Any] | None = None, algorithm: str = "", **claims: Any) -> str:
        """Sign a good token, but for what is said otherwise; None leaves a claim or a header out."""
        usual_algorithm, secret = self.keys[kid]
        now = int(time.time())
        usual = {"iss": self.url, "aud": "lookalike", "sub": "anna", "iat": now, "exp": now + 300}
        given = {**usual, "scope": "openid lookalike:write", **claims}
        payload = {name: value for name, value in given.items() if value is not None}
        named = {name: value for name, value in {"kid": kid, **(headers or {})}.items() if value is not None}
        return jwt.encode(payload, secret, algorithm or usual_algorithm, named)


def _answering(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            body = b"down" if provider.broken else json.dumps(provider.documents().get(self.path, {})).encode()
            self.send_response(500 if provider.broken else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def secrets() -> dict[str, Any]:
    """Keys that take long to make."""
    return {
        "RS256": rsa.generate_private_key(65537, 2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": Ed25519PrivateKey.generate(),
    }


@pytest.fixture
def provider(secrets) -> Iterator[Provider]:
    """A provider with a key of each kind."""
    made = Provider()
    for kid, algorithm in (("rsa", "RS256"), ("ec", "ES256"), ("ed", "EdDSA")):
        made.add_key(kid, algorithm, secrets[algorithm])
    yield made
    made.close()


def unsigned(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    """Write a token by hand."""
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.fixture
def by_hand():
    """The function that writes a token by hand."""
    return unsigned
