"""Tables. The one place that names columns; migrations create them, queries select from them.

Geometry is stored as EPSG:4326 (CGCS2000 and WGS 84 are the same for display) and, where it is drawn, ready in EPSG:3857 beside it.
Large tables carry ``district`` in their primary key, so that they can be distributed by it later.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

LEVELS = ("city", "district", "street", "community", "grid")
"""Levels of the tree, from the root down. A city may leave some out. ``zone`` (functional zone) stands beside them."""

CHANNELS = (
    "grid_worker",
    "hotline",
    "public",
    "building_head",
    "video",
    "sensor",
    "superior",
    "media",
    "business_system",
    "database_mirror",
    "self_declared",
    "other",
)
"""Through which door a report came (来源)."""

PROACTIVE_CHANNELS = ("grid_worker", "building_head", "video", "sensor")
"""Found by the city itself, not by a complaint (主动发现)."""

OPEN_STAGES = ("reported", "filed", "dispatched", "in_progress", "feedback")
CLOSED_STAGES = ("closed", "evaluated")
OTHER_ENDS = ("void", "duplicate", "not_responsible", "referred")
STAGES = OPEN_STAGES + CLOSED_STAGES + OTHER_ENDS

AMBER_SHARE = 0.75
"""Share of the time allowed after which an open case turns amber."""


class Ltree(UserDefinedType[str]):
    """PostgreSQL's ``ltree``: a path of labels from the root."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "ltree"


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _point(srid: int = 4326) -> Geometry:
    return Geometry("POINT", srid=srid, spatial_index=False)


def _polygons(srid: int = 4326) -> Geometry:
    return Geometry("MULTIPOLYGON", srid=srid, spatial_index=False)


def _attributes() -> Column[dict[str, object]]:
    return Column("attributes", JSONB, nullable=False, server_default=text("'{}'"))


city = Table(
    "city",
    metadata,
    Column("code", Text, primary_key=True, comment="code of the root area"),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("timezone", Text, nullable=False, comment="IANA name; days are counted in it"),
    Column("as_of", DateTime(timezone=True), comment="the moment the figures stand for; null: now"),
    Column("is_demo", Boolean, nullable=False, server_default=text("false")),
    Column("level_names", JSONB, nullable=False, server_default=text("'{}'"), comment='{"district": {"zh": "区", "en": "District"}}'),
    Column("notes", JSONB, nullable=False, server_default=text("'[]'"), comment="sentences on data and licences: [{zh, en}]"),
    Column("data_version", BigInteger, nullable=False, server_default=text("1"), comment="grows with every change; part of tile addresses"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

source = Table(
    "source",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False, comment="name of the feed inside its profile"),
    Column("subject", Text, nullable=False, comment="areas, population, buildings, incidents, facilities, base"),
    Column("name", Text, nullable=False),
    Column("department", Text),
    Column("licence", Text),
    Column("refreshed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("uq_source_key", "city", "key", unique=True),
)

category = Table(
    "category",
    metadata,
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), primary_key=True),
    Column("subject", Text, primary_key=True, comment="incident, facility or building"),
    Column("code", Text, primary_key=True),
    Column("parent", Text),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("symbol", Text, nullable=False, server_default="dot", comment="name of an icon in assets/icons"),
    Column("ordinal", Integer, nullable=False, server_default=text("0")),
)

