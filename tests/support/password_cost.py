"""What a password costs in tests: almost nothing, except where the cost itself is tested (fixture ``production_hasher``).

The product has no setting for it, so that no installation can weaken its passwords by accident.
"""

from argon2 import PasswordHasher

from data.accounts import passwords

PRODUCTION = passwords._hasher
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def use_hasher(hasher: PasswordHasher) -> None:
    """Hash with these parameters from now on, the stand-in for unknown accounts too."""
    passwords._hasher = hasher
    passwords._unknown_hash.cache_clear()
