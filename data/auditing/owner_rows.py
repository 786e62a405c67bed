"""Rows of the audit log that only the owner of the database can have written.

Since migration 0014 the database refuses such rows from the server's role. A log that is older has a row that says where this begins.
"""

from typing import LiteralString

TRUST_BEGINS = "owner_rows_begin"
OWNERS: LiteralString = "no > coalesce((SELECT max(no) FROM audit_log WHERE action = 'owner_rows_begin'), 0)"
"""A condition on rows of ``audit_log``. It holds for actions that ``data.migrations.audit_0014`` does not leave to the server."""
