"""Statements on walls: tours, scenes, what breaks in, screens and what they have shown. Policies leave out what a viewer may not see."""

from sqlalchemy import text

CITY_OF = text("SELECT a.city FROM area a WHERE a.code = :code")
"""City of the area with which a viewer starts."""
CITY = text(
    "SELECT c.code, c.timezone, coalesce((c.versions ->> 'incidents')::bigint, c.data_version) AS data_version FROM city c"
    " JOIN area a ON a.code = c.code WHERE c.code = :city"
)
TOUR = text(
    "SELECT area, version, extract(epoch FROM epoch_at) * 1000 AS epoch_ms, extract(epoch FROM set_at) * 1000 AS set_ms, settings"
    " FROM wall_tour WHERE city = :city AND wall = :wall"
)
ALARM = text("SELECT alarm FROM wall_tour WHERE city = :city AND wall = :wall AND wall_reached(:city, :wall)")
"""Addresses, for whoever may change the tour."""
_AREA = """
a.name AS area_name, a.name_en AS area_name_en, a.level, CASE WHEN g.geom IS NOT NULL THEN json_build_array(
    ST_XMin(g.geom), ST_YMin(g.geom), ST_XMax(g.geom), ST_YMax(g.geom)) END AS bbox
"""
SCENES = text(
    f"SELECT s.id, s.playlist, s.name, s.name_en, s.area, s.zone, s.body, {_AREA} FROM wall_scene s JOIN area a ON a.code = s.area"  # noqa: S608
    " LEFT JOIN area g ON g.code = coalesce(s.zone, s.area) WHERE s.city = :city AND s.wall = :wall ORDER BY s.ordinal, s.id"
)
MADE = text(
    f"SELECT a.code AS area, {_AREA}, a.code = :root AS whole FROM area a JOIN area g ON g.code = a.code"  # noqa: S608
    " WHERE (a.code = :root OR a.parent = :root AND a.level <> 'zone') AND a.origin NOT IN ('unplaced', 'none') AND wall_shows(a.code)"
    " ORDER BY a.code <> :root, a.code LIMIT 25"
)
"""An area and those directly inside it, the area first: the tour of a wall that nobody has edited."""
TURNS = text(
    "SELECT t.id, t.kind, extract(epoch FROM t.from_at) * 1000 AS from_ms, extract(epoch FROM t.until_at) * 1000 AS until_ms,"  # noqa: S608
    f" t.scene, t.area, t.body, {_AREA} FROM wall_turn t JOIN wall_tour w ON w.city = t.city AND w.wall = t.wall"
    " LEFT JOIN area a ON a.code = t.area LEFT JOIN area g ON g.code = t.area"
    " WHERE t.city = :city AND t.wall = :wall AND t.until_at > w.set_at AND t.until_at > t.from_at ORDER BY t.from_at, t.id"
)
HOURS = text("SELECT valid_from, weekday, spans FROM working_hours WHERE city = :city")
REACH = text("SELECT region, official_until, uploaded_until FROM city_calendar WHERE city = :city")
DAYS = text("SELECT day, kind, name, name_en FROM calendar_day WHERE city = :city")
SHOWN = text(
    "SELECT a.code, a.name, a.name_en, a.level, a.city FROM area a WHERE a.code = ANY(CAST(:codes AS text[])) AND wall_shows(a.code)"
)
"""Which of some areas and zones the viewer sees figures of."""
REACHED = text("SELECT wall_reached(:city, :wall)")
WALLS = text(
    "SELECT t.wall FROM wall_tour t WHERE t.city = :city UNION SELECT s.wall FROM wall_screen s WHERE s.city = :city"
    " UNION SELECT 'main' ORDER BY 1"
)
CALENDAR = (HOURS, REACH, DAYS)
"""Rows of which ``data.deadlines.rows.make_calendar`` makes a city's calendar."""

# ---- Changes of tours ----

