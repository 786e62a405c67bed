"""Statements on reports: what is asked for, made, issued and kept. Policies leave out what a viewer may not see."""

from sqlalchemy import BigInteger, Text, Uuid, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from data.queries.scope import cases_seen, figures_seen
from data.schema import area, zone_member

_g = area.alias("g")
AREAS = select(
    area.c.code,
    area.c.city,
    area.c.level,
    cast(area.c.path, Text).label("path"),
    figures_seen().label("figures_seen"),
    cases_seen().label("cases_seen"),
    cast(
        func.coalesce(
            select(func.lca(func.array_agg(_g.c.path)))
            .select_from(zone_member.join(_g, _g.c.code == zone_member.c.grid))
            .where(zone_member.c.zone == area.c.code)
            .scalar_subquery(),
            area.c.path,
        ),
        Text,
    ).label("cells"),
).where(area.c.code == func.any(bindparam("codes", type_=ARRAY(Text))))
"""Areas by code: their paths, what the viewer may see of them, and of zones the smallest area that holds their cells."""

# ---- Asking ----

ASK = text(
    "INSERT INTO report_request (id, key, hash, city, area, kind, period, beside, lang, detail, scope, figures, zone, corrects, reason)"
    " VALUES (:id, :key, :hash, :city, :area, :kind, :period, :beside, :lang, :detail, CAST(:scope AS ltree), CAST(:figures AS ltree),"
    " :zone, :corrects, :reason)"
).bindparams(bindparam("id", type_=Uuid), bindparam("corrects", type_=Uuid), bindparam("beside", type_=ARRAY(Text)))
ASK_AS_OWNER = """
INSERT INTO report_request (id, asker, key, hash, priority, city, area, kind, period, beside, lang, detail, scope, figures, zone)
VALUES (%(id)s, %(asker)s, %(key)s, %(hash)s, %(priority)s, %(city)s, %(area)s, %(kind)s, %(period)s, %(beside)s, %(lang)s, %(detail)s,
    %(scope)s::ltree, %(figures)s::ltree, %(zone)s)
ON CONFLICT (asker, key) WHERE key IS NOT NULL DO NOTHING
"""
BY_KEY = text("SELECT id, hash FROM report_request WHERE asker = :account AND key = :key")
_REQUEST = (
    "id, city, area, kind, period, beside, lang, detail, scope::text AS scope, figures::text AS figures, coalesce(zone, '') AS zone,"
    " asked_at, state, problem, progress, facts, changes, corrects, reason, done_at, encode(sha256, 'hex') AS sha256"
)
REQUEST = text(f"SELECT {_REQUEST}, asker FROM report_request WHERE id = :id")  # noqa: S608 - ours
OWN = text(
    f"SELECT {_REQUEST}, asker FROM report_request WHERE asker = :account"  # noqa: S608 - ours
    " AND NOT EXISTS (SELECT FROM report r WHERE r.id = report_request.id) ORDER BY asked_at DESC LIMIT :most"
)
"""What an account has asked for and not issued, the newest first."""
WISHES = text("SELECT form, problem FROM report_wish WHERE id = :id")
WISH = text("INSERT INTO report_wish (id, form) VALUES (:id, :form) ON CONFLICT DO NOTHING")
DRAFTS = text("SELECT form, octet_length(content) AS bytes, encode(sha256, 'hex') AS sha256 FROM report_draft WHERE request = :id")
DRAFT = text("SELECT content, encode(sha256, 'hex') AS sha256 FROM report_draft WHERE request = :id AND form = :form")
DRAFT_CONTENT = text("SELECT content, encode(sha256, 'hex') AS sha256 FROM report_request WHERE id = :id AND state = 'done'")

# ---- Issued ones ----

