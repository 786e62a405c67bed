"""The function of migration 0014: the server's role writes the rows that its processes need, and no others.

Backups, imports, retention, keys, settings and counted failures are written by the owner of the database alone. Who deletes rows of the
register, and whether the clock can be right, is decided from such rows: a server that was taken over must not be able to write them.
"""

from data.migrations.audit_0010 import IDENTIFIED

SERVERS_ACTIONS = (
    "sign_in",
    "sign_in_half",
    "sign_in_failed",
    "sign_out",
    "sign_out_everywhere",
    "session_ended",
    "reveal_person",
    "reveal_reporter",
    "reveal_head",
    "search_people",
    "list_people",
    "access_record",
    "export",
    "account_added",
    "account_changed",
    "account_disabled",
    "account_enabled",
    "password_changed",
    "second_factor_on",
    "second_factor_off",
    "recovery_codes_made",
    "recovery_code_used",
    "link_made",
    "token_made",
    "token_withdrawn",
)
"""What people do through the server. An action that is not among these is the owner's, so a new one is closed until it is named here."""

_BEFORE = "IF of_action = 'log_restored' AND"
_NOW = f"IF coalesce(of_action, '') <> ALL ('{{{','.join(SERVERS_ACTIONS)}}}'::text[]) AND"
_SAID_BEFORE = "'only the owner of the database says that it was restored'"
_SAID_NOW = "'only the owner of the database writes rows of this kind: %', of_action"

BEFORE = IDENTIFIED
CONFINED = IDENTIFIED.replace(_BEFORE, _NOW, 1).replace(_SAID_BEFORE, _SAID_NOW, 1)

# Rows from before could have been written by the server's role: whoever relies on the owner's rows begins after this one. An empty log
# needs none.
MARK = "SELECT audit_append('owner_rows_begin', '') WHERE EXISTS (SELECT FROM audit_log)"
