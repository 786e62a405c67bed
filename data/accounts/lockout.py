"""Waits after failed tries to sign in: they get longer and longer, but an account is never locked for ever.

Each account counts the wrong passwords and codes since the last right one. After more than four, the next try has to wait, each time
twice as long. Tries during a wait are neither checked nor counted, so that nobody can lock somebody else out by trying all the time.
"""

from datetime import datetime, timedelta

FREE_TRIES = 4
FIRST_WAIT_S, LONGEST_WAIT_S = 2, 900
FORGOTTEN_AFTER = timedelta(hours=24)
"""Failures that are older than this do not count."""


def wait_s(failed: int) -> int:
    """Seconds to wait after the last of so many failures: 0 up to the fourth, then 2, 4, 8, … and at most 15 minutes."""
    if failed <= FREE_TRIES:
        return 0
    return int(min(FIRST_WAIT_S * 2 ** min(failed - FREE_TRIES - 1, 20), LONGEST_WAIT_S))


def next_try_at(failed: int, failed_at: datetime | None) -> datetime | None:
    """The moment from which the next try is checked; ``None`` where there is no wait."""
    return failed_at + timedelta(seconds=wait_s(failed)) if failed_at is not None and wait_s(failed) else None


def must_wait(failed: int, failed_at: datetime | None, now: datetime) -> bool:
    """Whether a try made now has to wait.

    A failure from the future was stored while the clock was wrong: it does not lock an account until then.
    """
    begins = next_try_at(failed, failed_at)
    return begins is not None and now < begins <= now + timedelta(seconds=2 * LONGEST_WAIT_S)


def count_failure(failed: int, failed_at: datetime | None, now: datetime) -> int:
    """The number of failures after one more."""
    old = failed_at is None or now - failed_at > FORGOTTEN_AFTER
    return 1 if old else failed + 1
