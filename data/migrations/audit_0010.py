"""The function of migration 0010: the log has an identity of its own, and only the owner of the database says that it was restored."""

from data.migrations.rights_0006 import AUDIT_APPEND

_LOCKED = "PERFORM pg_advisory_xact_lock(7411007);"
_FIRST_ROW = "made.prev := coalesce(last.hash, '');"

# A restore explains heads that do not fit. Whoever could write its row could explain away what they hide, so the server's role may not.
_OWNER_ONLY = """IF of_action = 'log_restored' AND NOT pg_has_role(session_user,
        (SELECT relowner FROM pg_class WHERE oid = 'public.audit_log'::regclass), 'MEMBER') THEN
        RAISE EXCEPTION 'only the owner of the database says that it was restored' USING ERRCODE = 'GW003';
    END IF;
    """

# The first row follows 16 random bytes instead of another row. Its hash covers them, and so does every later hash.
_IDENTITY = "made.prev := coalesce(last.hash, uuid_send(gen_random_uuid()));"

BEFORE = AUDIT_APPEND.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
IDENTIFIED = BEFORE.replace(_LOCKED, _OWNER_ONLY + _LOCKED, 1).replace(_FIRST_ROW, _IDENTITY, 1)
