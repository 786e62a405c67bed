"""The statements of migration 0050: recipients confirm on the report's page, what waits is stopped, and approval comes before the issue.

Whoever a report went to by account confirms it with their own session, as by the link: one receipt, whichever way came first. A change of
a schedule stops what it had still to send, in the transaction of the change, so that nothing is lost between the two: what is being tried
at that moment is marked, and ends as sent or as stopped. A report that waits for approval is a preview, which opens for whoever manages the
schedule and is kept until then. Heads of areas and accounts to choose from are told to managers alone.
"""

from data.migrations.reports.kept_0047 import PRINTER
from data.migrations.reports.sent_0048 import MANAGERS, MOST_ANSWER

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
ACTIONS = ("report_seen",)
"""What recipients do through the server."""
_LIST, _LONGER = "report_schedule,", "report_seen,report_schedule,"
HEADS = "'leader', 'supervisor'"
"""Roles that lead an area, the first before the others."""
MOST_CHOICES = 2000
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
_MANAGES = f"current_setting('gridwell.role', true) IN ({MANAGERS}) AND current_setting('role') IN ('gridwell_cases', 'gridwell_people')"
_BY_OWNER = """pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'public.account'::regclass), 'MEMBER')
            AND current_setting('role') = 'none'"""


def _allow(before: str, after: str) -> str:
    """Change the list of actions that the server's role may write, whatever other migrations added to it."""
    return f"""
    DO $do$ BEGIN
        EXECUTE replace(pg_get_functiondef('audit_append(text, text, text, text, jsonb)'::regprocedure), $a${before}$a$, $a${after}$a$);
    END $do$
    """


