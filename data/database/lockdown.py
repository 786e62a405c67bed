"""What the server's role could leave behind for those after it, beside our tables, and how it is kept from that.

PostgreSQL lets every role change its own defaults (``ALTER ROLE … SET``), make temporary tables, and write large objects. Each would
outlive the transaction of whoever found a way to send a statement of their own.
"""

from typing import Any

import psycopg

from data.core.roles import SERVICE
from data.database.locks import MIGRATING

Connection = psycopg.Connection[Any]

_DEFAULTS = """
SELECT format('ALTER ROLE %%I %%sRESET ALL', r.rolname, coalesce('IN DATABASE ' || quote_ident(d.datname) || ' ', ''))
FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
WHERE r.rolname = %(role)s AND (d.oid IS NULL OR d.datname = current_database())
ORDER BY 1
"""
_TEMPORARY = """
SELECT format('REVOKE TEMPORARY ON DATABASE %%I FROM PUBLIC', current_database())
WHERE has_database_privilege(%(role)s, current_database(), 'TEMPORARY')
"""
_LARGE_OBJECTS = """
SELECT 'REVOKE EXECUTE ON FUNCTION ' || string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid::regprocedure::text) || ' FROM PUBLIC'
FROM pg_proc p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^(lo_.*|loread|lowrite)$'
    AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')
HAVING count(*) > 0
"""
QUERIES = (_DEFAULTS, _TEMPORARY, _LARGE_OBJECTS)


def list_pending_statements(connection: Connection) -> list[str]:
    """Statements that are yet to be run, by whoever may; none where the server's role can leave nothing behind."""
    return [row[0] for query in QUERIES for row in connection.execute(query, {"role": SERVICE})]


def lock_down(connection: Connection) -> list[str]:
    """Run of these what this connection may, each by itself; what it may not is left, and returned.

    A role may always take its own defaults back; of the rest the owner of the database may do the second, a superuser all.
    """
    for statement in list_pending_statements(connection):
        try:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATING])  # of two that start at once, one does it
                if statement in list_pending_statements(connection):
                    connection.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege:
            continue
    return list_pending_statements(connection)