_ISSUED = (
    "r.id, r.no, r.city, r.area, r.kind, r.lang, r.beside, r.first, r.last, r.detail, r.scope::text AS scope, r.figures::text AS figures,"
    " coalesce(r.zone, '') AS zone, r.facts, encode(r.sha256, 'hex') AS sha256, r.made_at, r.issued_at, r.issuer, r.corrects, r.reason,"
    " r.changes, octet_length(r.content) AS bytes"
)
ISSUED = text(f"SELECT {_ISSUED} FROM report r WHERE r.id = :id")  # noqa: S608 - ours
LISTED = text(
    f"SELECT {_ISSUED} FROM report r WHERE (CAST(:area AS text) IS NULL OR r.area = :area)"  # noqa: S608 - ours
    " AND (CAST(:kind AS text) IS NULL OR r.kind = :kind) AND (CAST(:first AS date) IS NULL OR r.last >= :first)"
    " AND (CAST(:last AS date) IS NULL OR r.first <= :last) AND (CAST(:before AS bigint) IS NULL OR r.no < :before)"
    " ORDER BY r.no DESC LIMIT :most"
).bindparams(bindparam("before", type_=BigInteger))
CORRECTIONS = text("SELECT id, corrects FROM report WHERE corrects = ANY(:ids)").bindparams(bindparam("ids", type_=ARRAY(Uuid)))
FILES = text("SELECT form, octet_length(content) AS bytes, encode(sha256, 'hex') AS sha256 FROM report_file WHERE report = :id")
FILE = text("SELECT content, encode(sha256, 'hex') AS sha256 FROM report_file WHERE report = :id AND form = :form")
CONTENT = text("SELECT content, encode(sha256, 'hex') AS sha256 FROM report WHERE id = :id")
ISSUE = text("SELECT report_issue(:id)").bindparams(bindparam("id", type_=Uuid))
MADE_BY_OWNER = """
UPDATE report_request SET state = 'done', content = %(content)s, sha256 = sha256(%(content)s), facts = %(facts)s::jsonb,
    done_at = clock_timestamp()
WHERE id = %(id)s
"""
DRAFT_BY_OWNER = """
INSERT INTO report_draft (request, form, content, sha256) VALUES (%(id)s, %(form)s, %(content)s, sha256(%(content)s))
"""
ISSUE_AS_OWNER = "SELECT report_issue(%s)"

# ---- The printer ----

