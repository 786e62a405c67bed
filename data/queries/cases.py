"""Statements on cases for the machine door: one case with its history, several by number, and what becomes of requests."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, and_, bindparam, case, func, literal, select, text

from data.queries.expressions import Rows
from data.schema import CLOSED_STAGES, category, city, incident, incident_event, incident_reporter

_CASE = (
    *("city", "district", "id", "number", "category", "channel", "stage", "severity", "condition", "title", "description", "address"),
    *("grid", "reported_at", "due_at", "stage_at", "stage_due_at", "closed_at", "filed_at", "dispatched_at", "due_provisional"),
    *("rule_id", "amber_at"),
    *("paused", "paused_at", "paused_until", "paused_s", "unit", "assignee", "handler", "version", "duplicate_of", "reworked", "reopened"),
    *("answered", "solved", "satisfied"),
)
MOST_COUNTED = 10_000
"""Counts stop here: a list of more is told as such."""
FILTERS = ("area", "category", "channel", "stage", "state", "severity", "unit", "assignee", "city", "first", "last")


def _state() -> Any:
    """The deadline state while a case is open, then ``closed`` or ``ended``."""
    return case(
        (incident.c.is_open, incident.c.deadline_state), (incident.c.stage.in_(CLOSED_STAGES), literal("closed")), else_=literal("ended")
    ).label("state")


def _cases() -> Rows:
    point = incident.c.geom
    return select(
        *(incident.c[name] for name in _CASE),
        incident.c.attributes["title_en"].astext.label("title_en"),
        func.ST_X(point).label("lon"),
        func.ST_Y(point).label("lat"),
        _state(),
        category.c.name.label("category_name"),
        category.c.name_en.label("category_name_en"),
        city.c.timezone,
    ).select_from(
        incident.join(city, city.c.code == incident.c.city).outerjoin(
            category,
            and_(category.c.city == incident.c.city, category.c.subject == "incident", category.c.code == incident.c.category),
        )
    )


@lru_cache
def case_by_number(with_city: bool) -> Rows:
    """The case with this ``number``, of the ``city`` where that is given; the newest where several cities have it."""
    found = _cases().where(incident.c.number == bindparam("number", type_=Text))
    if with_city:
        found = found.where(incident.c.city == bindparam("city", type_=Text))
    return found.order_by(incident.c.reported_at.desc()).limit(1)


@lru_cache
def states_by_number(columns: tuple[str, ...], recent: bool) -> Rows:
    """Number, key and ``columns`` of cases with one of ``numbers``: of those reported since the moment ``since``, or of those before it.

    Either reads the months on its side alone.
    """
    since = bindparam("since", type_=DateTime(timezone=True))
    return select(*(incident.c[name] for name in ("number", "city", "district", "id", "reported_at", *columns))).where(
        incident.c.number == func.any(bindparam("numbers", type_=None)),
        incident.c.reported_at >= since if recent else incident.c.reported_at < since,
    )


@lru_cache
def history() -> Rows:
    """Every event of the case ``id`` in ``district``, the oldest first."""
    names = ("seq", "at", "step", "stage", "account", "actor", "unit", "remark", "details", "attachments")
    place = incident_event.c.place
    return (
        select(*(incident_event.c[name] for name in names), func.ST_X(place).label("lon"), func.ST_Y(place).label("lat"))
        .where(incident_event.c.district == bindparam("district", type_=Text), incident_event.c.incident_id == bindparam("id"))
        .order_by(incident_event.c.seq)
    )


@lru_cache
def histories() -> Rows:
    """The events that were made here of the cases with the keys ``districts`` and ``ids``, the oldest first."""
    names = ("district", "incident_id", "seq", "at", "step", "stage", "account", "actor", "unit", "remark", "details", "attachments")
    place = incident_event.c.place
    wanted = func.unnest(bindparam("districts", type_=ARRAY(Text)), bindparam("ids", type_=ARRAY(BigInteger)))
    keys = wanted.table_valued("district", "id").render_derived(name="wanted")
    of_keys = and_(incident_event.c.district == keys.c.district, incident_event.c.incident_id == keys.c.id)
    return (
        select(*(incident_event.c[name] for name in names), func.ST_X(place).label("lon"), func.ST_Y(place).label("lat"))
        .join_from(keys, incident_event, of_keys)
        .where(incident_event.c.account.is_not(None))
        .order_by(incident_event.c.district, incident_event.c.incident_id, incident_event.c.seq)
    )


@lru_cache
def reporters() -> Rows:
    """Who reported a case, masked, with those of cases that were merged into it."""
    table = incident_reporter
    return (
        select(*(table.c[name] for name in ("seq", "name_shown", "phone_shown", "merged_from")))
        .where(table.c.district == bindparam("district", type_=Text), table.c.incident_id == bindparam("id"))
        .order_by(table.c.seq)
    )


INSERT_REQUESTS = """
INSERT INTO case_request (id, city, district, incident_id, reported_at, grid, key, part, hash, body)
SELECT id, city, district, incident_id, reported_at, grid, key, part, hash, body::jsonb
FROM unnest(%(id)s::uuid[], %(city)s::text[], %(district)s::text[], %(incident_id)s::bigint[], %(reported_at)s::timestamptz[],
    %(grid)s::text[], %(key)s::text[], %(part)s::int[], %(hash)s::bytea[], %(body)s::text[])
    r (id, city, district, incident_id, reported_at, grid, key, part, hash, body)
"""
"""Requests on cases whose keys are known, and on new ones."""
INSERT_REQUEST_BY_NUMBER = """
INSERT INTO case_request (id, city, district, incident_id, reported_at, key, hash, body)
SELECT %(id)s::uuid, case_city, case_district, case_id, case_moment, %(key)s::text, %(hash)s::bytea, %(body)s::text::jsonb
FROM find_case(%(number)s::text, %(city)s::text)
"""
"""A request on the newest case with a number that the viewer sees; none where there is no such case."""
ANNOUNCE = "SELECT pg_notify('gridwell_case_requests', '')"
"""Says that there are requests."""
NOTE_REPORTERS = text("SELECT audit_append('list_people', :subject)")
GIVE_UP = text("DELETE FROM case_request WHERE id = ANY(CAST(:ids AS uuid[])) AND outcome IS NULL RETURNING id")
KNOWN_OUTCOMES = text(
    "SELECT part, outcome FROM case_idempotency WHERE account = :account AND key = :key AND part = ANY(CAST(:parts AS int[]))"
)
OUTCOMES_TOGETHER = "SELECT array_agg(id), array_agg(outcome::text) FROM case_outcomes(%(ids)s::uuid[])"
"""In one row, for ``fetch_row``."""
OUTCOMES = text("SELECT id, outcome FROM case_outcomes(CAST(:ids AS uuid[]))")
