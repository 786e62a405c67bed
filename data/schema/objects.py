"""What stands in the areas: buildings, people, facilities, incidents, and the base map."""

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
    SmallInteger,
    Table,
    Text,
    text,
)

from data.schema.common import Ltree, attributes, metadata, point, polygons


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
    *_placed(point(), point(3857)),
    Column("kind", Text, nullable=False, comment="category of subject facility"),
    Column("name", Text),
    Column("address", Text),
    attributes(),
    *_placed_indexes("facility"),
)

incident = Table(
    "incident",
    metadata,
    *_placed(point(), point(3857)),
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
    attributes(),
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
