"""Keeps the server's role from leaving anything behind outside of our tables.

PostgreSQL lets every role change its own defaults (``ALTER ROLE … SET``), make temporary tables, and write large objects. Each of these
would outlive the transaction of an attacker who found a way to send a statement.
"""

import psycopg

from data.core.roles import SERVICE
from data.database.connections import Connection
from data.database.locks import MIGRATING

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
    """Statements that still have to be run; none where the server's role can leave nothing behind."""
    return [row[0] for query in QUERIES for row in connection.execute(query, {"role": SERVICE})]


def lock_down(connection: Connection) -> list[str]:
    """Run each of these statements that this connection may run, and return the others.

    A role may always reset its own defaults. The owner of the database may also revoke temporary tables, and a superuser may run all.
    """
    for statement in list_pending_statements(connection):
        try:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATING])  # of two processes that start at once, one runs it
                if statement in list_pending_statements(connection):
                    connection.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege:
            continue
    return list_pending_statements(connection)
