"""The second factor: codes of six digits that change every 30 seconds (TOTP, RFC 6238, SHA-1 as all authenticator apps do it)."""

import hmac
from datetime import datetime

import pyotp

STEP_S = 30
DRIFT_STEPS = 1
"""Clocks of telephones are a little wrong: the codes of the step before and after are valid too."""
_DIGITS = 6


def make_secret() -> str:
    """Make a new secret of 160 bits, in base32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, account: str) -> str:
    """The address in the QR code: ``otpauth://totp/Gridwell:name?secret=…``."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name="Gridwell")


def step_of(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """The step that a code belongs to, or ``None`` where it is wrong or was used before.

    Args:
        secret: the account's secret, base32.
        code: as typed; spaces do not count.
        now: a moment with a time zone.
        last_step: the step of the last accepted code. Each code works only once, so a code that somebody saw is useless (RFC 6238 5.2).
    """
    given = "".join(code.split())
    if len(given) != _DIGITS or not given.isascii() or not given.isdecimal():
        return None
    here, found = int(now.timestamp()) // STEP_S, None
    codes = pyotp.TOTP(secret)
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        # All are compared, also after the right one, so that the time taken reveals nothing.
        if hmac.compare_digest(codes.at(step * STEP_S), given) and (last_step is None or step > last_step):
            found = step
    return found


def group_by_four(secret: str) -> str:
    """A secret in groups of four, for typing it by hand."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
