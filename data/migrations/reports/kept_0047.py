"""The statements of migration 0047: who gets which report, and that an issued one stays as it is.

A report is made for an audience: the areas whose figures it shows, and those whose single cases it shows, if any. It opens for whoever may
see all of that, and for nobody with less. Only the printer writes what a report holds; only ``report_issue`` and ``report_keep`` write
issued ones, each with a row in the audit log.
"""

from data.migrations.wall_0043 import ACTIONS as _WALL_ACTIONS

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
_ACCOUNT = "nullif(current_setting('gridwell.account', true), '')"
PRINTER = "gridwell_printer"
MOST_WAITING, MOST_KEPT = 10, 300
"""Requests of one account that wait or are being made; that are kept, which is a day."""
CHANNEL = "gridwell_reports"
ISSUERS = "'supervisor', 'leader'"
"""Roles with ``issue_reports`` in ``data.core.roles``; a test holds that both say the same."""

_CELL = "EXISTS (SELECT FROM zone_member m JOIN area g ON g.code = m.grid WHERE m.zone = viewer_zone() AND g.path = {path})"
# A zone's own path does not hold its cells: whoever is no account of the zone must see the area that holds all of them, too. An account of
# the zone sees its figures, but not those of other areas beside which it stands.
_FIGURES = f"""viewer_compares_all() OR viewer_figures() @> of_figures AND (of_zone IS NULL OR viewer_figures() @> of_scope)
    OR of_zone = viewer_zone() AND of_figures = (SELECT z.path FROM area z WHERE z.code = of_zone)
    OR of_zone IS NULL AND {_CELL.format(path="of_figures")}"""  # noqa: S608 - no value in it
_HOLDS = f"""viewer_everywhere() OR of_zone = viewer_zone() OR viewer_zone() IS NULL AND viewer_scope() @> of_scope
    OR of_zone IS NULL AND {_CELL.format(path="of_scope")}"""
_VIEWER_HOLDS = f"""
CREATE FUNCTION viewer_holds(of_scope ltree, of_zone text) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT coalesce({_HOLDS}, false) $$
"""
_VIEWER_GETS = f"""
CREATE FUNCTION viewer_gets(of_detail text, of_scope ltree, of_figures ltree, of_zone text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce({_FIGURES}, false) AND (of_detail = 'figures' OR of_detail = 'cases'
        AND current_setting('role') IN ('gridwell_cases', 'gridwell_people') AND viewer_holds(of_scope, of_zone))
$$
"""
_GETS = "viewer_gets(detail, scope, figures, zone)"

