"""Units, members and rules in the database. Tables are taken over as a whole: what a new one leaves out is no longer there."""

from collections.abc import Sequence
from datetime import date, datetime

from psycopg.rows import dict_row

from data.accounts.store import CHANNEL
from data.core.timezones import zone
from data.database.connections import Connection
from data.organisation.model import CasePlace, Member, Organisation, RoutingRule, Unit, make_organisation, place_case

_UNITS = (
    "SELECT code, name, name_en, department, department_en, valid_from, valid_to, coalesce(phone, '') AS phone,"
    " coalesce(head, '') AS head, coalesce(head_en, '') AS head_en FROM unit WHERE city = %s ORDER BY code"
)
_MEMBERS = "SELECT unit, account, area, post, valid_from, valid_to FROM unit_member WHERE city = %s ORDER BY id"
_RULES = (
    "SELECT id, ordinal, unit, category, area, channel, hours, valid_from, valid_to FROM routing_rule WHERE city = %s ORDER BY ordinal, id"
)
_PUT_UNIT = """
INSERT INTO unit (city, code, name, name_en, department, department_en, valid_from, valid_to, phone, head, head_en)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, nullif(%s, ''), nullif(%s, ''), nullif(%s, ''))
ON CONFLICT (city, code) DO UPDATE SET name = excluded.name, name_en = excluded.name_en, department = excluded.department,
    department_en = excluded.department_en, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
    phone = CASE WHEN %s THEN excluded.phone ELSE unit.phone END,
    head = CASE WHEN %s THEN excluded.head ELSE unit.head END, head_en = CASE WHEN %s THEN excluded.head_en ELSE unit.head_en END
"""
# A unit that cases or members name stays, and ends with the day before.
_END_UNITS = "UPDATE unit SET valid_to = least(coalesce(valid_to, %(day)s), %(day)s) WHERE city = %(city)s AND NOT code = ANY(%(codes)s)"
_PUT_MEMBER = "INSERT INTO unit_member (city, unit, account, area, post, valid_from, valid_to) VALUES (%s, %s, %s, %s, %s, %s, %s)"
_PUT_RULE = """
INSERT INTO routing_rule (city, ordinal, unit, category, area, channel, hours, valid_from, valid_to)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_PARENTS = "SELECT code, parent FROM category WHERE city = %s AND subject = 'incident'"
_AREAS = """
SELECT g.code, array_agg(a.code ORDER BY nlevel(a.path) DESC) || coalesce(
    (SELECT array_agg(m.zone ORDER BY m.zone) FROM zone_member m WHERE m.grid = g.code), '{}')
FROM area g JOIN area a ON a.path @> g.path AND a.city = g.city
WHERE g.code = ANY(%s) GROUP BY g.code
"""


def read_organisation(connection: Connection, city: str) -> Organisation:
    """A city's units, members and rules; all empty where it has none."""
    cursor = connection.cursor(row_factory=dict_row)
    units, members, rules = (cursor.execute(statement, [city]).fetchall() for statement in (_UNITS, _MEMBERS, _RULES))
    return make_organisation(units, members, rules)


def write_units(connection: Connection, city: str, units: Sequence[Unit], yesterday: date) -> int:
    """Take over a table of units; those that it leaves out end yesterday. Returns how many ended.

    A table without any telephone, or without any head, is one from before there were any: what is known of them stays.
    """
    put_units(connection, city, units)
    _tell_processes(connection)
    return connection.execute(_END_UNITS, {"city": city, "day": yesterday, "codes": [unit.code for unit in units]}).rowcount


def put_units(connection: Connection, city: str, units: Sequence[Unit]) -> None:
    """Add units, or change those that are there; all others stay as they are."""
    phones, heads = any(unit.phone for unit in units), any(unit.head or unit.head_en for unit in units)
    rows = [
        (city, u.code, u.name, u.name_en, u.department, u.department_en, u.valid_from, u.valid_to, u.phone, u.head, u.head_en)
        for u in units
    ]
    connection.cursor().executemany(_PUT_UNIT, [(*row, phones, heads, heads) for row in rows])


def write_members(connection: Connection, city: str, members: Sequence[Member]) -> None:
    """Take over a table of members."""
    connection.execute("DELETE FROM unit_member WHERE city = %s", [city])
    rows = [(city, m.unit, m.account, m.area, m.post, m.valid_from, m.valid_to) for m in members]
    connection.cursor().executemany(_PUT_MEMBER, rows)
    _tell_processes(connection)


def _tell_processes(connection: Connection) -> None:
    """Whose cases an account sees may have changed: sessions are looked up anew, and streams end where it has."""
    connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def write_rules(connection: Connection, city: str, rules: Sequence[RoutingRule]) -> None:
    """Take over a table of rules; they are tried in the order in which they are given."""
    connection.execute("DELETE FROM routing_rule WHERE city = %s", [city])
    rows = [
        (city, n, r.unit, r.category, r.area, r.channel, str(r.hours) if r.hours else None, r.valid_from, r.valid_to)
        for n, r in enumerate(rules, start=1)
    ]
    connection.cursor().executemany(_PUT_RULE, rows)


class Places:
    """Tells where cases of a city lie, in the terms of rules; what was asked once is remembered."""

    def __init__(self, connection: Connection, city: str, timezone: str) -> None:
        self._connection, self._zone = connection, zone(timezone)
        self._parents: dict[str, str | None] = dict(connection.execute(_PARENTS, [city]).fetchall())
        self._areas: dict[str, tuple[str, ...]] = {}

    def load(self, grids: Sequence[str]) -> None:
        """Read the areas around many cells at once."""
        wanted = list(set(grids) - self._areas.keys())
        if wanted:
            self._areas |= {grid: tuple(codes) for grid, codes in self._connection.execute(_AREAS, [wanted])}

    def find(self, category: str, grid: str, channel: str, reported_at: datetime) -> CasePlace:
        """Where a case lies.

        Args:
            category: code of its category.
            grid: code of its cell.
            channel: where its report came from.
            reported_at: the moment of its report, with its zone.
        """
        self.load([grid])
        moment = reported_at.astimezone(self._zone)
        return place_case(category, self._areas.get(grid, ()), channel, moment, self._parents)
