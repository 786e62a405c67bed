"""Statements on changes of rules: their versions, their history, and where the cases of some days went.

``{city}`` stands for the place of the city's code, because the keeper and the serving processes write it differently.
"""

from sqlalchemy import text

_ROUTING = "SELECT md5(coalesce(string_agg(to_jsonb(r)::text, ',' ORDER BY r.id), '')) FROM routing_rule r WHERE r.city = {city}"
_DEADLINES = "SELECT md5(coalesce(string_agg(to_jsonb(r)::text, ',' ORDER BY r.id), '')) FROM deadline_rule r WHERE r.city = {city}"
_CALENDAR = """
SELECT md5(concat_ws('|',
    (SELECT string_agg(to_jsonb(d)::text, ',' ORDER BY d.day) FROM calendar_day d WHERE d.city = {city}),
    (SELECT concat_ws(',', c.region, c.official_until, c.uploaded_until) FROM city_calendar c WHERE c.city = {city})))
"""
_DUPLICATES = """
SELECT md5(coalesce(string_agg(concat_ws(',', r.category, r.radius_m, r.days), '|' ORDER BY r.category NULLS FIRST), ''))
FROM duplicate_rule r WHERE r.city = {city}
"""
_HOURS = """
SELECT md5(coalesce(string_agg(to_jsonb(h)::text, ',' ORDER BY h.valid_from, h.weekday), '')) FROM working_hours h WHERE h.city = {city}
"""
_WEIGHTS = "SELECT md5(coalesce(string_agg(to_jsonb(w)::text, ',' ORDER BY w.id), '')) FROM composite w WHERE w.city = {city}"
VERSIONS = {
    "routing": _ROUTING,
    "deadlines": _DEADLINES,
    "calendar": _CALENDAR,
    "hours": _HOURS,
    "duplicates": _DUPLICATES,
    "weights": _WEIGHTS,
}
"""What tells one state of a city's rules of a kind from another."""

WHOLE_CITY = text(
    "SELECT coalesce(bool_or(viewer_reaches(a.path, a.code)), false) AS whole FROM area a WHERE a.code = :city AND a.level = 'city'"
)
"""Whether the viewer's scope holds a city as a whole."""
CITY = text(
    "SELECT c.code, c.name, c.name_en, c.timezone, c.as_of FROM city c JOIN area a ON a.code = c.code AND a.level = 'city'"
    " WHERE c.code = :city"
)
"""A city, where the viewer may know its name."""
CHANGES = text(
    "SELECT id, kind, at, account, seen, made, facts, before FROM rule_change WHERE city = :city AND kind = :kind ORDER BY id DESC LIMIT 20"
)
"""Who changed rules of a kind, the latest first."""
OPEN_BY_RULE = text(
    "SELECT rule_id, count(*) AS cases FROM incident WHERE city = :city AND is_open AND rule_id IS NOT NULL GROUP BY rule_id"
)
PROVISIONAL = text("SELECT count(*) AS cases FROM incident WHERE city = :city AND is_open AND due_provisional")
RULES = text(
    "SELECT id, ordinal, unit, category, area, channel, hours, valid_from, valid_to FROM routing_rule"
    " WHERE city = :city ORDER BY ordinal, id"
)
UNITS = text("SELECT code, name, name_en, department, department_en, valid_from, valid_to FROM unit WHERE city = :city ORDER BY code")
MEMBERS = text("SELECT unit, account, area, post, valid_from, valid_to FROM unit_member WHERE city = :city ORDER BY id")
CATEGORIES = text(
    "SELECT code, parent, name, name_en, symbol FROM category WHERE city = :city AND subject = 'incident' ORDER BY ordinal, code"
)
COMPOSITES = text("SELECT id, valid_from, valid_to, name, name_en, parts FROM composite WHERE city = :city ORDER BY valid_from")
DAYS = text("SELECT day, kind, name, name_en, origin FROM calendar_day WHERE city = :city ORDER BY day")
NAMED_AREAS = """
SELECT a.code, a.name, a.name_en, a.level, ARRAY(SELECT b.code FROM area b WHERE b.path @> a.path AND b.city = a.city) AS around
FROM area a WHERE a.city = {city} AND a.code = ANY({codes})
"""
"""Areas and zones by their codes, each with all that hold it."""

REACHES = text("SELECT city IS NOT NULL AS own, category, radius_m, days FROM duplicate_rule WHERE city = :city OR city IS NULL")
"""How near likely duplicates are: rows of a city, and those of all cities that stand where it has none."""

ASK = text("INSERT INTO rule_request (id, city, kind, body) VALUES (:id, :city, :kind, CAST(:body AS jsonb))")
ANNOUNCE = text("SELECT pg_notify('gridwell_rule_requests', '')")
OUTCOME = text("SELECT outcome FROM rule_request WHERE id = :id")
TAKE_BACK = text("DELETE FROM rule_request WHERE id = :id AND outcome IS NULL RETURNING id")

WENT = text(
    """
SELECT category, grid, channel, width_bucket(minute, CAST(:minutes AS int[])) AS minute,
    width_bucket(day - DATE '2000-01-01', CAST(:days AS int[])) AS day, went, count(*) AS cases
FROM (
    SELECT category, grid, channel, coalesce(unit, handler, '') AS went,
        floor(extract(epoch FROM (reported_at AT TIME ZONE :timezone)::time) / 60)::int AS minute,
        (reported_at AT TIME ZONE :timezone)::date AS day
    FROM incident WHERE city = :city AND reported_at >= :first AND reported_at < :until
) i
GROUP BY 1, 2, 3, 4, 5, 6
"""
)
"""Cases of some days by what rules look at, and where they went: between two borders of hours or days nothing changes for a rule."""
MOVED = text(
    """
SELECT i.number, i.title, i.attributes ->> 'title_en' AS title_en, i.category, i.channel, i.grid, i.reported_at, i.due_at,
    ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, coalesce(i.unit, i.handler, '') AS went,
    CASE WHEN i.is_open THEN i.deadline_state ELSE 'closed' END AS state,
    width_bucket(floor(extract(epoch FROM (i.reported_at AT TIME ZONE :timezone)::time) / 60)::int, CAST(:minutes AS int[])) AS minute,
    width_bucket((i.reported_at AT TIME ZONE :timezone)::date - DATE '2000-01-01', CAST(:days AS int[])) AS day
FROM incident i
JOIN unnest(CAST(:categories AS text[]), CAST(:grids AS text[]), CAST(:channels AS text[]), CAST(:wents AS text[]))
    AS k (category, grid, channel, went)
    ON k.category = i.category AND k.grid = i.grid AND k.channel = i.channel AND k.went = coalesce(i.unit, i.handler, '')
WHERE i.city = :city AND i.reported_at >= :first AND i.reported_at < :until AND i.geom IS NOT NULL
ORDER BY i.reported_at DESC, i.id LIMIT :most
"""
)
"""Single cases of some kinds, places and ways, the newest first, with the borders between which they were reported."""
AROUND = text(
    """
SELECT g.code, array_agg(a.code ORDER BY nlevel(a.path) DESC) || coalesce(
        (SELECT array_agg(m.zone ORDER BY m.zone) FROM zone_member m WHERE m.grid = g.code), '{}') AS areas,
    max(a.code) FILTER (WHERE a.level = 'street') AS street, max(a.code) FILTER (WHERE a.level = 'district') AS district
FROM area g JOIN area a ON a.path @> g.path AND a.city = g.city
WHERE g.code = ANY(CAST(:grids AS text[])) GROUP BY g.code
"""
)
"""The areas around cells, the smallest first, then zones; and their street and district."""
