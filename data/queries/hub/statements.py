"""Statements of the data hub: the matrix of a day, a year of days, the weeks of a department, and everything about one feed.

Policies leave out what the viewer may not see: a department that is not the viewer's has feeds, and neither days nor deliveries.
"""

from sqlalchemy import text

_SEES = """viewer_everywhere() OR d.city = ANY (viewer_whole_cities()) OR d.city || ' ' || d.code = ANY (viewer_departments())"""

CITY = text("SELECT c.code, c.timezone, c.as_of FROM city c JOIN area a ON a.code = c.code WHERE c.code = :city")
CITY_OF = text("SELECT a.city FROM area a WHERE a.code = :code")
NEWEST_DAY = text("SELECT max(day) AS day FROM feed_day WHERE city = :city")
DEPARTMENTS = text(
    f"SELECT d.code, d.name, d.name_en, d.short, d.short_en, d.group_name, d.group_name_en, NOT ({_SEES}) AS hidden"  # noqa: S608
    " FROM department d WHERE d.city = :city ORDER BY d.ordinal, d.code"
)
DAY = text(
    """
    SELECT f.code, f.name, f.name_en, coalesce(s.department, f.department) AS department, coalesce(s.level, f.level) AS level,
        coalesce(s.state, 'not_due') AS state, coalesce(s.late_days, 0) AS late_days, s.due_at, s.arrived_at,
        coalesce(s.records, 0) AS records, s.completeness
    FROM feed f LEFT JOIN feed_day s ON s.city = f.city AND s.day = :day AND s.feed = f.code
    WHERE f.city = :city AND f.valid_from <= :day AND (f.valid_to IS NULL OR f.valid_to >= :day)
    ORDER BY f.code
    """
)
"""The feeds that are in force on a day, and how each stood at its end; what nothing is known of was not due."""
READ_LATELY = text(
    """
    SELECT coalesce(sum(rows), 0)::bigint AS rows, coalesce(sum(quarantined), 0)::bigint AS quarantined
    FROM feed_delivery WHERE city = :city AND received_at >= :since AND received_at < :until AND state <> 'replaced'
    """
)
PROBLEMS = text(
    """
    SELECT DISTINCT ON (feed) feed, problem FROM feed_delivery
    WHERE city = :city AND feed = ANY (:feeds) AND state = 'failed' AND received_at < :until
    ORDER BY feed, received_at DESC
    """
)
CONTACTS = text(
    """
    SELECT DISTINCT ON (feed) feed, declared #>> '{feed,contact,name}' AS contact FROM feed_contract
    WHERE city = :city AND feed = ANY (:feeds) AND since <= :day ORDER BY feed, version DESC
    """
)
_STATES = ("never", "failed", "late", "empty", "on_time", "not_due")
_SEVERITY = "CASE state " + " ".join(f"WHEN '{state}' THEN {n}" for n, state in enumerate(_STATES)) + " END"
_OF_FEEDS = ", ".join(f"sum({state})::int AS {state}" for state in _STATES)
_OF_CROSSINGS = ", ".join(f"count(*) FILTER (WHERE worst = {n})::int AS crossing_{state}" for n, state in enumerate(_STATES))
_COUNTS = ", ".join(f"count(*) FILTER (WHERE state = '{state}') AS {state}" for state in _STATES)
HISTORY = text(
    f"""
    WITH crossing AS (
        SELECT day, level, department, min({_SEVERITY}) AS worst, {_COUNTS}
        FROM feed_day WHERE city = :city AND day BETWEEN :first AND :last GROUP BY day, level, department
    )
    SELECT day, {_OF_FEEDS}, {_OF_CROSSINGS} FROM crossing GROUP BY day ORDER BY day
    """  # noqa: S608 - names of ours
)
"""Each day's feeds by state, and its crossings by the state of their worst feed."""
WEEKS = text(
    f"""
    SELECT level, day - (extract(isodow FROM day)::int - 1) AS week, min({_SEVERITY}) AS worst,
        {", ".join(f"count(DISTINCT feed) FILTER (WHERE state = '{state}')::int AS {state}" for state in _STATES)}
    FROM feed_day WHERE city = :city AND department = :department AND day BETWEEN :first AND :last GROUP BY 1, 2 ORDER BY 1, 2
    """  # noqa: S608 - names of ours
)
"""A department's weeks, by their Mondays, at each level; ``worst`` is a place in ``STATES``."""
STATES = _STATES
FEED = text(
    f"""
    SELECT f.code, f.pack, f.kind, f.name, f.name_en, f.department, f.level, f.via, f.contract, f.valid_from, f.valid_to, f.paused_until,
        d.short, d.short_en, coalesce(NOT ({_SEES}), true) AS hidden, p.declared
    FROM feed f JOIN pack p ON p.code = f.pack LEFT JOIN department d ON d.city = f.city AND d.code = f.department
    WHERE f.city = :city AND f.code = :feed
    """  # noqa: S608 - names of ours
)
FEED_DAY = text(
    """
    SELECT day, state, late_days, due_at, arrived_at, records, completeness FROM feed_day
    WHERE city = :city AND feed = :feed AND day <= :day ORDER BY day DESC LIMIT 1
    """
)
CONTRACTS = text("SELECT version, since, declared FROM feed_contract WHERE city = :city AND feed = :feed ORDER BY version DESC")
_DELIVERY = "id, due_at, received_at, via, name, size, state, landed_at, rows, loaded, rejected, quarantined, problem, report"
DELIVERIES = text(
    f"SELECT {_DELIVERY} FROM feed_delivery WHERE city = :city AND feed = :feed AND received_at < :until"  # noqa: S608
    " ORDER BY received_at DESC, id DESC LIMIT :most"
)
DELIVERY = text(f"SELECT {_DELIVERY} FROM feed_delivery WHERE city = :city AND feed = :feed AND id = :id")  # noqa: S608
QUALITY_DAYS = text(
    """
    SELECT count(*)::int AS days, count(*) FILTER (WHERE state NOT IN ('never', 'failed'))::int AS open,
        count(*) FILTER (WHERE is_due)::int AS due, count(*) FILTER (WHERE is_due AND state = 'on_time')::int AS timely
    FROM feed_day WHERE city = :city AND feed = :feed AND day BETWEEN :first AND :day AND state <> 'not_due'
    """
)
QUALITY_ROWS = text(
    """
    SELECT coalesce(sum(rows), 0)::bigint AS rows, coalesce(sum(loaded), 0)::bigint AS loaded,
        coalesce(sum(quarantined), 0)::bigint AS quarantined, sum((report ->> 'filled')::bigint) AS filled,
        sum((report ->> 'fields')::bigint) AS fields, sum((report ->> 'consistent')::bigint) AS consistent,
        sum((report ->> 'compared')::bigint) AS compared
    FROM feed_delivery WHERE city = :city AND feed = :feed AND received_at >= :since AND received_at < :until
        AND state IN ('landed', 'empty', 'replaced')
    """
)
REJECTS = text("SELECT row, reason, facts FROM feed_reject WHERE delivery = :delivery ORDER BY no LIMIT :most")
QUARANTINE = text(
    "SELECT id, row, rules, held, repaired FROM feed_quarantine WHERE delivery = :delivery AND state = 'waiting' ORDER BY row LIMIT :most"
)
PUSH = text("SELECT feed_push(:city, :feed, :name, :content, :key, :via) AS told")
