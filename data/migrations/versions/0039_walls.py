"""Walls: tours of scenes with a schedule, what breaks into them, screens that tell how they are, and what was shown when."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from data.migrations.wall_0039 import DOWNGRADE, UPGRADE

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_MOMENT = sa.DateTime(timezone=True)
_EMPTY = sa.text("'{}'")


def _of_wall(table: str) -> tuple[Any, ...]:
    return (
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("wall", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["city", "wall"], ["wall_tour.city", "wall_tour.wall"], ondelete="CASCADE", name=op.f(f"fk_{table}_city_wall")
        ),
    )


def upgrade() -> None:
    op.create_table(
        "wall_tour",
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("wall", sa.Text(), nullable=False, comment="name in the wall's address"),
        sa.Column("area", sa.Text(), nullable=False, comment="code of the area it is of: whoever manages that may change it"),
        sa.Column("version", sa.BigInteger(), nullable=False, server_default=sa.text("1"), comment="grows with each change"),
        sa.Column("epoch_at", _MOMENT, nullable=False, comment="when the tour began with its first scene"),
        sa.Column("set_at", _MOMENT, nullable=False, comment="when that was decided: turns before it do not count"),
        sa.Column("settings", JSONB(), nullable=False, server_default=_EMPTY, comment="schedule, interrupts, brightness, pixel shift"),
        sa.Column("alarm", sa.ARRAY(sa.Text()), nullable=False, server_default=_EMPTY, comment="addresses told of silent screens"),
        sa.Column("changed_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("changed_by", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["city"], ["city.code"], ondelete="CASCADE", name=op.f("fk_wall_tour_city")),
        sa.PrimaryKeyConstraint("city", "wall", name=op.f("pk_wall_tour")),
        comment="tours that somebody has edited or steered; every other wall has the one that is made from its city",
    )
    op.create_table(
        "wall_scene",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *_of_wall("wall_scene"),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="place in the tour"),
        sa.Column("playlist", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False, server_default=""),
        sa.Column("area", sa.Text(), nullable=False, comment="code of what is shown; seen by whoever sees its figures"),
        sa.Column("zone", sa.Text(), comment="code of a functional zone that is shown instead"),
        sa.Column("body", JSONB(), nullable=False, comment="layers, measure, camera, dwell_s, panels"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_scene")),
        comment="scenes of tours",
    )
    op.create_index("ix_wall_scene_wall", "wall_scene", ["city", "wall", "ordinal"])
    op.create_table(
        "wall_turn",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *_of_wall("wall_turn"),
        sa.Column("kind", sa.Text(), nullable=False, comment="hold: by a presenter; serious or late_3: by a case"),
        sa.Column("from_at", _MOMENT, nullable=False),
        sa.Column("until_at", _MOMENT, nullable=False),
        sa.Column("scene", sa.BigInteger(), comment="id of a scene that is held"),
        sa.Column("area", sa.Text(), comment="code of what is shown; null: what the tour stood at"),
        sa.Column("body", JSONB(), nullable=False, server_default=_EMPTY, comment="what is shown; of cases nothing personal"),
        sa.CheckConstraint("kind IN ('hold', 'serious', 'late_3') AND until_at >= from_at", name=op.f("ck_wall_turn_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_turn")),
        comment="what breaks into tours for a while",
    )
    op.create_index("ix_wall_turn_wall", "wall_turn", ["city", "wall", "until_at"])
    op.create_table(
        "wall_screen",
        sa.Column("id", sa.Text(), nullable=False, comment="random, kept in the screen's browser"),
        sa.Column("account", sa.Text(), nullable=False, server_default=sa.text("current_setting('gridwell.account', true)")),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("wall", sa.Text(), nullable=False),
        sa.Column("first_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("seen_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("told_at", _MOMENT, comment="when somebody was told that it is silent; null: it is not, or nobody was"),
        sa.Column("body", JSONB(), nullable=False, server_default=_EMPTY, comment="what it told last"),
        sa.Column("settings", JSONB(), nullable=False, server_default=_EMPTY, comment="title, height_m, distance_m, layout, watched"),
        sa.Column("wanted_at", _MOMENT, comment="when somebody asked for a picture that has not come"),
        sa.Column("picture", sa.LargeBinary(), comment="JPEG of what it showed, the last one alone"),
        sa.Column("picture_at", _MOMENT),
        sa.ForeignKeyConstraint(["city"], ["city.code"], ondelete="CASCADE", name=op.f("fk_wall_screen_city")),
        sa.ForeignKeyConstraint(["account"], ["account.name"], ondelete="CASCADE", name=op.f("fk_wall_screen_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_screen")),
        comment="screens that have told how they are",
    )
    op.create_index("ix_wall_screen_account", "wall_screen", ["account"])
    op.create_index("ix_wall_screen_seen", "wall_screen", ["seen_at"])
    op.create_table(
        "wall_play",
        sa.Column("screen", sa.Text(), nullable=False),
        sa.Column("from_at", _MOMENT, nullable=False),
        sa.Column("until_at", _MOMENT, nullable=False),
        sa.Column("scene", sa.Text(), nullable=False, comment="its name at that time"),
        sa.Column("kind", sa.Text(), nullable=False, comment="scene, hold, serious or late_3"),
        sa.Column("tour_version", sa.Text(), nullable=False),
        sa.Column("data_version", sa.BigInteger(), nullable=False, comment="of subject incidents"),
        sa.ForeignKeyConstraint(["screen"], ["wall_screen.id"], ondelete="CASCADE", name=op.f("fk_wall_play_screen")),
        sa.PrimaryKeyConstraint("screen", "from_at", name=op.f("pk_wall_play")),
        comment="proof of play: which scene a screen showed, and with which data",
    )
    op.create_index("ix_wall_play_from", "wall_play", ["from_at"])
    for statement in UPGRADE:
        op.execute(sa.text(statement))


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(sa.text(statement))
    for table in ("wall_play", "wall_screen", "wall_turn", "wall_scene", "wall_tour"):
        op.drop_table(table)