area = Table(
    "area",
    metadata,
    Column("code", Text, primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("level", Text, nullable=False, comment="one of LEVELS, or zone"),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("parent", Text, ForeignKey("area.code", ondelete="CASCADE"), index=True),
    Column("path", Ltree, nullable=False, unique=True, comment="labels from the root; one label is area_label(code)"),
    Column("district", Text, comment="code of the district above or at this level"),
    Column(
        "origin", Text, nullable=False, server_default="published", comment="published, made, approximate, derived, or none (no polygon)"
    ),
    Column("geom", _polygons()),
    Column("geom_3857", _polygons(3857)),
    Column("label_point", _point(), comment="where the label stands: inside the polygon, or the published point"),
    Column("area_m2", Double, comment="geodesic"),
    Column("head_name", Text),
    Column("head_title", Text),
    Column("head_phone", Text),
    Column("responsible_body", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("source_id", Integer, ForeignKey("source.id")),
    _attributes(),
    Index("ix_area_path", "path", postgresql_using="gist"),
    Index("ix_area_geom", "geom", postgresql_using="gist"),
    Index("ix_area_geom_3857", "geom_3857", postgresql_using="gist"),
    Index("ix_area_city_level", "city", "level"),
)

zone_member = Table(
    "zone_member",
    metadata,
    Column("zone", Text, ForeignKey("area.code", ondelete="CASCADE"), primary_key=True),
    Column("grid", Text, ForeignKey("area.code", ondelete="CASCADE"), primary_key=True, index=True),
    comment="a functional zone holds the grid cells whose label point lies in it; its figures are their sums",
)

population_unit = Table(
    "population_unit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("source_key", Text, nullable=False),
    Column("area", Text, comment="code of an area, where the unit is one; otherwise geom says where it is"),
    Column("geom", _polygons()),
    Column("total", Integer, nullable=False),
    Column("households", Integer),
    Column("male", Integer),
    Column("female", Integer),
    Column("ages", JSONB, comment='{"0-4": 12, …}; bands of the publisher'),
    Column("as_of", Date, nullable=False),
    Column("method", Text, nullable=False, comment="by_area or by_buildings: how it is shared out among cells"),
    Index("uq_population_unit_key", "source_id", "source_key", unique=True),
    Index("ix_population_unit_geom", "geom", postgresql_using="gist"),
    comment="population as published (census block groups, districts); area_figure holds what the cells get of it",
)


def _placed(geometry: Geometry, drawn: Geometry) -> list[Column[object]]:
    """Columns of every large table whose rows stand in a grid cell."""
    return [
        Column("district", Text, primary_key=True),
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("city", Text, nullable=False),
        Column("source_id", Integer, nullable=False),
        Column("source_key", Text, nullable=False),
        Column("grid", Text, nullable=False, comment="code of the leaf area it stands in"),
        Column("path", Ltree, nullable=False, comment="path of that area"),
        Column("grid_method", Text, nullable=False, server_default="within", comment="within, or nearest (outside every cell, but near)"),
        Column("geom", geometry, nullable=False),
        Column("geom_3857", drawn, nullable=False),
    ]


def _placed_indexes(name: str) -> list[Index]:
    return [
        Index(f"uq_{name}_source", "source_id", "source_key", unique=True),
        Index(f"ix_{name}_path", "path", postgresql_using="gist"),
        Index(f"ix_{name}_grid", "grid"),
        Index(f"ix_{name}_geom_3857", "geom_3857", postgresql_using="gist"),
    ]


building = Table(
    "building",
    metadata,
    *_placed(_polygons(), _polygons(3857)),
    Column("name", Text),
    Column("address", Text),
    Column("use", Text, nullable=False, server_default="other", comment="category of subject building"),
    Column("floors", SmallInteger),
    Column("height_m", Double),
    Column("height_origin", Text, nullable=False, server_default="none", comment="published, floors (floors × 3 m) or none"),
    Column("residents", Integer, nullable=False, server_default=text("0")),
    Column("year_built", SmallInteger),
    Column("footprint_m2", Double, nullable=False, comment="geodesic"),
    _attributes(),
    *_placed_indexes("building"),
    # For search: any part of an address or a name.
    Index("ix_building_address_trgm", "address", postgresql_using="gin", postgresql_ops={"address": "gin_trgm_ops"}),
    Index("ix_building_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
)

person = Table(
    "person",
    metadata,
    Column("district", Text, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("city", Text, nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("grid", Text, nullable=False),
    Column("path", Ltree, nullable=False),
    Column("building_id", BigInteger, index=True),
    Column("household", Text, nullable=False),
    Column("name", Text, nullable=False, comment="personal"),
    Column("sex", Text, nullable=False, comment="M or F"),
    Column("birth_date", Date, nullable=False, comment="personal"),
    Column("residence", Text, nullable=False, comment="registered (户籍), floating (流动) or overseas (境外)"),
    Index("uq_person_source", "source_id", "source_key", unique=True),
    Index("ix_person_grid", "grid"),
    comment="the register; what is personal or sensitive is declared on the columns",
)

facility = Table(
    "facility",
    metadata,
    *_placed(_point(), _point(3857)),
    Column("kind", Text, nullable=False, comment="category of subject facility"),
    Column("name", Text),
    Column("address", Text),
    _attributes(),
    *_placed_indexes("facility"),
)

incident = Table(
    "incident",
    metadata,
    *_placed(_point(), _point(3857)),
    Column("number", Text, nullable=False, comment="case number people quote (案件号)"),
    Column("category", Text, nullable=False, comment="category of subject incident"),
    Column("channel", Text, nullable=False, comment="one of CHANNELS"),
    Column("stage", Text, nullable=False, comment="one of STAGES"),
    Column("paused", Boolean, nullable=False, server_default=text("false"), comment="挂账: does not count against deadlines"),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True), comment="set exactly when the stage is one of CLOSED_STAGES"),
    Column("title", Text, nullable=False, server_default=""),
    Column("address", Text),
    Column("handler", Text, comment="unit that handles it"),
    _attributes(),
    Column(
        "is_open", Boolean, Computed("stage IN ('reported','filed','dispatched','in_progress','feedback')", persisted=True), nullable=False
    ),
    *_placed_indexes("incident"),
    Index("ix_incident_reported", "city", "reported_at"),
    Index("ix_incident_number", "number", postgresql_ops={"number": "text_pattern_ops"}),
    Index("ix_incident_open", "path", postgresql_using="gist", postgresql_where=text("is_open")),
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
    comment="append-only history of an incident",
)

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
)

area_figure = Table(
    "area_figure",
    metadata,
    Column("area", Text, ForeignKey("area.code", ondelete="CASCADE"), primary_key=True),
    Column("population", Integer, comment="null: nothing is known"),
    Column("households", Integer),
    Column("male", Integer),
    Column("female", Integer),
    Column("ages", JSONB, comment='{"0-14": 12, …}'),
    Column("population_as_of", Date),
    Column("population_method", Text, comment="register, published, by_area or by_buildings"),
    Column("buildings", Integer, nullable=False, server_default=text("0")),
    Column("footprint_m2", Double, nullable=False, server_default=text("0")),
    Column(
        "floor_area_m2",
        Double,
        nullable=False,
        server_default=text("0"),
        comment="footprint × floors, floors from height / 3 m where unknown",
    ),
    Column("facilities", Integer, nullable=False, server_default=text("0")),
    comment="roll-up: population, buildings and facilities of every area",
)

incident_daily = Table(
    "incident_daily",
    metadata,
    Column("district", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("day", Date, primary_key=True, comment="in the city's time zone"),
    Column("category", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("reported", Integer, nullable=False, server_default=text("0"), comment="reported on this day, whatever became of it"),
    Column("void", Integer, nullable=False, server_default=text("0"), comment="of reported: ended as one of OTHER_ENDS"),
    Column("open", Integer, nullable=False, server_default=text("0"), comment="of reported: still open"),
    Column("closed", Integer, nullable=False, server_default=text("0"), comment="closed on this day"),
    Column("due", Integer, nullable=False, server_default=text("0"), comment="deadline on this day; without OTHER_ENDS and paused"),
    Column("due_closed", Integer, nullable=False, server_default=text("0"), comment="of due: closed by now"),
    Column("due_on_time", Integer, nullable=False, server_default=text("0"), comment="of due: closed at or before the deadline"),
    Index("ix_incident_daily_area_day", "area", "day"),
    comment="roll-up: counts of every area (all levels and zones) by day, category and channel",
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("city", Text),
    Column("profile", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("finished_at", DateTime(timezone=True)),
    Column("outcome", Text, nullable=False, comment="running, loaded, unchanged, dry_run or failed"),
    Column("report", JSONB, nullable=False, server_default=text("'{}'"), comment="per file: read, loaded, rejected; repairs; sentences"),
)

reject = Table(
    "reject",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("run_id", Integer, ForeignKey("import_run.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, comment="line of the file, or ordinal of the feature, from 1"),
    Column("column_name", Text),
    Column("value", Text),
    Column("reason", Text, nullable=False, comment="short code: duplicate_key, bad_date, …"),
    Column("sentence", Text, nullable=False),
)


def area_label(code: str) -> str:
    """The ltree label of an area code: letters, digits and ``_`` stay, every other character becomes ``_`` and its hex code point.

    Distinct codes give distinct labels, because ``_`` itself is escaped too.
    """
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in code)
