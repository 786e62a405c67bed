"""Headers that tell the browser how to treat an answer: where it may load from, who may frame it, and that it must come over TLS.

The policies are written only here. A page may run scripts and styles of this server, and inline ones that carry the nonce of
its own answer; an answer that is not a page may run nothing. There is no ``unsafe-inline`` and no ``unsafe-eval``: Dash, React,
deck.gl and plotly run without (``tests/browser/test_csp.py`` watches them in a browser). deck.gl's number library tries WebAssembly
when it is loaded, which is allowed: it does nothing that the script that loads it could not do.
"""

import secrets
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
_OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
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
_HSTS = "max-age=31536000"
"""One year; without subdomains, because we cannot promise anything for the operator's other servers."""


def nonce(scope: Scope) -> str:
    """The nonce of the answer to one request, for the inline scripts and styles of a page; never used again."""
    return str(scope[_NONCE])


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
        scope[_NONCE] = secrets.token_urlsafe(18)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                complete(MutableHeaders(scope=message), scope)
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


def complete(headers: MutableHeaders, scope: Scope) -> None:
    """Add missing headers to an answer; its own headers about caching stay."""
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    if scope["path"].startswith(_DASH) and "content-length" in headers:
        headers.setdefault("Content-Type", "application/json")  # Dash sends no type and lets the browser guess
    headers["Content-Security-Policy"] = policy(headers.get("content-type", ""), scope)
    headers.setdefault("Cache-Control", "no-store")
    if scope.get("scheme") == "https":
        headers["Strict-Transport-Security"] = _HSTS


def policy(media_type: str, scope: Scope) -> str:
    """The policy of an answer: one for pages, and one for all other answers, which may run nothing."""
    if not media_type.startswith("text/html"):
        return _OTHER_POLICY
    return _PAGE_POLICY.format(nonce=nonce(scope))
