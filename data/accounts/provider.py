"""The city's identity provider (OpenID Connect Core 1.0): code flow with PKCE, state and nonce. Every claim is checked.

The three secrets of one sign-in are derived from one random value that only the visitor's browser holds. So the server stores nothing
meanwhile, and a sign-in cannot be finished in another browser.
"""

import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from data.core.errors import GridwellError
from data.core.settings import settings

SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Accepted signature algorithms: only those with a key pair. ``none`` proves nothing, and the client secret must not verify signatures."""
LEEWAY_S = 60
"""Allowed difference between the clocks, in seconds."""
GOOD_FOR_S = 3600.0
"""How long the provider's description of itself is cached, in seconds."""
_PATIENCE_S = 5.0
_LONGEST_SUBJECT = 200
_described: dict[str, tuple[float, "Provider"]] = {}


class ProviderFailed(GridwellError):
    status, code = 502, "provider_failed"
    sentence = "The identity provider could not say who you are: {reason}"


_REASONS = {
    "away": "it does not answer.",
    "description": "its configuration cannot be used.",
    "refused": "it did not accept the sign-in.",
    "token": "its answer is not valid.",
    "state": "the sign-in was not finished in the browser in which it began. Please sign in again.",
    "config": "no identity provider is set up on this server.",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """Addresses of an identity provider.

    Attributes:
        issuer: its identifier, with which its addresses begin.
        authorize: the address to which people are sent to sign in.
        token: the address that exchanges a code for a token.
        keys: the address of its public keys.
    """

    issuer: str
    authorize: str
    token: str
    keys: str


def is_configured() -> bool:
    """Whether a provider is set up."""
    return bool(settings().oidc_issuer and settings().oidc_client_id)


def provider_name() -> str | None:
    """The provider's name for people; ``None`` where there is none."""
    return (settings().oidc_name or urlsplit(settings().oidc_issuer or "").hostname or "?") if is_configured() else None


def fetch_provider() -> Provider:
    """The provider's own description, fetched at most once an hour.

    Raises:
        ProviderFailed: there is none, it does not answer, or its description names another issuer.
    """
    issuer = settings().oidc_issuer or ""
    if not is_configured():
        raise ProviderFailed(reason=_REASONS["config"])
    at, known = _described.get(issuer, (float("-inf"), None))
    if known is None or monotonic() - at > GOOD_FOR_S:
        known = _read(issuer)
        _described[issuer] = monotonic(), known
    return known


def clear_cache() -> None:
    """Forget the provider's description, so that it is fetched again."""
    _described.clear()


def authorization_url(to: Provider, visit: str, back: str) -> str:
    """The address to send somebody to.

    Args:
        to: the provider.
        visit: the random value in the cookie of their browser.
        back: the address to which the provider sends them back.
    """
    with _client(back) as client:
        address, _ = client.create_authorization_url(
            to.authorize, state=_secret(visit, "state"), code_verifier=_secret(visit, "verifier"), nonce=_secret(visit, "nonce")
        )
    return str(address)


def fetch_subject(of: Provider, visit: str, back: str, code: str, state: str) -> str:
    """The provider's identifier for the person who came back.

    Raises:
        ProviderFailed: the browser is not the one that began the sign-in, the provider refuses, or its answer is not valid.
    """
    if not visit or not hmac.compare_digest(_secret(visit, "state").encode(), state.encode()):
        raise ProviderFailed(reason=_REASONS["state"])
    with _client(back) as client:
        try:
            answer = client.fetch_token(
                of.token, code=code, grant_type="authorization_code", code_verifier=_secret(visit, "verifier"), allow_redirects=False
            )
        except requests.RequestException as error:
            raise ProviderFailed(reason=_REASONS["away"]) from error
        except (AuthlibBaseError, ValueError) as error:
            raise ProviderFailed(reason=_REASONS["refused"]) from error
    claims = check_claims(of, dict(answer), _secret(visit, "nonce"))
    return str(claims["sub"])


def check_claims(of: Provider, answer: dict[str, Any], nonce: str) -> CodeIDToken:
    """The claims of an ID token, after checking that the provider signed it, for us, for this very sign-in, and that it has not expired.

    Raises:
        ProviderFailed: one of the checks fails.
    """
    ours = settings().oidc_client_id
    try:
        token = jwt.decode(
            str(answer.get("id_token", "")), _keys(of), registry=JWSRegistry(algorithms=list(SIGNED_WITH), strict_check_header=False)
        )
        claims = CodeIDToken(
            token.claims,
            token.header,
            {"iss": {"essential": True, "value": of.issuer}, "aud": {"essential": True, "value": ours}, "sub": {"essential": True}},
            {"nonce": nonce, "client_id": ours, "access_token": answer.get("access_token")},
        )
        claims.validate(leeway=LEEWAY_S)
    except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
        raise ProviderFailed(reason=_REASONS["token"]) from error
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT or not claims["sub"].isprintable():
        raise ProviderFailed(reason=_REASONS["token"])
    return claims


def _client(back: str) -> OAuth2Session:
    known = settings()
    return OAuth2Session(
        known.oidc_client_id,
        known.oidc_client_secret,
        scope="openid",
        redirect_uri=back,
        code_challenge_method="S256",
        default_timeout=_PATIENCE_S,
    )


def _secret(visit: str, purpose: str) -> str:
    return hmac.new(visit.encode(), f"gridwell oidc {purpose} v1".encode(), hashlib.sha256).hexdigest()


def _keys(of: Provider) -> KeySet:
    # Fetched each time, because keys change and sign-ins are rare.
    return KeySet.import_key_set(_fetch_json(of.keys))


def _read(issuer: str) -> Provider:
    found = _fetch_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    addresses = [str(found.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if found.get("issuer") != issuer or not all(map(_is_private, [issuer, *addresses])):
        raise ProviderFailed(reason=_REASONS["description"])
    return Provider(issuer, *addresses)


def _fetch_json(address: str) -> Any:
    try:
        answer = requests.get(address, timeout=_PATIENCE_S, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except requests.RequestException as error:
        raise ProviderFailed(reason=_REASONS["away"]) from error
    if not isinstance(found, dict):
        raise ProviderFailed(reason=_REASONS["description"])
    return found


def _is_private(address: str) -> bool:
    """Whether nobody on the network can listen: https, or this very machine."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.scheme == "http" and parts.hostname == "localhost"
