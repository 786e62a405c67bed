"""Headers that tell the browser how to treat an answer: where it may load from, who may frame it, and that it must come over TLS.

The policies are written only here. A page may run scripts and styles of this server, and inline ones that carry the nonce of
its own answer; an answer that is not a page may run nothing. There is no ``unsafe-inline`` and no ``unsafe-eval``: Dash, React,
deck.gl and plotly run without (``tests/browser/test_csp.py`` watches them in a browser). deck.gl's number library tries WebAssembly
when it is loaded, which is allowed: it does nothing that the script that loads it could not do.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from functools import cached_property

from starlette.types import ASGIApp, Message, Receive, Scope, Send

RawHeader = tuple[bytes, bytes]
"""Name, in small letters, and value."""
_DASH = "/_dash-update-component"
_NONCE = "gridwell.nonce"
_PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval' 'nonce-{nonce}'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_WORKER = re.compile(r"/scripts/[^/]+/live_worker\.js")
"""A worker is held to the policy of its own script: this one opens the stream of events, and nothing else."""
_WORKER_POLICY = b"default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_OTHER_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_FRAMED, _FRAMING = "/wall", "/wall/scenes"
"""The page on which scenes of walls are written shows the wall, on which nothing can be pressed. No other page is ever in a frame."""
_POLICY, _TRANSPORT = b"content-security-policy", b"strict-transport-security"
_ONLY_OURS = frozenset({_POLICY, _TRANSPORT})
STYLES_OF_SCRIPTS = """(() => {
  const { nonce } = document.currentScript, make = document.createElement;
  document.createElement = function (name, options) {
    const made = make.call(this, name, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  };
})()"""
"""Dash and plotly have styles inside their scripts and add them to the page when they run. Styles that a script adds carry the
nonce. Styles in markup, into which user text could get, do not."""
ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
    "Referrer-Policy": "same-origin",  # addresses name areas and cases
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}
"""Headers of every answer."""
_ALWAYS_SENT = tuple((name.lower().encode(), value.encode()) for name, value in ALWAYS.items())
_HSTS = b"max-age=31536000"
"""One year; without subdomains, because we cannot promise anything for the operator's other servers."""


class Nonce:
    """The nonce of one answer, made when a page asks for it. All copies of a request's scope hold the same one."""

    @cached_property
    def text(self) -> str:
        return secrets.token_urlsafe(18)


def nonce(scope: Scope) -> str:
    """The nonce of the answer to one request, for the inline scripts and styles of a page; never used again."""
    made: Nonce = scope[_NONCE]
    return made.text


def with_nonce(scope: Scope, html: str) -> str:
    """HTML of ours whose inline ``<script>`` and ``<style>`` elements carry the nonce. Only for HTML that holds no text of users yet."""
    mark = f' nonce="{nonce(scope)}"'
    return html.replace("<script", f"<script{mark}").replace("<style", f"<style{mark}")


class SecurityHeaders:
    """ASGI middleware that completes the headers of every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the headers of the answer."""
        scope[_NONCE] = Nonce()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = complete(message.get("headers", ()), scope)
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


def complete(given: Iterable[RawHeader], scope: Scope) -> list[RawHeader]:
    """The headers of an answer with those that it lacks; its own ones about caching stay, but no answer sets its own policy."""
    made = [one for one in given if one[0] not in _ONLY_OURS]
    if scope["path"] == _FRAMED:
        made.append((b"x-frame-options", b"SAMEORIGIN"))
    present = dict(made)
    made += [one for one in _ALWAYS_SENT if one[0] not in present]
    if scope["path"].startswith(_DASH) and b"content-length" in present and b"content-type" not in present:
        made.append((b"content-type", b"application/json"))  # Dash sends no type and lets the browser guess
    made.append((_POLICY, policy(present.get(b"content-type", b""), scope)))
    if b"cache-control" not in present:
        made.append((b"cache-control", b"no-store"))
    if scope.get("scheme") == "https":
        made.append((_TRANSPORT, _HSTS))
    return made


def policy(media_type: bytes, scope: Scope) -> bytes:
    """The policy of an answer: one for pages, and one for all other answers, which may run nothing."""
    if not media_type.startswith(b"text/html"):
        return _WORKER_POLICY if _WORKER.fullmatch(scope["path"]) else _OTHER_POLICY
    made = _PAGE_POLICY.format(nonce=nonce(scope))
    if scope["path"] == _FRAMED:
        made = made.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    elif scope["path"] == _FRAMING:
        made += "; frame-src 'self'"
    return made.encode()
