"""A real OpenID Connect provider on this machine: discovery, authorize, token and keys; it can be told to lie."""

import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "gridwell", "a secret of the provider's"


@cache
def _usual_key() -> RSAKey:
    """Made once in a process, because it takes a tenth of a second."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class Provider:
    """What the provider knows. ``person`` signs in; ``claims`` and ``sign`` are what tests change."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.person = "u-4711"
        self.keys = KeySet([_usual_key()])
        self.description: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            # A provider that offers weak signatures must not talk us into them.
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        self.claims: dict[str, Any] = {}
        self.sign = self.signed
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []

    def authorize(self, query: dict[str, str]) -> str:
        """Where the person is sent back to, signed in."""
        assert query["response_type"] == "code" and query["client_id"] == CLIENT and query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """A code for an ID token, once, for who holds the secret and the verifier."""
        user, _, password = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        asked = self.codes.pop(form.get("code", ""), None)
        right = asked is not None and (unquote(user), unquote(password)) == (CLIENT, SECRET)
        right = right and asked["redirect_uri"] == form.get("redirect_uri")  # type: ignore[index]  # it is not None here
        if not right or create_s256_code_challenge(form.get("code_verifier", "")) != asked["code_challenge"]:  # type: ignore[index]
            return 400, {"error": "invalid_grant"}
        assert asked is not None
        now, access = int(time.time()), secrets.token_urlsafe(16)
        claims = {
            **{"iss": self.issuer, "sub": self.person, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]},
            "at_hash": create_half_hash(access, "RS256").decode(),
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": self.sign(claims)}

    def signed(self, claims: dict[str, Any]) -> str:
        """As it should be."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.keys)

    def unsigned(self, claims: dict[str, Any]) -> str:
        """``alg: none``."""
        parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none", "kid": "one"}, claims)]
        return ".".join([*parts, ""])

    def by_public_key(self, claims: dict[str, Any]) -> str:
        """HMAC with the public key as the secret, which everybody knows."""
        public = json.dumps(self.keys.as_dict(private=False)["keys"][0]).encode()
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(hashlib.sha256(public).digest()), algorithms=["HS256"])

    def by_stranger(self, claims: dict[str, Any]) -> str:
        """Signed with a key of the same name that is not the provider's."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, KeySet([RSAKey.generate_key(2048, {"kid": "one"})]))


@contextmanager
def providing() -> Iterator[Provider]:
    """The provider on a free port while the block lasts."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            known.asked.append(parts.path)
            if parts.path == "/.well-known/openid-configuration":
                self.answer(200, known.description)
            elif parts.path == "/keys":
                self.answer(200, known.keys.as_dict(private=False))
            else:
                where = known.authorize({name: values[0] for name, values in parse_qs(parts.query).items()})
                self.send_response(302)
                self.send_header("Location", where)
                self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(*known.token(form, self.headers.get("authorization", "")))

        def answer(self, status: int, told: Any) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        known = Provider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)  # s until it sees that it shall stop
        thread.start()
        yield known
        server.shutdown()
        thread.join()
