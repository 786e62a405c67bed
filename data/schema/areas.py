"""Cities, their feeds and categories, and the tree of areas."""

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
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import Ltree, attributes, metadata, point, polygons

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
    Column("data_version", BigInteger, nullable=False, server_default=text("1"), comment="the newest of versions"),
    Column("versions", JSONB, nullable=False, server_default=text("'{}'"), comment='by subject, in ms: {"incidents": 1793412000000}'),
    Column("states_at", DateTime(timezone=True), comment="the moment deadline states are settled for; null: roll-ups were never counted"),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "newest_case_day",
        Date,
        comment="of the newest case of a category that is not sensitive, in the city's time zone; null: there is none",
    ),
    Column("worked_since", DateTime(timezone=True), comment="of the first step that was taken here; since then as_of is null"),
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
    Column(
        "nests",
        Double,
        comment="of areas: share (0 to 1) by which they may leave the areas above them or overlap, where the profile says so",
    ),
    Column("whole_from", Double, comment="of population: share (0 to 1) of a unit inside the city from which all of its people count"),
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
    Column(
        "sensitive",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="of incidents: cases and their counts need the right to personal data",
    ),
)

PHONE_SHOWN = (
    "CASE WHEN length(head_phone) >= 11 THEN left(head_phone, 3) || '****' || right(head_phone, 4)"
    " WHEN head_phone <> '' THEN '****' || right(head_phone, 2) END"
)
"""The same mask as ``data.core.text.mask_phone``, in SQL."""

area = Table(
    "area",
    metadata,
    Column("code", Text, primary_key=True),
    Column("no", Integer, Identity(), nullable=False, comment="what roll-ups call it: small, and never used again"),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("level", Text, nullable=False, comment="one of LEVELS, or zone"),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("parent", Text, ForeignKey("area.code", ondelete="CASCADE"), index=True),
    Column("path", Ltree, nullable=False, unique=True, comment="labels from the root; one label is area_label(code)"),
    Column("district", Text, comment="code of the district above or at this level"),
    Column(
        "origin",
        Text,
        nullable=False,
        server_default="published",
        comment="published, made, approximate, derived, none (no polygon), or unplaced (cases without a place of the area above)",
    ),
    Column("geom", polygons()),
    Column("geom_3857", polygons(3857)),
    Column("label_point", point(), comment="where the label stands: inside the polygon, or the published point"),
    Column("area_m2", Double, comment="geodesic"),
    Column("head_name", Text),
    Column("head_title", Text),
    Column("head_phone", Text),
    Column("head_phone_shown", Text, Computed(PHONE_SHOWN, persisted=True), comment="masked: 138****5678"),
    Column("responsible_body", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("source_id", Integer, ForeignKey("source.id")),
    attributes(),
    Index("uq_area_no", "no", unique=True),
    Index("ix_area_path", "path", postgresql_using="gist"),
    Index("ix_area_unplaced", "path", postgresql_using="gist", postgresql_where=text("origin = 'unplaced'")),
    Index("ix_area_geom", "geom", postgresql_using="gist"),
    Index("ix_area_geom_3857", "geom_3857", postgresql_using="gist"),
    Index("ix_area_city_level", "city", "level"),
)

zone_member = Table(
    "zone_member",
    metadata,
    Column("zone", Text, ForeignKey("area.code", ondelete="CASCADE"), primary_key=True),
    Column("grid", Text, ForeignKey("area.code", ondelete="CASCADE"), primary_key=True, index=True),
    comment="a functional zone holds the grid cells whose label point lies in it: these are drawn and listed as its own",
)

zone_edge = Table(
    "zone_edge",
    metadata,
    Column("zone", Text, ForeignKey("area.code", ondelete="CASCADE"), primary_key=True),
    Column("grid", Text, ForeignKey("area.code", ondelete="CASCADE"), primary_key=True, index=True),
    Column("share", Double, nullable=False, comment="of the cell's people who live in the zone, 0 to 1, by area"),
    comment="cells that a zone's border crosses: of these, objects count for the zone by where they stand, and people by their share",
)

population_unit = Table(
    "population_unit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("source_id", Integer, ForeignKey("source.id"), nullable=False),
    Column("source_key", Text, nullable=False),
    Column("area", Text, comment="code of an area, where the unit is one; otherwise geom says where it is"),
    Column("geom", polygons()),
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
