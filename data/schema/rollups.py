"""Roll-ups: figures of areas, kept by ``data.rollup``."""

from sqlalchemy import Column, Date, Double, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata

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
