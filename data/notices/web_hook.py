"""Web hooks: a signed POST, as the specification Standard Webhooks has it, so that libraries in every language can check it.

The signature is HMAC-SHA256 with ``GRIDWELL_NOTICE_SECRET`` over ``id.timestamp.body``. A message that is sent again has the same id.
"""

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NewConnectionError

from data.core.settings import loopback, settings
from data.notices.failures import NotSent

TIMEOUT_S = (5.0, 15.0)
_TAKEN = range(200, 300)


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header ``webhook-signature``."""
    digest = hmac.new(secret.encode(), f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def find_origin(address: str) -> str | None:
    """Scheme, host and port of an address that web hooks may be sent to at all: https, or http on this machine; ``None`` for others."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.username or parts.scheme not in ("http", "https"):
        return None
    if parts.scheme == "http" and not loopback(parts.hostname):
        return None
    return f"{parts.scheme}://{parts.hostname}:{port or (443 if parts.scheme == 'https' else 80)}"


def is_named(address: str) -> bool:
    """Whether the settings allow an address."""
    origin = find_origin(address)
    return origin is not None and origin in {find_origin(one.strip()) for one in settings().notice_hooks.split(",")}


def _never_connected(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def post(address: str, message_id: str, timestamp: int, body: bytes) -> None:
    """Send a message.

    Raises:
        NotSent: it may not go there, or it was not taken; uncertain, where no answer came to what was sent.
    """
    secret = settings().notice_secret
    if secret is None or not is_named(address):
        raise NotSent("not_set")
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }
    try:
        with requests.Session() as session:
            session.trust_env = False  # neither a proxy nor a password of the environment
            answer = session.post(address, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True)
            status = answer.status_code
            answer.close()
    except requests.exceptions.SSLError:
        raise NotSent("certificate") from None
    except (requests.ConnectTimeout, UnicodeError):
        raise NotSent("no_answer") from None
    except requests.RequestException as error:
        raise NotSent("no_answer", uncertain=not _never_connected(error)) from None
    if status not in _TAKEN:
        raise NotSent(f"status_{status}")
