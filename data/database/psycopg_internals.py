"""All private parts of psycopg that Gridwell uses. ``tests/house/test_internals.py`` checks that no other module uses any.

``psycopg.errors._WaitTimeout``, used with psycopg 3.3: what ``AsyncConnection.wait(…, timeout=)`` raises. The driver turns it into an
error of each method that has a time limit; ``wait`` itself, which every method uses, has no public error for it.

When ``tests/database/test_psycopg_internals.py`` fails after an update: look at ``wait`` in ``psycopg/connection_async.py`` for what it
raises, and change this file only.
"""

import psycopg

WAIT_TIMED_OUT: type[psycopg.OperationalError] = psycopg.errors._WaitTimeout