BEGIN = text(
    "INSERT INTO wall_tour (city, wall, area, version, epoch_at, set_at)"
    " SELECT CAST(:city AS text), CAST(:wall AS text), CAST(:city AS text), 0, to_timestamp(0), to_timestamp(0)"
    " WHERE NOT EXISTS (SELECT FROM wall_tour WHERE city = :city AND wall = :wall) ON CONFLICT (city, wall) DO NOTHING"
)
LOCK = text("SELECT version FROM wall_tour WHERE city = :city AND wall = :wall FOR UPDATE")
RENEW = text(
    "UPDATE wall_tour SET version = version + 1, changed_at = now(), changed_by = :account,"
    " area = coalesce(CAST(:area AS text), area), settings = CAST(:settings AS jsonb),"
    " alarm = CAST(:alarm AS text[])"
    " WHERE city = :city AND wall = :wall RETURNING version"
)
MOVE = text(
    "UPDATE wall_tour SET version = version + 1, epoch_at = to_timestamp(CAST(:epoch_ms AS double precision) / 1000),"
    " set_at = to_timestamp(CAST(:now_ms AS double precision) / 1000), changed_at = now(), changed_by = :account"
    " WHERE city = :city AND wall = :wall RETURNING version"
)
CLEAR_SCENES = text("DELETE FROM wall_scene WHERE city = :city AND wall = :wall AND NOT id = ANY(CAST(:kept AS bigint[]))")
CHANGE_SCENE = text(
    "UPDATE wall_scene SET ordinal = :ordinal, playlist = :playlist, name = :name, name_en = :name_en, area = :area, zone = :zone,"
    " body = CAST(:body AS jsonb) WHERE city = :city AND wall = :wall AND id = :id RETURNING id"
)
ADD_SCENE = text(
    "INSERT INTO wall_scene (city, wall, ordinal, playlist, name, name_en, area, zone, body)"
    " VALUES (:city, :wall, :ordinal, :playlist, :name, :name_en, :area, :zone, CAST(:body AS jsonb)) RETURNING id"
)
END_TURNS = text(
    "UPDATE wall_turn SET until_at = greatest(from_at, to_timestamp(CAST(:now_ms AS double precision) / 1000))"
    " WHERE city = :city AND wall = :wall AND until_at > to_timestamp(CAST(:now_ms AS double precision) / 1000)"
)
FORGET_TURNS = text("DELETE FROM wall_turn WHERE city = :city AND wall = :wall AND until_at < now() - interval '1 day'")
HOLD = text(
    "INSERT INTO wall_turn (city, wall, kind, from_at, until_at, scene, area, body) VALUES (:city, :wall, 'hold',"
    " to_timestamp(CAST(:now_ms AS double precision) / 1000), to_timestamp(CAST(:until_ms AS double precision) / 1000),"
    " :scene, :area, CAST(:body AS jsonb)) RETURNING id"
)

# ---- Screens, and what they have shown ----

