"""Settings of the whole server: Gridwell's roles, and which functions PostgreSQL may use before it checks a policy (``LEAKPROOF``).

They cannot be in a migration: a database may be moved to another server, and an update of PostGIS resets ``LEAKPROOF``.
"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data.core.errors import GridwellError

ROLES = {
    "gridwell_figures": "NOLOGIN",
    "gridwell_cases": "NOLOGIN",
    "gridwell_people": "NOLOGIN",
    "gridwell_door": "NOLOGIN",
    "gridwell_audit": "NOLOGIN",
    "gridwell_imports": "NOLOGIN",
    "gridwell_printer": "NOLOGIN",
    "gridwell_service": "LOGIN NOINHERIT",
}
"""Our roles. ``NOINHERIT``: the service has no rights until it switches to one of the others."""

MEMBERS = (
    ("gridwell_figures", "gridwell_cases"),
    ("gridwell_cases", "gridwell_people"),
    *((role, "gridwell_service") for role in ROLES if role != "gridwell_service"),
)
"""Memberships: which role is granted to which."""


LEAKPROOF = (
    "ltree_isparent(ltree, ltree)",
    "ltree_risparent(ltree, ltree)",
    "geometry_overlaps(geometry, geometry)",
    "geometry_within(geometry, geometry)",
    "geometry_contains(geometry, geometry)",
    "arraycontains(anyarray, anyarray)",
    "arrayoverlap(anyarray, anyarray)",
)
"""The functions of the operators ``@>``, ``<@``, ``&&``, ``@`` and ``~``, the first and third also of arrays. They compare boxes, labels
and elements, and reveal nothing of their arguments. PostgreSQL must know that: otherwise it reads every row of a table with a policy
instead of using an index.
"""


_MISSING_ROLES = "SELECT array(SELECT name FROM unnest(CAST(:names AS text[])) name WHERE name NOT IN (SELECT rolname FROM pg_roles))"
_MEMBERS = "SELECT g.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member"
_UNTRUSTED = """
SELECT array(SELECT f FROM unnest(CAST(:functions AS text[])) f JOIN pg_proc p ON p.oid = to_regprocedure(f) AND NOT p.proleakproof)
"""
_NO_RIGHT = "42501"
_TRIES = 5


class NoRoles(GridwellError):
    status, code = 503, "no_roles"
    sentence = (
        "The database's account may not make the roles that Gridwell keeps people's rights with ({reason})."
        " As the server's administrator, run: {statements};"
    )


def ensure_roles(connection: Connection) -> None:
    """Create the missing roles, in the caller's transaction. If none is missing, this does nothing and needs no rights.

    Raises:
        NoRoles: some are missing, and this account may not make them.
    """
    for attempt in range(_TRIES):
        try:
            with connection.begin_nested():
                for statement in list_missing_statements(connection):
                    connection.execute(text(statement))
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == _NO_RIGHT:
                reason = str(error.orig).strip().splitlines()[0]
                raise NoRoles(reason=reason, statements="; ".join(list_missing_statements(connection))) from error
            # Roles belong to the whole server: a process of another database may create them right now, and our lock is per database.
            if attempt == _TRIES - 1:
                raise


def list_missing_statements(connection: Connection) -> list[str]:
    """Statements that create the missing roles and memberships."""
    roles = set(connection.execute(text(_MISSING_ROLES), {"names": list(ROLES)}).scalar_one())
    members = {tuple(row) for row in connection.execute(text(_MEMBERS))}
    made = [f"CREATE ROLE {role} {how}" for role, how in ROLES.items() if role in roles]
    return made + [f"GRANT {role} TO {member}" for role, member in MEMBERS if (role, member) not in members]


def mark_leakproof(connection: Connection) -> None:
    """Mark the functions in ``LEAKPROOF`` if this account is a superuser: nobody else may. Otherwise the doctor reports them."""
    try:
        with connection.begin_nested():
            for function in list_unmarked_functions(connection):
                connection.execute(text(f"ALTER FUNCTION {function} LEAKPROOF"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_RIGHT:
            raise


def list_unmarked_functions(connection: Connection) -> list[str]:
    """Functions of ``LEAKPROOF`` that are not marked."""
    return list(connection.execute(text(_UNTRUSTED), {"functions": list(LEAKPROOF)}).scalar_one())
