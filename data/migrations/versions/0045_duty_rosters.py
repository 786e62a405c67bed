"""Duty rosters: who is on duty where; a wall is told counts alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0045"
down_revision: str | None = "0044"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Counts alone leave the table, of areas whose figures the viewer may see. Nothing where no shift is near: then the roster does not tell of
# this time, and nobody on duty would be a wrong answer. A duty lasts seven days at most, so the index by its begin finds what is running.
_NOW = """
CREATE FUNCTION duty_now(of_area text, of_moment timestamptz) RETURNS TABLE (people bigint, grids bigint, of_grids bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH own AS (
        SELECT a.code, a.city, a.level, a.path FROM area a WHERE a.code = of_area AND (viewer_compares_all() OR a.path <@ viewer_figures()
            OR a.code = viewer_zone() OR a.code IN (SELECT m.grid FROM zone_member m WHERE m.zone = viewer_zone()))
    ), cell AS (
        SELECT g.code, g.path FROM own JOIN area g ON g.city = own.city AND g.level = 'grid' AND g.origin NOT IN ('unplaced', 'none')
            AND CASE WHEN own.level = 'zone' THEN g.code IN (SELECT m.grid FROM zone_member m WHERE m.zone = own.code)
                ELSE g.path <@ own.path END
    ), shift AS (
        SELECT s.person, s.people, p.code, p.level, p.path FROM own JOIN duty_shift s ON s.city = own.city AND s.ends_at > of_moment
            AND s.begins_at <= of_moment AND s.begins_at > of_moment - interval '8 days' JOIN area p ON p.code = s.area AND p.city = s.city
    ), wide AS MATERIALIZED (
        SELECT DISTINCT s.path FROM shift s WHERE s.level NOT IN ('grid', 'zone')
    ), inside AS (
        SELECT s.person, s.people FROM own JOIN shift s ON CASE WHEN own.level = 'zone'
            THEN s.code = own.code OR s.code IN (SELECT c.code FROM cell c) ELSE s.path <@ own.path END
    )
    SELECT (SELECT count(DISTINCT i.person) + coalesce(sum(i.people) FILTER (WHERE i.person IS NULL), 0) FROM inside i),
        (SELECT count(*) FROM cell c WHERE c.code IN (SELECT s.code FROM shift s) OR EXISTS (SELECT FROM wide w WHERE c.path <@ w.path)
            OR c.code IN (SELECT m.grid FROM zone_member m JOIN shift s ON s.level = 'zone' AND s.code = m.zone)),
        (SELECT count(*) FROM cell)
    FROM own WHERE EXISTS (
        SELECT FROM duty_shift s WHERE s.city = own.city AND s.ends_at > of_moment - interval '1 day'
            AND s.begins_at BETWEEN of_moment - interval '8 days' AND of_moment + interval '1 day')
$$
"""


def upgrade() -> None:
    op.create_table(
        "duty_shift",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False, comment="code of an area, of which all cells are looked after"),
        sa.Column(
            "person", sa.Uuid(), comment="random: the same person in the same table; null: only a count is known. Names are not kept"
        ),
        sa.Column("people", sa.Integer(), nullable=False, comment="how many"),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > begins_at AND people > 0", name=op.f("ck_duty_shift_span")),
        sa.ForeignKeyConstraint(["city"], ["city.code"], name=op.f("fk_duty_shift_city"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shift")),
        comment="who is on duty where: shifts of a roster, counted by duty_now() alone",
    )
    op.create_index("ix_duty_shift_city", "duty_shift", ["city", "begins_at", "ends_at"])
    op.execute(sa.text(_NOW))
    op.execute(sa.text("REVOKE ALL ON FUNCTION duty_now(text, timestamptz) FROM PUBLIC"))
    op.execute(sa.text("GRANT EXECUTE ON FUNCTION duty_now(text, timestamptz) TO gridwell_figures"))


def downgrade() -> None:
    op.execute(sa.text("DROP FUNCTION duty_now(text, timestamptz)"))
    op.drop_table("duty_shift")
