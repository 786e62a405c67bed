"""The statements of migration 0048: who sees schedules of reports and changes them, and how a link confirms without signing in.

Schedules belong to whoever manages the area: roles that may, whose scope holds it as a whole. Runs and deliveries are written by the owner
of the database alone, except that a manager lets one go, declines it, or has it tried again. Of what went to an account, the account
itself sees the rows. A link is a key of 256 bits, of which a hash is kept; with it the door's functions tell one delivery, and note that
it was seen.
"""

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
MANAGERS = "'supervisor', 'administrator'"
"""Roles with ``schedule_reports`` in ``data.core.roles``; a test holds that both say the same."""
LINK_DAYS = 90
"""A link confirms for so many days after the report was due."""
MOST_ANSWER = 2000
ACTIONS = ("report_schedule", "report_approved", "report_declined", "report_resent")
"""What people do to schedules through the server."""
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
_MANAGED = f"""(SELECT current_setting('gridwell.role', true) IN ({MANAGERS}) AND current_setting('role') <> 'gridwell_figures')
    AND EXISTS (SELECT FROM area a WHERE a.code = report_schedule.area AND a.city = report_schedule.city
        AND viewer_reaches(a.path, a.code))"""  # noqa: S608 - no value in it
_RUN_MANAGED = "EXISTS (SELECT FROM report_schedule s WHERE s.id = report_run.schedule)"
_MINE = "EXISTS (SELECT FROM report_run r WHERE r.id = report_delivery.run)"
_STUCK = "state IN ('approval', 'failed', 'uncertain', 'refused')"
_LIST = "wall_screen_forgotten,"
_LONGER = f"{_LIST}{','.join(ACTIONS)},"


def _allow(before: str, after: str) -> str:
    """Change the list of actions that the server's role may write, whatever other migrations added to it."""
    return f"""
    DO $do$ BEGIN
        EXECUTE replace(pg_get_functiondef('audit_append(text, text, text, text, jsonb)'::regprocedure), $a${before}$a$, $a${after}$a$);
    END $do$
    """


_OF_LINK = f"""
CREATE FUNCTION report_of_link(of_token bytea) RETURNS TABLE (
    delivery uuid, report uuid, title text, area_name text, area_name_en text, timezone text, first date, last date, due_at timestamptz,
    shown text, account text, lang text, seen_at timestamptz, answer text)
LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT d.id, d.report, s.name, a.name, a.name_en, c.timezone, r.first, r.last, r.due_at, n.shown, d.account, d.lang, t.seen_at, t.answer
    FROM report_delivery d JOIN report_run r ON r.id = d.run JOIN report_schedule s ON s.id = r.schedule JOIN city c ON c.code = s.city
    JOIN account n ON n.name = d.account AND n.disabled_at IS NULL
    LEFT JOIN area a ON a.code = d.area LEFT JOIN report_receipt t ON t.delivery = d.id
    WHERE d.tokens @> ARRAY[of_token] AND r.due_at > now() - interval '{LINK_DAYS} days'
$$
"""  # noqa: S608 - no value in it
# Seen once stays seen; an answer may be written once more, and the newest one stands.
_CONFIRM = f"""
CREATE FUNCTION report_confirm(of_token bytea, of_answer text) RETURNS boolean LANGUAGE sql SECURITY DEFINER {_SAFELY} AS $$
    WITH found AS (
        INSERT INTO report_receipt AS t (delivery, seen_at, answer, answered_at)
        SELECT l.delivery, clock_timestamp(), left(of_answer, {MOST_ANSWER}), CASE WHEN of_answer <> '' THEN clock_timestamp() END
        FROM report_of_link(of_token) l
        ON CONFLICT (delivery) DO UPDATE SET answer = CASE WHEN excluded.answer <> '' THEN excluded.answer ELSE t.answer END,
            answered_at = coalesce(excluded.answered_at, t.answered_at)
        RETURNING 1)
    SELECT EXISTS (SELECT FROM found)
$$
"""  # noqa: S608 - no value in it
_TABLES = ("report_schedule", "report_run", "report_delivery", "report_receipt")
_FUNCTIONS = ("report_of_link(bytea)", "report_confirm(bytea, text)")

UPGRADE = (
    _allow(_LIST, _LONGER),
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in _TABLES),
    f"CREATE POLICY managed ON report_schedule FOR SELECT USING ({_MANAGED})",
    f"CREATE POLICY made ON report_schedule FOR INSERT WITH CHECK ({_MANAGED})",
    f"CREATE POLICY changed ON report_schedule FOR UPDATE USING ({_MANAGED}) WITH CHECK ({_MANAGED})",
    f"CREATE POLICY managed ON report_run FOR SELECT USING ({_RUN_MANAGED})",
    f"CREATE POLICY managed ON report_delivery FOR SELECT USING ({_MINE})",
    f"CREATE POLICY own ON report_delivery FOR SELECT USING (account = {_ACCOUNT})",
    f"CREATE POLICY let_go ON report_delivery FOR UPDATE USING ({_STUCK} AND {_MINE})"
    f" WITH CHECK (state IN ('waiting', 'making', 'declined') AND {_MINE})",
    "CREATE POLICY seen ON report_receipt FOR SELECT USING (EXISTS (SELECT FROM report_delivery d WHERE d.id = delivery))",
    "GRANT SELECT (id, run, account, area, report, state, sent_at) ON report_delivery TO gridwell_figures",
    "GRANT SELECT ON report_schedule, report_run, report_receipt TO gridwell_figures",
    "GRANT SELECT (id, run, account, channel, target, area, lang, report, detail, state, tries, next_at, failure, approved_by, sent_at,"
    " changed_at) ON report_delivery TO gridwell_cases",
    "GRANT INSERT (city, name, kind, step, area, level, rhythm, figures_only, approval, send_empty, recipients) ON report_schedule"
    " TO gridwell_cases",
    "GRANT UPDATE (name, kind, step, area, level, rhythm, figures_only, approval, send_empty, recipients, since, off_at, version,"
    " changed_at, changed_by) ON report_schedule TO gridwell_cases",
    "GRANT UPDATE (state, tries, next_at, approved_by, changed_at) ON report_delivery TO gridwell_cases",
    _OF_LINK,
    _CONFIRM,
    *(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC" for function in _FUNCTIONS),
    *(f"GRANT EXECUTE ON FUNCTION {function} TO gridwell_door" for function in _FUNCTIONS),
)
DOWNGRADE = (*(f"DROP FUNCTION {function}" for function in reversed(_FUNCTIONS)), _allow(_LONGER, _LIST))
