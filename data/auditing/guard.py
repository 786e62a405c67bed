"""What could change the audit log besides its own function, or hide rows of it: rights, triggers, rules, policies, other functions.

The owner of the database can make all of these. They leave no trace in the chain: a row that a changed function never wrote is not missing.
"""

from data.database.connections import Connection

FUNCTIONS = {
    "audit_append": "33b4d0d847339ce21445e7bc2d691e07189177390645ec93420fbc578f6b9b0d",
    "audit_hash": "c82baaae07d9bd99087c849bd646683f13cc383fa945c1724624a6a54c70220f",
    "audit_stays": "a137621cba2f7efa37a4aebd7d5c641a59369a4fa1c20fda15b685457dbeb067",
}
"""SHA-256 of the source of each function (``pg_proc.prosrc``), as the newest migration leaves it: one that changes it changes it here."""

_GRANTS = """
SELECT coalesce(r.rolname, 'PUBLIC') || ': ' || string_agg(DISTINCT g.privilege_type, ', ' ORDER BY g.privilege_type)
FROM (
    SELECT (aclexplode(relacl)).* FROM pg_class WHERE oid = 'public.audit_log'::regclass
    UNION ALL SELECT (aclexplode(attacl)).* FROM pg_attribute WHERE attrelid = 'public.audit_log'::regclass
) g LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE g.privilege_type <> 'SELECT' AND g.grantee <> (SELECT relowner FROM pg_class WHERE oid = 'public.audit_log'::regclass)
GROUP BY r.rolname ORDER BY 1
"""
_TRIGGER = """
SELECT 'audit_stays' WHERE NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = 'public.audit_log'::regclass AND tgname = 'audit_stays' AND tgenabled IN ('O', 'A')
        AND tgtype & 59 = 58 -- before update, delete and truncate, for each statement
        AND tgqual IS NULL AND tgattr = '' AND tgfoid = 'public.audit_stays()'::regprocedure)
"""
_ADDED = """
SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid = 'public.audit_log'::regclass AND NOT tgisinternal AND tgname <> 'audit_stays'
UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite WHERE ev_class = 'public.audit_log'::regclass
UNION ALL SELECT 'policy ' || polname FROM pg_policy WHERE polrelid = 'public.audit_log'::regclass
UNION ALL SELECT 'table ' || c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.audit_log'::regclass
ORDER BY 1
"""
_FUNCTIONS = """
SELECT 'function ' || p.oid::regprocedure FROM pg_proc p JOIN pg_class log ON log.oid = 'public.audit_log'::regclass
WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY(%(names)s) AND NOT (
    p.proowner = log.relowner AND p.prosecdef = (p.proname = 'audit_append')
    AND (p.proname, encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex')) IN (SELECT * FROM unnest(%(names)s::text[], %(sources)s::text[]))
    AND (NOT p.prosecdef OR p.proconfig = ARRAY['search_path=pg_catalog, public, pg_temp']))
ORDER BY 1
"""


def list_breaches(connection: Connection) -> tuple[str, ...]:
    """Whatever could change the log, or keep rows out of it, by name; nothing where all is as the migrations made it.

    Args:
        connection: the owner's.
    """
    names, sources = [*FUNCTIONS], [*FUNCTIONS.values()]
    found = [str(row[0]) for query in (_GRANTS, _TRIGGER, _ADDED) for row in connection.execute(query)]
    return (*found, *(str(row[0]) for row in connection.execute(_FUNCTIONS, {"names": names, "sources": sources})))