# As ``report_confirm``: seen once stays seen, the newest answer stands. Who was sent it in several ways confirms all of them with one.
_CONFIRM = f"""
CREATE FUNCTION report_confirm_own(of_report uuid, of_answer text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE
    said CONSTANT text := left(coalesce(of_answer, ''), {MOST_ANSWER});
    told record;
    fresh boolean;
BEGIN
    SELECT d.id, d.area INTO told
    FROM report_delivery d JOIN report p ON p.id = d.report LEFT JOIN report_receipt t ON t.delivery = d.id
    WHERE d.report = of_report AND d.account = {_ACCOUNT} AND d.state IN ('waiting', 'sending', 'uncertain', 'sent', 'failed')
        AND viewer_gets(p.detail, p.scope, p.figures, p.zone)
    ORDER BY t.seen_at NULLS LAST, d.sent_at NULLS LAST, d.id LIMIT 1;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO report_receipt (delivery, seen_at, answer, answered_at)
    VALUES (told.id, clock_timestamp(), said, CASE WHEN said <> '' THEN clock_timestamp() END) ON CONFLICT (delivery) DO NOTHING;
    fresh := FOUND;
    IF NOT fresh AND said <> '' THEN
        UPDATE report_receipt SET answer = said, answered_at = clock_timestamp() WHERE delivery = told.id;
    END IF;
    IF fresh OR said <> '' THEN
        PERFORM audit_append('report_seen', told.area, NULL, NULL,
            jsonb_build_object('report', of_report, 'delivery', told.id, 'answered', said <> ''));
    END IF;
    RETURN true;
END $$
"""  # noqa: S608 - no value in it
# What is tried right now is marked alone: the keeper ends it. What may have arrived stays uncertain, and is tried no more.
_STOPS = f"""
CREATE FUNCTION report_schedule_stops() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE
    why CONSTANT text := CASE WHEN NEW.off_at IS NOT NULL AND OLD.off_at IS NULL THEN 'switched_off'
        WHEN NEW.recipients IS DISTINCT FROM OLD.recipients THEN 'removed' END;
BEGIN
    IF why IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE report_delivery d SET state = CASE WHEN d.state IN ('sending', 'uncertain') THEN d.state ELSE 'stopped' END,
        next_at = CASE WHEN d.state = 'sending' THEN d.next_at END,
        stopped_at = now(), stopped_by = coalesce({_ACCOUNT}, '-'), stopped_why = why, changed_at = now()
    FROM report_run r
    WHERE r.id = d.run AND r.schedule = NEW.id AND (d.state IN ('making', 'approval', 'waiting', 'sending')
        OR d.state = 'uncertain' AND d.next_at IS NOT NULL)
        AND (why = 'switched_off' OR NOT EXISTS (SELECT FROM jsonb_array_elements(NEW.recipients) w
            WHERE coalesce(w ->> 'area', d.area) = d.area AND CASE WHEN d.to_head THEN w ->> 'account' = '@head'
                ELSE w ->> 'account' = d.account AND w ->> 'channel' = d.channel AND w ->> 'target' = d.target END));
    DELETE FROM report_request q WHERE q.asker = 'schedule:' || NEW.id AND q.state = 'queued'
        AND NOT EXISTS (SELECT FROM report_delivery d WHERE d.report = q.id AND d.state = 'making');
    RETURN NULL;
END $$
"""  # noqa: S608 - no value in it
_WAITS = f"""
CREATE FUNCTION report_waits(of_report uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT EXISTS (SELECT FROM report_delivery d WHERE d.report = of_report AND d.state IN ('making', 'approval'))
$$
"""  # noqa: S608 - no value in it
_HEADS = f"""
CREATE FUNCTION report_heads(of_areas text[]) RETURNS TABLE (area text, account text, shown text, role text)
LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    SELECT f.code, f.name, f.shown, f.role FROM (
        SELECT a.code, n.name, n.shown, n.role,
            rank() OVER (PARTITION BY a.code ORDER BY array_position(ARRAY[{HEADS}], n.role)) AS place
        FROM area a JOIN account n ON n.scope = a.code AND n.disabled_at IS NULL AND n.role IN ({HEADS})
        WHERE a.code = ANY (of_areas) AND ({_BY_OWNER} OR {_MANAGES} AND viewer_reaches(a.path, a.code))
    ) f WHERE f.place = 1 ORDER BY f.code, f.name
$$
"""  # noqa: S608 - no value in it
# Whom a manager can name as a recipient: as ``names_of_accounts`` tells names, without machines and closed accounts.
_CHOICES = f"""
CREATE FUNCTION report_recipients() RETURNS TABLE (account text, shown text) LANGUAGE sql STABLE SECURITY DEFINER {_SAFELY} AS $$
    WITH seen AS MATERIALIZED (
        SELECT c.code FROM city c JOIN area t ON t.code = c.code WHERE t.path <@ viewer_scope() OR t.path @> viewer_scope()
    )
    SELECT a.name, a.shown FROM account a
    WHERE {_MANAGES} AND a.disabled_at IS NULL AND a.role NOT IN ('wall', 'hazard_feed')
        AND (a.scope = '*' OR EXISTS (SELECT FROM area s JOIN seen ON seen.code = s.city WHERE s.code = a.scope))
    ORDER BY a.name LIMIT {MOST_CHOICES}
$$
"""  # noqa: S608 - no value in it
# Whoever sees the run manages its schedule; whoever sees the delivery alone only receives it.
_TO_APPROVE = """
CREATE POLICY to_approve ON report_request FOR SELECT TO gridwell_figures USING (left(asker, 9) = 'schedule:' AND state = 'done'
    AND viewer_gets(detail, scope, figures, zone) AND EXISTS (SELECT FROM report_delivery d JOIN report_run r ON r.id = d.run
        WHERE d.report = report_request.id AND d.state = 'approval'))
"""
_FUNCTIONS = (
    ("report_confirm_own(uuid, text)", "gridwell_figures"),
    ("report_waits(uuid)", PRINTER),
    ("report_heads(text[])", "gridwell_cases"),
    ("report_recipients()", "gridwell_cases"),
)
_APPEND = "FUNCTION audit_append(text, text, text, text, jsonb)"
_STOPPED = "stopped_at, stopped_by, stopped_why"

UPGRADE = (
    _allow(_LIST, _LONGER),
    _CONFIRM,
    _STOPS,
    _WAITS,
    _HEADS,
    _CHOICES,
    "REVOKE ALL ON FUNCTION report_schedule_stops() FROM PUBLIC",
    *(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC" for function, _ in _FUNCTIONS),
    *(f"GRANT EXECUTE ON FUNCTION {function} TO {role}" for function, role in _FUNCTIONS),
    "CREATE TRIGGER report_schedule_stops AFTER UPDATE OF off_at, recipients ON report_schedule FOR EACH ROW"
    " EXECUTE FUNCTION report_schedule_stops()",
    _TO_APPROVE,
    f"GRANT SELECT (to_head, {_STOPPED}), UPDATE ({_STOPPED}) ON report_delivery TO gridwell_cases",
    # Its functions write the log with their owner's rights.
    f"REVOKE EXECUTE ON {_APPEND} FROM {PRINTER}",
)
DOWNGRADE = (
    f"GRANT EXECUTE ON {_APPEND} TO {PRINTER}",
    "DROP POLICY to_approve ON report_request",
    "DROP TRIGGER report_schedule_stops ON report_schedule",
    "DROP FUNCTION report_schedule_stops()",
    *(f"DROP FUNCTION {function}" for function, _ in reversed(_FUNCTIONS)),
    _allow(_LONGER, _LIST),
)
