"""Recovery codes: ten codes that work once each, for people who do not have their telephone. Shown once, stored as keyed hashes.

A code has 60 bits. Without the key, which is not in the database, its hash cannot be guessed, and each wrong code counts as a failed try
to sign in. So it needs no slow hash, and can be looked up directly.
"""

import secrets

from sqlalchemy import Connection, delete, func, insert, select, update

from data.accounts.model import Account
from data.auditing import audit_log
from data.privacy.sealing import keyed_hash
from data.schema import recovery_code

MANY = 10
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32 characters, without those that are easily confused."""
_MEANT = str.maketrans("ilo", "110")
_GROUPS, _GROUP = 3, 4
_KIND = "account.recovery"


def make_codes(connection: Connection, one: Account) -> list[str]:
    """Make ten new codes for an account; its earlier codes stop working."""
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP)) for _ in range(MANY)]
    connection.execute(delete(recovery_code).where(recovery_code.c.account_id == one.id))
    connection.execute(insert(recovery_code), [{"hash": _hash_code(one.id, code), "account_id": one.id} for code in codes])
    audit_log.append(connection, "recovery_codes_made", one.name, {"codes": MANY})
    return ["-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP)) for code in codes]


def use_code(connection: Connection, one: Account, typed: str) -> bool:
    """Use a code up; returns whether it was valid. If two requests try it at the same time, only one succeeds."""
    code = "".join(filter(str.isalnum, typed.casefold())).translate(_MEANT)
    if len(code) != _GROUPS * _GROUP:
        return False
    good = (recovery_code.c.hash == _hash_code(one.id, code), recovery_code.c.used_at.is_(None))
    if connection.execute(update(recovery_code).where(*good).values(used_at=func.now())).rowcount != 1:
        return False
    audit_log.append(connection, "recovery_code_used", one.name, {"left": count_left(connection, one.id)})
    return True


def count_left(connection: Connection, account_id: int) -> int:
    """How many codes of an account still work."""
    mine = (recovery_code.c.account_id == account_id, recovery_code.c.used_at.is_(None))
    return int(connection.execute(select(func.count()).where(*mine)).scalar_one())


def delete_codes(connection: Connection, account_id: int) -> None:
    """Delete all codes of an account: without a second factor they have no use."""
    connection.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))


def _hash_code(account_id: int, code: str) -> bytes:
    return keyed_hash(f"{account_id}:{code}", _KIND)