LEASE_S = 120
MOST_TRIES = 2
KEPT_H = 24
_LEASE = f"clock_timestamp() + interval '{LEASE_S} seconds'"
# Whoever has asked for less within ten minutes comes first; what waits for longer comes before all that.
TAKE_REQUEST = text(
    f"UPDATE report_request SET state = 'making', tries = tries + 1, printer = :printer, lease_until = {_LEASE}"  # noqa: S608 - ours
    " WHERE id = (SELECT q.id FROM report_request q LEFT JOIN (SELECT id, row_number() OVER (PARTITION BY asker ORDER BY asked_at) AS nth"
    " FROM report_request WHERE asked_at > clock_timestamp() - interval '10 minutes') own ON own.id = q.id"
    " WHERE (q.state = 'queued' OR q.state = 'making' AND q.lease_until < clock_timestamp())"
    f" AND q.tries < {MOST_TRIES} ORDER BY q.priority, coalesce(own.nth, 0), q.asked_at LIMIT 1 FOR UPDATE OF q SKIP LOCKED)"
    f" RETURNING {_REQUEST}"
).bindparams(bindparam("printer", type_=Uuid))
TAKE_WISH = text(
    f"UPDATE report_wish SET tries = tries + 1, printer = :printer, lease_until = {_LEASE}"  # noqa: S608 - ours
    " WHERE (id, form) = (SELECT id, form FROM report_wish WHERE problem IS NULL AND (lease_until IS NULL OR lease_until <"
    f" clock_timestamp()) AND tries < {MOST_TRIES} ORDER BY wished_at, form LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, form"
).bindparams(bindparam("printer", type_=Uuid))
BEAT_REQUEST = text(
    f"UPDATE report_request SET lease_until = {_LEASE}, progress = CAST(:progress AS jsonb)"  # noqa: S608 - ours
    " WHERE id = :id AND printer = :printer AND state = 'making'"
)
BEAT_WISH = text(f"UPDATE report_wish SET lease_until = {_LEASE} WHERE id = :id AND form = :form AND printer = :printer")  # noqa: S608 - ours
MADE = text(
    "UPDATE report_request SET state = 'done', content = :content, sha256 = sha256(:content), facts = CAST(:facts AS jsonb),"
    " changes = CAST(:changes AS jsonb), progress = NULL, lease_until = NULL, done_at = clock_timestamp()"
    " WHERE id = :id AND printer = :printer AND state = 'making'"
)
FAILED = text(
    "UPDATE report_request SET state = 'failed', problem = CAST(:problem AS jsonb), progress = NULL, lease_until = NULL,"
    " done_at = clock_timestamp() WHERE id = :id AND printer = :printer AND state = 'making'"
)
LATER = text(
    "UPDATE report_request SET lease_until = NULL, progress = NULL,"  # noqa: S608 - ours
    f" state = CASE WHEN tries < {MOST_TRIES} THEN 'queued' ELSE 'failed' END,"
    f" problem = CASE WHEN tries < {MOST_TRIES} THEN NULL ELSE CAST(:problem AS jsonb) END,"
    f" done_at = CASE WHEN tries < {MOST_TRIES} THEN NULL ELSE clock_timestamp() END"
    " WHERE id = :id AND printer = :printer AND state = 'making'"
)
"""What failed for a passing reason waits again, once."""
RELEASE = text(
    "UPDATE report_request SET state = 'queued', tries = tries - 1, lease_until = NULL, progress = NULL"
    " WHERE printer = :printer AND state = 'making'"
)
RELEASE_WISHES = text(
    "UPDATE report_wish SET tries = tries - 1, lease_until = NULL WHERE printer = :printer AND lease_until IS NOT NULL AND problem IS NULL"
)
"""What a printer has when it ends goes back to the queue."""
NO_WISH = text("DELETE FROM report_wish WHERE id = :id AND form = :form AND printer = :printer")
CORRECTED = text("SELECT no, content, issued_at FROM report WHERE id = :id")
WISH_FAILED = text(
    "UPDATE report_wish SET problem = CAST(:problem AS jsonb), lease_until = NULL WHERE id = :id AND form = :form AND printer = :printer"
)
KEEP = text("SELECT report_keep(:id, :form, :content)").bindparams(bindparam("id", type_=Uuid))
TO_WRITE = text(
    "SELECT coalesce((SELECT r.content FROM report r WHERE r.id = :id),"
    " (SELECT q.content FROM report_request q WHERE q.id = :id AND q.state = 'done')) AS content"
)
LOST = text(
    "UPDATE report_request SET state = 'failed', problem = CAST(:problem AS jsonb), progress = NULL, lease_until = NULL,"  # noqa: S608
    f" done_at = clock_timestamp() WHERE state = 'making' AND lease_until < clock_timestamp() AND tries >= {MOST_TRIES}"
)
LOST_WISHES = text(
    "UPDATE report_wish SET problem = CAST(:problem AS jsonb) WHERE problem IS NULL AND lease_until < clock_timestamp()"  # noqa: S608 - ours
    f" AND tries >= {MOST_TRIES}"
)
FORGET = text(
    "DELETE FROM report_request WHERE state IN ('done', 'failed') AND done_at < clock_timestamp() - make_interval(hours => :hours)"
    " AND NOT EXISTS (SELECT FROM report_wish w WHERE w.id = report_request.id AND w.problem IS NULL) AND NOT report_waits(id)"
)
"""Previews of a day ago, but for those that wait for approval."""
FORGET_WISHES = text(
    "DELETE FROM report_wish WHERE problem IS NOT NULL AND wished_at < clock_timestamp() - interval '15 minutes'"
    " OR NOT EXISTS (SELECT FROM report r WHERE r.id = report_wish.id)"
    " AND NOT EXISTS (SELECT FROM report_request q WHERE q.id = report_wish.id AND q.state = 'done')"
)
