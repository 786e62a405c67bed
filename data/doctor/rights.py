"""Checks of rights: PostgreSQL enforces them, and can use its indexes for that."""

import psycopg

from data.core.roles import SERVICE
from data.database.connections import Connection, connection_arguments, service_url
from data.database.lockdown import QUERIES, list_pending_statements
from data.database.server_roles import LEAKPROOF, MEMBERS, ROLES
from data.doctor.model import Outcome, city_check, judge_offenders, judge_statement
from data.rollup.spans import FRESH

POLICED = (
    *("person", "incident", "incident_event", "incident_reporter", "area", "facility", "incident_daily", "incident_open"),
    *("case_request", "case_idempotency"),
    *("report_request", "report_draft", "report", "report_file", "report_wish"),
)
"""Tables whose rows are visible only inside a viewer's scope."""

_ROLES = """
SELECT r.rolname, r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb
FROM pg_roles r WHERE r.rolname = ANY(%s)
"""
_MEMBERS = "SELECT g.rolname, m.rolname FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member"
_UNGUARDED = """
SELECT t FROM unnest(%(tables)s::text[]) t JOIN pg_class c ON c.oid = to_regclass(t)
WHERE NOT c.relrowsecurity OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
ORDER BY t
"""
_UNTRUSTED = "SELECT f FROM unnest(%s::text[]) f JOIN pg_proc p ON p.oid = to_regprocedure(f) WHERE NOT p.proleakproof ORDER BY f"
_OPEN = """
SELECT c.relname || ' · ' || coalesce(nullif(g.grantee::regrole::text, '-'), 'PUBLIC') || ' · ' || g.privilege_type
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
WHERE c.relnamespace IN ('public'::regnamespace, to_regnamespace('packs')) AND c.relkind IN ('r', 'p', 'v')
  AND (g.grantee = 0 OR g.grantee = %s::regrole
    OR g.grantee <> c.relowner AND c.relkind = 'r' AND c.relnamespace = to_regnamespace('packs'))
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""

_UNBARRED = """
SELECT c.relname || ': security_barrier' FROM pg_class c
WHERE c.relnamespace = to_regnamespace('packs') AND c.relkind = 'v'
    AND NOT coalesce(c.reloptions, '{}') && '{security_barrier,security_barrier=true}'
ORDER BY 1
"""
"""Records of theme packs are read through views alone, which have to keep a reader's conditions from rows that the reader may not see."""


def roles(connection: Connection) -> Outcome:
    """Every role exists, has the right memberships, and can do nothing by itself."""
    found: dict[str, bool] = dict(connection.execute(_ROLES, [list(ROLES)]).fetchall())
    members = set(connection.execute(_MEMBERS).fetchall())
    wrong = [f"{name}: -" for name in ROLES if name not in found]
    wrong += [f"{name}: SUPERUSER, BYPASSRLS, CREATEROLE, CREATEDB" for name, mighty in found.items() if mighty]
    wrong += [f"{role} → {member}: -" for role, member in MEMBERS if (role, member) not in members]
    return judge_offenders(wrong, len(ROLES))


def policies(connection: Connection) -> Outcome:
    """Every table with rows of areas has its policy, nothing is granted to everybody or the server's own role, and records of theme packs
    are read through their views alone.
    """
    unguarded = [f"{name}: ROW LEVEL SECURITY" for (name,) in connection.execute(_UNGUARDED, {"tables": list(POLICED)})]
    given = [name for (name,) in connection.execute(_OPEN, [SERVICE])] if not _missing(connection) else []
    unbarred = [name for (name,) in connection.execute(_UNBARRED)]
    return judge_offenders(unguarded + given + unbarred, len(POLICED))


def _missing(connection: Connection) -> bool:
    return connection.execute("SELECT to_regrole(%s) IS NULL", [SERVICE]).fetchone() == (True,)


def trust(connection: Connection) -> Outcome:
    """Operators are leak-proof. Without that, answers are right but slow. Offenders are the statements that a superuser has to run."""
    wrong = [f"ALTER FUNCTION {name} LEAKPROOF;" for (name,) in connection.execute(_UNTRUSTED, [list(LEAKPROOF)])]
    return judge_offenders(wrong, len(LEAKPROOF), note=True)


def confined(connection: Connection) -> Outcome:
    """The server's role can leave nothing behind in the database.

    Offenders are the statements that the server's administrator has to run.
    """
    wrong = [] if _missing(connection) else [f"{statement};" for statement in list_pending_statements(connection)]
    return judge_offenders(wrong, len(QUERIES), note=True)


def service(connection: Connection) -> Outcome:
    """The server can sign in, and not as the owner of the tables."""
    url = service_url()
    wrong = []
    try:
        with psycopg.connect(**connection_arguments(url, "gridwell doctor")) as session:
            row = session.execute(
                "SELECT pg_has_role(session_user, c.relowner, 'MEMBER') FROM pg_class c WHERE oid = 'person'::regclass"
            ).fetchone()
            if row != (False,):
                wrong.append(f"{url.username}: person")
    except psycopg.OperationalError as error:
        wrong.append(f"{url.username}: {(str(error).strip().splitlines() or ['-'])[-1]}")
    return Outcome("{found}", {"found": str(url.username)}, len(wrong), tuple(wrong))


@city_check("fresh.spans", "The tree that policies use is the present tree")
def spans(connection: Connection, city: str) -> Outcome:
    """The stored spans, with which policies on roll-ups compare, contain exactly the areas inside each area."""
    return judge_statement(connection, city, "SELECT count(*) FROM area WHERE city = %(city)s", _SPANS)


_SPANS = f"""
SELECT coalesce(f.area, s.area) FROM ({FRESH}) f
FULL JOIN (SELECT s.* FROM area_span s JOIN area a ON a.code = s.area WHERE a.city = %(city)s) s ON s.area = f.area
WHERE f.bounds IS DISTINCT FROM s.bounds
"""  # noqa: S608 - ours