_TODAY = "CAST(CAST(clock_timestamp() AT TIME ZONE 'UTC' AS date) AS text)"
BEAT = text(
    "INSERT INTO wall_screen AS s (id, city, wall, seen_at, body) VALUES (:id, :city, :wall, clock_timestamp(), CAST(:body AS jsonb))"  # noqa: S608
    " ON CONFLICT (id) DO UPDATE SET city = excluded.city, wall = excluded.wall, seen_at = excluded.seen_at,"
    f" body = excluded.body || CASE WHEN s.body ->> 'left_on' = {_TODAY} THEN jsonb_build_object("
    " 'left_out', s.body -> 'left_out', 'left_on', s.body -> 'left_on') ELSE '{}' END"
    " WHERE s.account = excluded.account RETURNING s.settings, s.wanted_at, s.xmax = 0 AS is_new"
)
"""No row where the screen is another account's: who manages walls may change its row otherwise. What was left out is told all its day."""
COUNT_SCREENS = text("SELECT count(*) FROM wall_screen WHERE account = :account")
VERSION = text("SELECT version FROM wall_tour WHERE city = :city AND wall = :wall")
SILENT_S = 150
"""A screen that has told nothing for so long is silent; it tells of itself every 30 seconds."""
STALE_S = 600
"""A screen whose figures are older is not well; while nothing changes it asks once a minute."""
SCREENS = text(
    "SELECT id, wall, first_at, seen_at, told_at, picture_at, wanted_at, body, settings, wall_token_end(id) AS token_ends_at,"  # noqa: S608
    " (SELECT c.as_of IS NULL FROM city c WHERE c.code = wall_screen.city) AS lives,"
    f" seen_at < clock_timestamp() - interval '{SILENT_S} seconds' AS silent FROM wall_screen WHERE city = :city"
    " AND wall_reached(city, wall) ORDER BY wall, body ->> 'part', first_at, id"
)
OWN_SETTINGS = text("SELECT settings FROM wall_screen WHERE id = :id AND account = :account")
SET_SCREEN = text("UPDATE wall_screen SET settings = CAST(:settings AS jsonb) WHERE id = :id RETURNING id, city, wall")
WANT_PICTURE = text("UPDATE wall_screen SET wanted_at = clock_timestamp() WHERE id = :id RETURNING id")
FORGET_SCREEN = text("DELETE FROM wall_screen WHERE id = :id RETURNING id, city, wall")
KEEP_PICTURE = text(
    "UPDATE wall_screen SET picture = :picture, picture_at = clock_timestamp(), wanted_at = NULL"
    " WHERE id = :id AND account = :account AND wanted_at IS NOT NULL RETURNING id"
)
PICTURE = text("SELECT picture FROM wall_screen WHERE id = :id")
WRITE_PLAYS = text(
    "WITH told AS (SELECT DISTINCT ON (p.first) p.*, date_trunc('day', p.first, 'UTC') AS day FROM unnest("
    " CAST(:first AS timestamptz[]), CAST(:last AS timestamptz[]), CAST(:scene AS text[]), CAST(:kind AS text[]), CAST(:tour AS text[]),"
    " CAST(:data AS bigint[])) p (first, last, scene, kind, tour, data)"
    " WHERE NOT EXISTS (SELECT FROM wall_play k WHERE k.screen = :screen AND k.from_at = p.first)),"
    " kept AS (SELECT d.day, count(*) AS n FROM (SELECT DISTINCT day FROM told) d JOIN wall_play k ON k.screen = :screen"
    " AND k.from_at >= d.day AND k.from_at < d.day + interval '1 day' GROUP BY d.day),"
    " made AS (INSERT INTO wall_play (screen, from_at, until_at, scene, kind, tour_version, data_version)"
    " SELECT CAST(:screen AS text), t.first, t.last, t.scene, t.kind, t.tour, t.data FROM (SELECT told.*,"
    " row_number() OVER (PARTITION BY told.day ORDER BY told.first) + coalesce(kept.n, 0) AS no FROM told LEFT JOIN kept USING (day)) t"
    " WHERE t.no <= :most RETURNING 1) SELECT (SELECT count(*) FROM told) - (SELECT count(*) FROM made)"
)
"""What is new of it, as long as the day has room; the answer is how many were left out."""
LEFT_OUT = text(
    "UPDATE wall_screen SET body = body || jsonb_build_object('left_out',"  # noqa: S608 - ours
    " coalesce(CAST(body ->> 'left_out' AS int), 0) + CAST(:n AS int),"
    f" 'left_on', {_TODAY}) WHERE id = :id"
)
PLAYS = text(
    "SELECT s.wall, p.screen, s.settings ->> 'title' AS title, s.body ->> 'part' AS part, p.from_at, p.until_at, p.scene, p.kind,"
    " p.tour_version, p.data_version FROM wall_play p JOIN wall_screen s ON s.id = p.screen"
    " WHERE s.city = :city AND (CAST(:wall AS text) IS NULL OR s.wall = :wall)"
    " AND p.from_at >= CAST(:first AS date)::timestamp AT TIME ZONE :timezone"
    " AND p.from_at < (CAST(:last AS date) + 1)::timestamp AT TIME ZONE :timezone ORDER BY p.from_at, s.wall, p.screen"
)
