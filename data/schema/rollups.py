"""Roll-ups: figures of areas, kept by ``data.rollup``."""

from sqlalchemy import ARRAY, Boolean, Column, Date, Double, ForeignKey, Identity, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata
from data.schema.incident_counts import INCIDENT_COUNTS

SHOWN = ("shown_population", "shown_households", "shown_male", "shown_female", "shown_ages", "people_hidden")
"""Columns of ``area_figure`` with figures about people that every viewer may see."""

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
    Column("shown_population", Integer, comment="shown to whoever may not see the register: null where it would tell of few people"),
    Column("shown_households", Integer),
    Column("shown_male", Integer),
    Column("shown_female", Integer),
    Column("shown_ages", JSONB),
    Column("people_hidden", Boolean, nullable=False, server_default=text("false"), comment="whether any figure above is left out"),
    comment="roll-up: population, buildings and facilities of every area",
)

area_span = Table(
    "area_span",
    metadata,
    Column("area", Text, ForeignKey("area.code", ondelete="CASCADE"), primary_key=True),
    Column("bounds", ARRAY(Integer), nullable=False, comment="runs of area.no inside it: first, first after, first, first after, …"),
    comment="which areas lie inside which, for policies on roll-ups: see data.rollup.spans",
)

incident_kind = Table(
    "incident_kind",
    metadata,
    Column("no", SmallInteger, Identity(), primary_key=True, comment="below 0 for sums"),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("category", Text, comment="null: all categories"),
    Column("channel", Text, comment="null: all channels"),
    Column(
        "sensitive",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="of a sensitive category; for sums over categories: of the sensitive ones, or of all others",
    ),
    Index("uq_incident_kind", "city", text("coalesce(category, '')"), text("coalesce(channel, '')"), "sensitive", unique=True),
    comment="dictionary: the pairs of category and channel that occur in a city, and their sums",
)


def _count(name: str, comment: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"), comment=comment)


def _sums(table: str, *indexed: str, included: tuple[str, ...]) -> Index:
    """Index of only the sums over kinds, with all columns that are read: it reads one row for each day, however many kinds there are."""
    return Index(f"ix_{table}_sums", "area_no", "kind", *indexed, postgresql_include=included, postgresql_where=text("kind < 0"))


incident_daily = Table(
    "incident_daily",
    metadata,
    Column("area_no", Integer, primary_key=True),
    Column("day", Date, primary_key=True, comment="in the city's time zone"),
    Column("kind", SmallInteger, primary_key=True),
    *(_count(count.name, count.meaning) for count in INCIDENT_COUNTS),
    Column("district", Text, primary_key=True),
    _sums("incident_daily", "day", included=tuple(count.name for count in INCIDENT_COUNTS)),
    comment="roll-up: counts of every area (all levels and zones) by day and kind; sums over kinds only for MARGIN_LEVELS",
)

incident_open = Table(
    "incident_open",
    metadata,
    Column("area_no", Integer, primary_key=True),
    Column("kind", SmallInteger, primary_key=True),
    Column("stage", Text, primary_key=True, comment="one of OPEN_STAGES"),
    Column("state", Text, primary_key=True, comment="one of DEADLINE_STATES, as of city.states_at"),
    _count("n", "open cases"),
    Column("district", Text, primary_key=True),
    _sums("incident_open", included=("state", "n")),
    comment="roll-up: open cases of every area by kind, stage and deadline state; sums over kinds only for MARGIN_LEVELS",
)