# Of two requests at once neither is counted out. The owner of the database, who asks for schedules, has no limit.
_LIMITED = f"""
CREATE FUNCTION report_limited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
BEGIN
    IF current_setting('role') <> 'none' THEN
        PERFORM pg_advisory_xact_lock(7411051, hashtext(NEW.asker));
        IF (SELECT count(*) FILTER (WHERE state IN ('queued', 'making')) >= {MOST_WAITING} OR count(*) >= {MOST_KEPT}
            FROM report_request WHERE asker = NEW.asker) THEN
            RAISE EXCEPTION 'too many reports are asked for' USING ERRCODE = 'GW008';
        END IF;
    END IF;
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN NEW;
END $$
"""  # noqa: S608 - no value in it
_WISHED = f"""
CREATE FUNCTION report_wished() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('{CHANNEL}', '');
    RETURN NULL;
END $$
"""
_STAYS = """
CREATE FUNCTION report_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'issued reports are never changed or deleted' USING ERRCODE = 'GW009';
END $$
"""
_ISSUE = f"""
CREATE FUNCTION report_issue(of_request uuid) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE
    q report_request;
    made_no bigint;
    by_owner CONSTANT boolean := pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'public.report'::regclass), 'MEMBER')
        AND current_setting('role') = 'none';
    told jsonb;
BEGIN
    SELECT * INTO q FROM report_request WHERE id = of_request FOR UPDATE;
    SELECT r.no INTO made_no FROM report r WHERE r.id = of_request
        AND (by_owner OR viewer_gets(r.detail, r.scope, r.figures, r.zone));
    IF made_no IS NOT NULL THEN
        RETURN made_no;
    END IF;
    IF q.id IS NULL OR NOT by_owner AND (q.asker IS DISTINCT FROM {_ACCOUNT} OR NOT viewer_gets(q.detail, q.scope, q.figures, q.zone)) THEN
        RETURN NULL;
    END IF;
    IF NOT by_owner AND NOT (coalesce(current_setting('gridwell.role', true), '') IN ({ISSUERS}) AND viewer_holds(q.scope, q.zone)) THEN
        RAISE EXCEPTION 'not allowed to issue' USING ERRCODE = 'GW003';
    END IF;
    IF q.state <> 'done' THEN
        RAISE EXCEPTION 'the report is not made yet' USING ERRCODE = 'GW010';
    END IF;
    INSERT INTO report (id, city, area, kind, lang, beside, first, last, detail, scope, figures, zone, facts, content, sha256, made_at,
        issuer, corrects, reason, changes)
    VALUES (q.id, q.city, q.area, q.kind, q.lang, q.beside, (q.facts ->> 'first')::date, (q.facts ->> 'last')::date, q.detail, q.scope,
        q.figures, q.zone, q.facts, q.content, sha256(q.content), q.done_at, coalesce({_ACCOUNT}, '-'), q.corrects, q.reason, q.changes)
    RETURNING no INTO made_no;
    INSERT INTO report_file (report, form, content, sha256, made_at)
    SELECT d.request, d.form, d.content, sha256(d.content), d.made_at FROM report_draft d WHERE d.request = q.id;
    SELECT coalesce(jsonb_object_agg(f.form, encode(f.sha256, 'hex')), '{{}}') INTO told FROM report_file f WHERE f.report = q.id;
    PERFORM audit_append('report_issued', q.area, NULL, q.reason, jsonb_build_object('report', q.id, 'no', made_no, 'kind', q.kind,
        'first', q.facts -> 'first', 'last', q.facts -> 'last', 'detail', q.detail, 'sha256', encode(sha256(q.content), 'hex'),
        'files', told) || CASE WHEN q.corrects IS NULL THEN '{{}}'::jsonb ELSE jsonb_build_object('corrects', q.corrects) END);
    INSERT INTO report_wish (id, form) SELECT q.id, w.form FROM unnest(ARRAY['pdf', 'docx', 'xlsx']) w (form)
    WHERE NOT EXISTS (SELECT FROM report_file f WHERE f.report = q.id AND f.form = w.form) ON CONFLICT DO NOTHING;
    RETURN made_no;
END $$
"""  # noqa: S608 - no value in it
# The first writing stays: of two printers, or after a long pause, what comes later is thrown away.
_KEEP = f"""
CREATE FUNCTION report_keep(of_report uuid, of_form text, of_content bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER {_SAFELY} AS $$
DECLARE kept text;
BEGIN
    DELETE FROM report_wish WHERE id = of_report AND form = of_form;
    PERFORM FROM report_request WHERE id = of_report FOR UPDATE;
    IF EXISTS (SELECT FROM report WHERE id = of_report) THEN
        INSERT INTO report_file (report, form, content, sha256) VALUES (of_report, of_form, of_content, sha256(of_content))
        ON CONFLICT DO NOTHING RETURNING form INTO kept;
        IF kept IS NOT NULL THEN
            PERFORM audit_append('report_file', (SELECT area FROM report WHERE id = of_report), NULL, NULL,
                jsonb_build_object('report', of_report, 'form', of_form, 'sha256', encode(sha256(of_content), 'hex')));
        END IF;
    ELSIF EXISTS (SELECT FROM report_request WHERE id = of_report AND state = 'done') THEN
        INSERT INTO report_draft (request, form, content, sha256) VALUES (of_report, of_form, of_content, sha256(of_content))
        ON CONFLICT DO NOTHING RETURNING form INTO kept;
    END IF;
    RETURN kept IS NOT NULL;
END $$
"""  # noqa: S608 - no value in it


def _allow(before: str, after: str) -> str:
    """Change the list of actions that the server's role may write, whatever other migrations added to it."""
    return f"""
    DO $do$ BEGIN
        EXECUTE replace(pg_get_functiondef('audit_append(text, text, text, text, jsonb)'::regprocedure), $a${before}$a$, $a${after}$a$);
    END $do$
    """


ACTIONS = ("report_issued", "report_file")
"""What people and the printer do to reports through the server, beside ``wall_0043.ACTIONS``."""
_LIST = f"'{{{_WALL_ACTIONS[0]},"
_LONGER = f"'{{{','.join(ACTIONS)},{_WALL_ACTIONS[0]},"
_OWN = f"asker = {_ACCOUNT} AND {_GETS}"
_SEES = "EXISTS (SELECT FROM report r WHERE r.id = {id})"
_ASKED = "EXISTS (SELECT FROM report_request q WHERE q.id = {id} AND q.state = 'done')"
_OF_WISH = f"{_SEES.format(id='report_wish.id')} OR {_ASKED.format(id='report_wish.id')}"
_STATEMENT_TRIGGERS = ("report", "report_file")
_TABLES = ("report_request", "report_draft", "report", "report_file", "report_wish")

