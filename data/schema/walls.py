"""Tables of walls: tours of scenes, what breaks into them, screens that tell how they are, and what was shown when."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.common import metadata

_MOMENT = DateTime(timezone=True)
_EMPTY = text("'{}'")


def _of_wall() -> tuple[Any, ...]:
    return (
        Column("city", Text, nullable=False),
        Column("wall", Text, nullable=False),
        ForeignKeyConstraint(["city", "wall"], ["wall_tour.city", "wall_tour.wall"], ondelete="CASCADE"),
    )


wall_tour = Table(
    "wall_tour",
    metadata,
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), primary_key=True),
    Column("wall", Text, primary_key=True, comment="name in the wall's address"),
    Column("area", Text, nullable=False, comment="code of the area it is of: whoever manages that may change it"),
    Column("version", BigInteger, nullable=False, server_default=text("1"), comment="grows with each change"),
    Column("epoch_at", _MOMENT, nullable=False, comment="when the tour began with its first scene"),
    Column("set_at", _MOMENT, nullable=False, comment="when that was decided: turns before it do not count"),
    Column("settings", JSONB, nullable=False, server_default=_EMPTY, comment="schedule, interrupts, brightness, pixel shift"),
    Column("alarm", ARRAY(Text), nullable=False, server_default=_EMPTY, comment="addresses told of silent screens"),
    Column("changed_at", _MOMENT, nullable=False, server_default=func.now()),
    Column("changed_by", Text, nullable=False, server_default=""),
    comment="tours that somebody has edited or steered; every other wall has the one that is made from its city",
)

wall_scene = Table(
    "wall_scene",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    *_of_wall(),
    Column("ordinal", Integer, nullable=False, comment="place in the tour"),
    Column("playlist", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("area", Text, nullable=False, comment="code of what is shown; seen by whoever sees its figures"),
    Column("zone", Text, comment="code of a functional zone that is shown instead"),
    Column("body", JSONB, nullable=False, comment="layers, measure, camera, dwell_s, panels"),
    Index("ix_wall_scene_wall", "city", "wall", "ordinal"),
    comment="scenes of tours",
)

wall_turn = Table(
    "wall_turn",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    *_of_wall(),
    Column("kind", Text, nullable=False, comment="hold: by a presenter; serious or late_3: by a case"),
    Column("from_at", _MOMENT, nullable=False),
    Column("until_at", _MOMENT, nullable=False),
    Column("scene", BigInteger, comment="id of a scene that is held"),
    Column("area", Text, comment="code of what is shown; null: what the tour stood at"),
    Column("body", JSONB, nullable=False, server_default=_EMPTY, comment="what is shown; of cases nothing personal"),
    CheckConstraint("kind IN ('hold', 'serious', 'late_3') AND until_at >= from_at", name="ck_wall_turn_kind"),
    Index("ix_wall_turn_wall", "city", "wall", "until_at"),
    comment="what breaks into tours for a while",
)

wall_screen = Table(
    "wall_screen",
    metadata,
    Column("id", Text, primary_key=True, comment="random, kept in the screen's browser"),
    Column(
        "account",
        Text,
        ForeignKey("account.name", ondelete="CASCADE"),
        nullable=False,
        server_default=text("current_setting('gridwell.account', true)"),
    ),
    Column("city", Text, ForeignKey("city.code", ondelete="CASCADE"), nullable=False),
    Column("wall", Text, nullable=False),
    Column("first_at", _MOMENT, nullable=False, server_default=func.now()),
    Column("seen_at", _MOMENT, nullable=False, server_default=func.now()),
    Column("told_at", _MOMENT, comment="when somebody was told that it is silent; null: it is not, or nobody was"),
    Column("body", JSONB, nullable=False, server_default=_EMPTY, comment="what it told last"),
    Column("settings", JSONB, nullable=False, server_default=_EMPTY, comment="title, height_m, distance_m, layout, watched"),
    Column("ill_at", _MOMENT, comment="since when it tells that it is not well; null: it is, or is silent"),
    Column("ill_told_at", _MOMENT, comment="when somebody was told of that"),
    Column("wanted_at", _MOMENT, comment="when somebody asked for a picture that has not come"),
    Column("picture", LargeBinary, comment="JPEG of what it showed, the last one alone"),
    Column("picture_at", _MOMENT),
    Index("ix_wall_screen_account", "account"),
    Index("ix_wall_screen_seen", "seen_at"),
    comment="screens that have told how they are",
)

wall_play = Table(
    "wall_play",
    metadata,
    Column("screen", Text, ForeignKey("wall_screen.id", ondelete="CASCADE"), primary_key=True),
    Column("from_at", _MOMENT, primary_key=True),
    Column("until_at", _MOMENT, nullable=False),
    Column("scene", Text, nullable=False, comment="its name at that time"),
    Column("kind", Text, nullable=False, comment="scene, hold, serious or late_3"),
    Column("tour_version", Text, nullable=False),
    Column("data_version", BigInteger, nullable=False, comment="of subject incidents"),
    Index("ix_wall_play_from", "from_at"),
    comment="proof of play: which scene a screen showed, and with which data",
)
