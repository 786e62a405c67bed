"""Check of issued reports: what is kept is what was issued, as the audit log tells it, and nothing lets anybody change it."""

from data.database.connections import Connection
from data.doctor.model import Outcome, judge_offenders

_WRONG = """
WITH kept AS (
    SELECT r.no::text AS name, r.id, 'json' AS form, r.sha256, sha256(r.content) = r.sha256 AS sound FROM report r
    UNION ALL SELECT r.no || ' · ' || f.form, f.report, f.form, f.sha256, sha256(f.content) = f.sha256
    FROM report_file f JOIN report r ON r.id = f.report
), logged AS (
    SELECT (detail ->> 'report') AS id, 'json' AS form, detail ->> 'sha256' AS sha256 FROM audit_log WHERE action = 'report_issued'
    UNION ALL SELECT detail ->> 'report', f.key, f.value FROM audit_log, jsonb_each_text(detail -> 'files') f WHERE action = 'report_issued'
    UNION ALL SELECT detail ->> 'report', detail ->> 'form', detail ->> 'sha256' FROM audit_log WHERE action = 'report_file'
)
SELECT k.name FROM kept k
WHERE NOT k.sound OR NOT EXISTS (
    SELECT FROM logged l WHERE l.id = k.id::text AND l.form = k.form AND l.sha256 = encode(k.sha256, 'hex'))
UNION ALL SELECT l.id || ' · ' || l.form || ': -' FROM logged l
WHERE NOT EXISTS (SELECT FROM kept k WHERE k.id::text = l.id AND k.form = l.form)
ORDER BY 1
"""
_OPEN = """
SELECT t || ': report_stays' FROM unnest(ARRAY['report', 'report_file']) t WHERE NOT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = to_regclass('public.' || t) AND tgname = 'report_stays' AND tgenabled IN ('O', 'A')
        AND tgtype & 59 = 58 -- before update, delete and truncate, for each statement
        AND tgqual IS NULL AND tgattr = '' AND tgfoid = 'public.report_stays()'::regprocedure)
"""


def issued_reports(connection: Connection) -> Outcome:
    """Every issued report and file has the hash that the audit log tells, and every one in the log is there.

    Offenders are numbers of reports with the form of the file, ids of missing ones, and tables that lack their guard.
    """
    row = connection.execute("SELECT count(*) FROM report").fetchone()
    wrong = [str(found[0]) for query in (_OPEN, _WRONG) for found in connection.execute(query)]
    return judge_offenders(wrong, row[0] if row else 0)