UPGRADE = (
    _VIEWER_HOLDS,
    _VIEWER_GETS,
    _allow(_LIST, _LONGER),
    _LIMITED,
    _WISHED,
    _STAYS,
    _ISSUE,
    _KEEP,
    # Files are compressed already; what a report holds, PostgreSQL packs itself.
    *(f"ALTER TABLE {table} ALTER COLUMN content SET STORAGE EXTERNAL" for table in ("report_draft", "report_file")),
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in _TABLES),
    f"CREATE POLICY own ON report_request FOR SELECT TO gridwell_figures USING ({_OWN})",
    f"CREATE POLICY asked ON report_request FOR INSERT TO gridwell_figures"
    f" WITH CHECK ({_OWN} AND (corrects IS NULL OR {_SEES.format(id='report_request.corrects')}))",
    f"CREATE POLICY own ON report_draft FOR SELECT TO gridwell_figures USING ({_ASKED.format(id='report_draft.request')})",
    f"CREATE POLICY seen ON report FOR SELECT TO gridwell_figures USING ({_GETS})",
    f"CREATE POLICY seen ON report_file FOR SELECT TO gridwell_figures USING ({_SEES.format(id='report_file.report')})",
    f"CREATE POLICY seen ON report_wish FOR SELECT TO gridwell_figures USING ({_OF_WISH})",
    f"CREATE POLICY wished ON report_wish FOR INSERT TO gridwell_figures WITH CHECK ({_OF_WISH})",
    *(f"CREATE POLICY printing ON {table} TO {PRINTER} USING (true) WITH CHECK (true)" for table in _TABLES),
    "GRANT SELECT ON report_request, report_draft, report, report_file, report_wish TO gridwell_figures",
    "GRANT INSERT (id, key, hash, city, area, kind, period, beside, lang, detail, scope, figures, zone, corrects, reason)"
    " ON report_request TO gridwell_figures",
    "GRANT INSERT (id, form) ON report_wish TO gridwell_figures",
    f"GRANT USAGE ON SCHEMA public TO {PRINTER}",
    f"GRANT SELECT ON report_request, report_draft, report, report_file, report_wish TO {PRINTER}",
    "GRANT UPDATE (state, problem, progress, tries, lease_until, printer, content, sha256, facts, changes, done_at), DELETE"
    f" ON report_request TO {PRINTER}",
    f"GRANT UPDATE (tries, lease_until, printer, problem), DELETE ON report_wish TO {PRINTER}",
    f"GRANT EXECUTE ON FUNCTION audit_append(text, text, text, text, jsonb) TO {PRINTER}",
    "REVOKE ALL ON FUNCTION report_issue(uuid), report_keep(uuid, text, bytea), report_limited() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION report_issue(uuid) TO gridwell_figures",
    f"GRANT EXECUTE ON FUNCTION report_keep(uuid, text, bytea) TO {PRINTER}",
    "CREATE TRIGGER report_limited BEFORE INSERT ON report_request FOR EACH ROW EXECUTE FUNCTION report_limited()",
    "CREATE TRIGGER report_wished AFTER INSERT ON report_wish FOR EACH STATEMENT EXECUTE FUNCTION report_wished()",
    *(
        f"CREATE TRIGGER report_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION report_stays()"
        for table in _STATEMENT_TRIGGERS
    ),
)
DOWNGRADE_FIRST = (
    f"REVOKE EXECUTE ON FUNCTION audit_append(text, text, text, text, jsonb) FROM {PRINTER}",
    f"REVOKE USAGE ON SCHEMA public FROM {PRINTER}",
    "DROP FUNCTION report_keep(uuid, text, bytea)",
    "DROP FUNCTION report_issue(uuid)",
    _allow(_LONGER, _LIST),
)
DOWNGRADE_LAST = (
    "DROP FUNCTION report_stays()",
    "DROP FUNCTION report_wished()",
    "DROP FUNCTION report_limited()",
    "DROP FUNCTION viewer_gets(text, ltree, ltree, text)",
    "DROP FUNCTION viewer_holds(ltree, text)",
)
