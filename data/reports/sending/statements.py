"""Statements on schedules for people. Policies leave out what a viewer does not manage."""

from sqlalchemy import Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

_SCHEDULE = (
    "s.id, s.city, s.name, s.kind, s.step, s.area, s.level, s.rhythm, s.figures_only, s.approval, s.send_empty, s.recipients, s.off_at,"
    " s.version, s.changed_at, s.changed_by, c.timezone, a.name AS area_name, a.name_en AS area_name_en"
)
_FROM = "FROM report_schedule s JOIN city c ON c.code = s.city LEFT JOIN area a ON a.code = s.area"
SCHEDULES = text(f"SELECT {_SCHEDULE} {_FROM} ORDER BY s.off_at IS NOT NULL, s.name, s.id LIMIT :most OFFSET :after")
SCHEDULE = text(f"SELECT {_SCHEDULE} {_FROM} WHERE s.id = :id")
AREA = text(
    "SELECT a.city, a.level, a.path::text AS path, viewer_reaches(a.path, a.code) AS reached, c.timezone FROM area a"
    " JOIN city c ON c.code = a.city WHERE a.code = :area"
)
LEVELS = text("SELECT DISTINCT i.level FROM area a JOIN area i ON i.city = a.city AND i.path <@ a.path WHERE a.code = :area")
AREAS = text("SELECT count(*) FROM area a JOIN area i ON i.city = a.city AND i.path <@ a.path AND i.level = :level WHERE a.code = :area")
INSIDE = text(
    "SELECT i.code FROM area a JOIN area i ON i.city = a.city AND i.path <@ a.path WHERE a.code = :area AND i.code = ANY(:codes)"
    " AND i.level = coalesce(CAST(:level AS text), i.level)"
).bindparams(bindparam("codes", type_=ARRAY(Text)))
CHOICES = text("SELECT account, shown FROM report_recipients()")
_LISTED = "coalesce(array_agg(h.{name} ORDER BY h.account) FILTER (WHERE h.account IS NOT NULL), '{{}}') AS {as_}"
LED = text(
    "WITH own AS (SELECT i.code, i.name, i.name_en FROM area a JOIN area i ON i.city = a.city AND CASE"  # noqa: S608 - ours
    " WHEN CAST(:level AS text) IS NULL"
    " THEN i.code = a.code ELSE i.level = :level AND i.path <@ a.path AND i.origin NOT IN ('unplaced', 'none') END"
    " WHERE a.code = :area AND (CAST(:only AS text[]) IS NULL OR i.code = ANY(:only)) ORDER BY i.code LIMIT :most)"
    f" SELECT o.code, o.name, o.name_en, {_LISTED.format(name='account', as_='accounts')}, {_LISTED.format(name='shown', as_='shown')}"
    " FROM own o LEFT JOIN report_heads(ARRAY(SELECT code FROM own)) h ON h.area = o.code"
    " GROUP BY o.code, o.name, o.name_en ORDER BY count(h.account) > 0, o.code"
).bindparams(bindparam("only", type_=ARRAY(Text)))
"""Areas of a schedule, and who leads each; first those that nobody leads."""
ACCOUNTS = text("SELECT account, shown FROM names_of_accounts(:names)").bindparams(bindparam("names", type_=ARRAY(Text)))
_VALUES = "name = :name, kind = :kind, step = :step, area = :area, level = :level, rhythm = :rhythm, figures_only = :figures_only"
ADD = text(
    "INSERT INTO report_schedule (city, name, kind, step, area, level, rhythm, figures_only, approval, send_empty, recipients)"
    " VALUES (:city, :name, :kind, :step, :area, :level, :rhythm, :figures_only, :approval, :send_empty, :recipients) RETURNING id"
).bindparams(bindparam("rhythm", type_=JSONB), bindparam("recipients", type_=JSONB))
CHANGE = text(
    f"UPDATE report_schedule SET {_VALUES}, approval = :approval, send_empty = :send_empty, recipients = :recipients, since = now(),"  # noqa: S608
    " version = version + 1, changed_at = now(), changed_by = current_setting('gridwell.account', true)"
    " WHERE id = :id AND version = :version AND city = :city RETURNING id"
).bindparams(bindparam("rhythm", type_=JSONB), bindparam("recipients", type_=JSONB))
SWITCH = text(
    "UPDATE report_schedule SET off_at = CASE WHEN :on THEN NULL ELSE now() END, since = CASE WHEN :on THEN now() ELSE since END,"
    " version = version + 1, changed_at = now(), changed_by = current_setting('gridwell.account', true)"
    " WHERE id = :id AND (off_at IS NULL) <> :on RETURNING area, name"
)
RUNS = text(
    "SELECT id, due_at, period, first, last, missed FROM report_run WHERE schedule = :id AND (CAST(:before AS timestamptz) IS NULL"
    " OR due_at < :before) AND (CAST(:run AS bigint) IS NULL OR id = :run) ORDER BY due_at DESC LIMIT :most"
)
_DELIVERY = (
    "d.id, d.run, d.account, d.channel, d.target, d.area, d.report, d.detail, d.state, d.tries, d.next_at, d.failure, d.approved_by,"
    " d.sent_at, d.to_head, d.stopped_at, d.stopped_by, d.stopped_why, a.name AS area_name, a.name_en AS area_name_en, t.seen_at,"
    " t.answer, t.answered_at"
)
_JOINED = "FROM report_delivery d LEFT JOIN area a ON a.code = d.area LEFT JOIN report_receipt t ON t.delivery = d.id"
_UNSEEN = "d.state IN ('sent', 'uncertain') AND t.seen_at IS NULL AND d.channel <> 'folder'"
DELIVERIES = text(
    f"SELECT * FROM (SELECT {_DELIVERY}, count(*) OVER of_run AS of_all, count(*) FILTER (WHERE {_UNSEEN}) OVER of_run AS of_unseen,"  # noqa: S608 - ours
    " row_number() OVER (PARTITION BY d.run ORDER BY CASE WHEN :whole THEN 0"
    " WHEN d.state IN ('failed', 'refused', 'uncertain', 'approval') THEN 1"
    f" WHEN {_UNSEEN} THEN 2 ELSE 3 END, d.area, d.account, d.id) AS place {_JOINED} WHERE d.run = ANY(:runs)"
    " WINDOW of_run AS (PARTITION BY d.run)) l WHERE place > :after AND place <= :after + :most ORDER BY run DESC, place"
)
"""Deliveries of runs, so many of each: where they are not ``whole``, those first about which something is to be done."""
_OF_RUN = (
    f"{_DELIVERY}, count(*) OVER () AS of_all, s.id AS schedule, s.name, r.due_at, r.period, c.timezone {_JOINED}"
    " JOIN report_run r ON r.id = d.run JOIN report_schedule s ON s.id = r.schedule JOIN city c ON c.code = s.city"
)
WAITING = text(f"SELECT {_OF_RUN} WHERE d.state = 'approval' ORDER BY r.due_at, s.name, d.area, d.id LIMIT 200")
STUCK = text(
    f"SELECT {_OF_RUN}"
    " WHERE (d.state IN ('failed', 'refused', 'uncertain') OR d.failure IS NOT NULL AND d.state IN ('making', 'waiting'))"
    " AND r.due_at > now() - interval '30 days' ORDER BY d.changed_at DESC LIMIT 100"
)
LET_GO = text(
    "UPDATE report_delivery SET state = 'making', next_at = now(), changed_at = now(),"
    " approved_by = current_setting('gridwell.account', true)"
    " WHERE id = :id AND state = 'approval' RETURNING area, report"
).bindparams(bindparam("id", type_=Uuid))
DECLINE = text(
    "UPDATE report_delivery SET state = 'declined', changed_at = now(), approved_by = current_setting('gridwell.account', true)"
    " WHERE id = :id AND state = 'approval' RETURNING area, report"
).bindparams(bindparam("id", type_=Uuid))
RESEND = text(
    "UPDATE report_delivery SET state = CASE WHEN report IS NULL THEN 'making' ELSE 'waiting' END, tries = 0, next_at = now(),"
    " stopped_at = NULL, stopped_by = NULL, stopped_why = NULL,"
    " changed_at = now() WHERE id = :id AND state IN ('failed', 'uncertain', 'refused') RETURNING area, report"
).bindparams(bindparam("id", type_=Uuid))
STOPPED = text("SELECT count(*) FROM report_delivery d JOIN report_run r ON r.id = d.run WHERE r.schedule = :id AND d.stopped_at = now()")
"""What this transaction's change of a schedule has stopped."""
_RECEIPT = "d.id, d.report, d.account, d.area, d.state, d.sent_at, t.seen_at, t.answer, t.answered_at"
_OF_REPORT = (
    f" {_JOINED} WHERE EXISTS (SELECT FROM report_delivery o WHERE o.run = d.run AND o.area = d.area AND o.report = :report)"
    " ORDER BY d.account, d.id"
)
RECEIPTS = text(f"SELECT {_RECEIPT}, d.channel{_OF_REPORT}").bindparams(bindparam("report", type_=Uuid))
OWN_RECEIPTS = text(f"SELECT {_RECEIPT}{_OF_REPORT}").bindparams(bindparam("report", type_=Uuid))
"""For readers of figures, who see their own rows, and of these not by which way a report was sent."""
OF_LINK = text("SELECT * FROM report_of_link(:token)")
CONFIRM = text("SELECT report_confirm(:token, :answer)")
CONFIRM_OWN = text("SELECT report_confirm_own(:report, :answer)").bindparams(bindparam("report", type_=Uuid))
