"""Names behind accounts stay within their cities, and a roster tells only of the areas that it is about."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0046"
down_revision: str | None = "0045"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_SAFELY = "SET search_path = pg_catalog, public, pg_temp"
# Anybody can be named in a case, where a city has no units to check it; the name behind the account is told only to its own cities: that of
# its area, those in whose units it is or was, and all of them for an account of every area.
_NAMES = """
CREATE OR REPLACE FUNCTION names_of_accounts(of_accounts text[]) RETURNS TABLE (account text, shown text)
LANGUAGE sql STABLE SECURITY DEFINER {safely} AS $$
    {body}
$$
"""
_ANY_NAME = "SELECT a.name, a.shown FROM account a WHERE a.name = ANY (of_accounts)"
_OWN_NAMES = """WITH seen AS MATERIALIZED (
        SELECT c.code FROM city c JOIN area t ON t.code = c.code WHERE t.path <@ viewer_scope() OR t.path @> viewer_scope()
        UNION SELECT m.city FROM unit_member m WHERE m.account = nullif(current_setting('gridwell.account', true), '')
    )
    SELECT a.name, a.shown FROM account a WHERE a.name = ANY (of_accounts) AND (
        a.scope = '*' OR EXISTS (SELECT FROM area s JOIN seen ON seen.code = s.city WHERE s.code = a.scope)
        OR EXISTS (SELECT FROM unit_member m JOIN seen ON seen.code = m.city WHERE m.account = a.name))"""

_NOW = """
CREATE OR REPLACE FUNCTION duty_now(of_area text, of_moment timestamptz) RETURNS TABLE (people bigint, grids bigint, of_grids bigint)
LANGUAGE sql STABLE SECURITY DEFINER {safely} AS $$
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
        SELECT FROM duty_shift s{about} WHERE s.city = own.city AND s.ends_at > of_moment - interval '1 day'
            AND s.begins_at BETWEEN of_moment - interval '8 days' AND of_moment + interval '1 day')
$$
"""
# The path of a zone does not say which cells it has: every roster of the city is taken to be about it, and its own about every area.
_ABOUT_OWN = """ JOIN area p ON p.code = s.area AND p.city = s.city
            AND (own.level = 'zone' OR p.level = 'zone' OR p.path <@ own.path OR own.path <@ p.path)"""


def _make(names: str, about: str) -> None:
    op.execute(sa.text(_NAMES.format(safely=_SAFELY, body=names)))
    op.execute(sa.text(_NOW.format(safely=_SAFELY, about=about)))


def upgrade() -> None:
    _make(_OWN_NAMES, _ABOUT_OWN)


def downgrade() -> None:
    _make(_ANY_NAME, "")
