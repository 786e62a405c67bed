"""Tables of objects in the areas: buildings, facilities, incidents, and the base map."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from data.schema.cases import STEP_COLUMNS, WORK_COLUMNS
from data.schema.common import Ltree, attributes, metadata, point, polygons
from data.schema.deadlines import DEADLINE_COLUMNS

_METHOD = "within, or nearest (outside every cell, but near)"


def _placed(geometry: Geometry, drawn: Geometry, unplaced: bool = False) -> list[Column[object]]:
    """Columns of every large table whose rows lie in a grid cell; ``unplaced``: some may have no place."""
    method = f"{_METHOD}, or unplaced (no place is known)" if unplaced else _METHOD
    return [
        Column("district", Text, primary_key=True),
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("city", Text, nullable=False),
        Column("source_id", Integer, nullable=False),
        Column("source_key", Text, nullable=False),
        Column("grid", Text, nullable=False, comment="code of the leaf area it stands in"),
        Column("path", Ltree, nullable=False, comment="path of that area"),
        Column("grid_method", Text, nullable=False, server_default="within", comment=method),
        Column("geom", geometry, nullable=unplaced),
        Column("geom_3857", drawn, nullable=unplaced),
    ]


def _placed_indexes(name: str) -> list[Index]:
    return [
        Index(f"uq_{name}_source", "source_id", "source_key", unique=True),
        Index(f"ix_{name}_path", "path", postgresql_using="gist"),
        Index(f"ix_{name}_grid", "grid"),
        Index(f"ix_{name}_geom_3857", "geom_3857", postgresql_using="gist"),
    ]


BULK_SEEN_FROM = {9: 400_000, 10: 150_000, 11: 50_000, 12: 15_000, 13: 4_000}
"""Smallest footprint × height in m³ at which a building is drawn at a zoom. In a dense city, each step has about as many buildings as all
steps before it.
"""
_BULK_M3 = "footprint_m2 * coalesce(height_m, floors * 3, 6)"
SEEN_FROM = f"CASE {' '.join(f'WHEN {_BULK_M3} >= {bulk} THEN {zoom}' for zoom, bulk in BULK_SEEN_FROM.items())} ELSE 14 END"
"""Lowest zoom at which a building is drawn; an unknown height counts as 6 m."""

building = Table(
    "building",
    metadata,
    *_placed(polygons(), polygons(3857)),
    Column("name", Text),
    Column("address", Text),
    Column("use", Text, nullable=False, server_default="other", comment="category of subject building"),
    Column("floors", SmallInteger),
    Column("height_m", Double),
    Column("height_origin", Text, nullable=False, server_default="none", comment="published, floors (floors × 3 m) or none"),
    Column("residents", Integer, nullable=False, server_default=text("0")),
    Column("year_built", SmallInteger),
    Column("footprint_m2", Double, nullable=False, comment="geodesic"),
    attributes(),
    Column("seen_from", SmallInteger, Computed(SEEN_FROM, persisted=True), comment="zoom from which it is drawn, by its bulk"),
    *_placed_indexes("building"),
    # At low zooms a tile covers thousands of buildings and shows few: one small index for each step finds exactly these.
    *(
        Index(f"ix_building_seen_{zoom}", "geom_3857", postgresql_using="gist", postgresql_where=text(f"seen_from = {zoom}"))
        for zoom in BULK_SEEN_FROM
    ),
    # For search: any part of an address or a name.
    Index("ix_building_address_trgm", "address", postgresql_using="gin", postgresql_ops={"address": "gin_trgm_ops"}),
    Index("ix_building_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
)

facility = Table(
    "facility",
    metadata,
    *_placed(point(), point(3857)),
    Column("kind", Text, nullable=False, comment="category of subject facility"),
    Column("name", Text),
    Column("address", Text),
    attributes(),
    *_placed_indexes("facility"),
)

_SEARCHED_CODES = ", ".join(f"hashtext('{name} ' || {name})" for name in ("category", "channel", "stage", "severity", "unit", "assignee"))
SEARCH_KEYS = f"case_search_keys(number, title, address, description) || array_remove(ARRAY[{_SEARCHED_CODES}], NULL)"
"""What a case is found by: pairs of characters of its texts, and codes as hashes. Different things may share a key, so that whoever finds a
case by its keys compares the column itself, too.
"""

incident = Table(
    "incident",
    metadata,
    *_placed(point(), point(3857), unplaced=True),
    Column("number", Text, nullable=False, comment="case number people quote (案件号)"),
    Column("category", Text, nullable=False, comment="category of subject incident"),
    Column("channel", Text, nullable=False, comment="one of CHANNELS"),
    Column("stage", Text, nullable=False, comment="one of STAGES"),
    Column("paused", Boolean, nullable=False, server_default=text("false"), comment="挂账: does not count against deadlines"),
    Column("reported_at", DateTime(timezone=True), primary_key=True),
    Column("due_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True), comment="set exactly when the stage is one of CLOSED_STAGES"),
    *(
        Column(name, Boolean, nullable=False, server_default=text("false"), comment=comment)
        for name, comment in (
            ("reported_is_day", "only the day of reported_at is known, in the city's time zone; it is the first moment of that day"),
            ("due_is_day", "the deadline is a day, in the city's time zone; due_at is the last microsecond of that day"),
            ("closed_is_day", "only the day of closed_at is known; it is the first moment of that day, or the report where that is later"),
        )
    ),
    Column("title", Text, nullable=False, server_default=""),
    Column("address", Text),
    Column("handler", Text, comment="unit that handles it"),
    attributes(),
    Column(
        "is_open", Boolean, Computed("stage IN ('reported','filed','dispatched','in_progress','feedback')", persisted=True), nullable=False
    ),
    Column("deadline_state", Text, comment="of open cases: one of DEADLINE_STATES, as of city.states_at"),
    *WORK_COLUMNS,
    *DEADLINE_COLUMNS,
    Column("search_keys", ARRAY(Integer), Computed(SEARCH_KEYS, persisted=True), comment="see SEARCH_KEYS"),
    # Not unique: PostgreSQL can check that only within a partition. Writers hold the city's lock, and the doctor checks all partitions.
    Index("ix_incident_source", "source_id", "source_key"),
    Index("ix_incident_path", "path", postgresql_using="gist"),
    Index("ix_incident_grid", "grid"),
    Index("ix_incident_reported", "city", "reported_at"),
    Index("ix_incident_number", "number", postgresql_ops={"number": "text_pattern_ops"}),
    # With the district, a search within one reads what lies in it and nothing else.
    Index("ix_incident_search", "search_keys", "district", postgresql_using="gin"),
    Index("ix_incident_due", "city", "due_at"),
    Index("ix_incident_closed", "city", "closed_at"),
    Index("ix_incident_open", "path", postgresql_using="gist", postgresql_where=text("is_open")),
    Index("ix_incident_open_3857", "geom_3857", postgresql_using="gist", postgresql_where=text("is_open")),
    # Cases whose state will change as time passes: few, however many cases there are.
    Index("ix_incident_waiting", "city", "due_at", postgresql_where=text("deadline_state IN ('amber', 'on_time')")),
    # Cases of which somebody may have to be told.
    Index("ix_incident_overdue", "city", "due_at", postgresql_where=text("deadline_state = 'overdue'")),
    # Paused cases whose pause ends by itself: a handful, also where a source has paused many.
    Index("ix_incident_pause_end", "city", "paused_until", postgresql_where=text("paused_until IS NOT NULL")),
    comment="one partition a month of reporting (UTC), see data.database.partitions",
    postgresql_partition_by="RANGE (reported_at)",
)

incident_event = Table(
    "incident_event",
    metadata,
    Column("district", Text, primary_key=True),
    Column("incident_id", BigInteger, primary_key=True),
    Column("seq", SmallInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("stage", Text, nullable=False),
    Column("actor", Text),
    Column("remark", Text),
    *STEP_COLUMNS,
    Column("place", point()),
    Column("attachments", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="content hashes"),
    comment="append-only history of an incident",
)

BASE_SURFACES = "kind IN ('land', 'field', 'green', 'flood')"
BASE_WAYS = "kind IN ('water', 'road', 'track')"
BASE_MAIN = "rank <= 2"

base_feature = Table(
    "base_feature",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="water, green, field, road, track, tree, flood or land"),
    Column("rank", SmallInteger, nullable=False, server_default=text("3"), comment="1 is the most important; detail follows it"),
    Column("width_m", Double, comment="roads: drawn width"),
    Column("name", Text),
    Column("geom_3857", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
    Index("uq_base_feature_source", "source_id", "source_key", unique=True),
    Index("ix_base_feature_geom_3857", "geom_3857", postgresql_using="gist"),
    # Most rows are trees, which are drawn only at high zooms. What each layer of tiles draws at low zooms has a separate index.
    *(
        Index(f"ix_base_feature_{name}", "geom_3857", postgresql_using="gist", postgresql_where=text(kept))
        for name, kept in (("surfaces", BASE_SURFACES), ("ways", BASE_WAYS), ("main", BASE_MAIN))
    ),
)
