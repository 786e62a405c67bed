"""``./gridwell audit``: says in the audit log that the database was restored from a backup, or replaces another one."""

import argparse

from cli._terminal import language, say
from data.core.i18n import t

NAME = "audit"
HELP = "Record in the audit log that this database was restored or replaces another, so that stored heads of the lost rows are explained."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    restored = what.add_parser("restored", help="this database was restored from a backup, or made anew")
    restored.add_argument("backup", metavar="NAME", help="which backup, or in a few words why the database is another one")


def run(args: argparse.Namespace) -> int:
    """Write the row, store the new head, and say what the row explains."""
    from data.auditing.anchors import anchor_head
    from data.auditing.restores import record_restore
    from data.database.connections import connect

    lang = language()
    with connect() as connection:
        no = record_restore(connection, args.backup)
        row = connection.execute("SELECT detail -> 'replaces' FROM audit_log WHERE no = %s", [no]).fetchone()
        connection.commit()
        anchor_head(connection)
    for log, last in (row[0] if row else {}).items():
        say(t(lang, "Explained: heads of {log} up to row {last}", log=log, last=last))
    say(t(lang, "Row {no} of the audit log says that the database was restored: {backup}", no=no, backup=args.backup))
    return 0
