"""Hires the crew: accounts, tokens, units, and what it must know of the city. As the owner of the tables."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection as AccountConnection

from data.accounts import store, tokens
from data.accounts.model import Draft, NameTaken
from data.accounts.transactions import owner_transaction
from data.database.connections import Connection, connect
from data.demo.alive.admission import NoDemo, check_city, is_somebody
from data.demo.alive.people import Crew, Member, make_crew
from data.demo.alive.rhythm import Place
from data.demo.common import names
from data.demo.common.catalogue import CATEGORIES
from data.demo.common.names import Name
from data.demo.common.offices import make_rules, make_units
from data.organisation.model import Organisation
from data.organisation.store import put_units, read_organisation, write_members, write_rules

TOKEN_DAYS = 30
RATE_DAYS = 28
MOST_PLACES, MOST_LOOKED_AT = 4_000, 20_000
_NAMES = "SELECT code, name, name_en FROM area WHERE city = %s AND level = 'district' AND origin <> 'unplaced' ORDER BY code"
# Of the cases that were made with the city: those that the crew reported must not make it report more and more.
_MADE = "i.city = %(city)s AND i.source_id = (SELECT id FROM source WHERE city = %(city)s AND key = 'demo_incidents')"
_NEWEST = f"SELECT max(i.reported_at) FROM incident i WHERE {_MADE}"  # noqa: S608 - ours
_COUNT = f"SELECT count(*) FROM incident i WHERE {_MADE} AND i.reported_at > %(since)s"  # noqa: S608 - ours
_PLACES = f"""
SELECT category, ST_X(geom), ST_Y(geom), coalesce(district, ''), split_part(title, '附近', 1) FROM (
    SELECT i.category, i.geom, i.district, i.title, i.number FROM incident i
    WHERE {_MADE} AND i.geom IS NOT NULL ORDER BY i.reported_at DESC LIMIT %(looked_at)s
) q ORDER BY md5(number) LIMIT %(most)s
"""  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class Hired:
    """The crew with its tokens by account, and what it knows: how many cases a day has, and where those of each category are reported."""

    crew: Crew
    tokens: dict[str, str]
    per_day: float
    places: dict[str, list[Place]]


def hire() -> Hired:
    """Make or open the crew's accounts, give each a new token, and withdraw the tokens it had.

    Raises:
        OnlyInDemo, NoDemo: see ``check_city``.
        NameTaken: an account that somebody signs in with has a name of the crew's.
        psycopg.Error, sqlalchemy.exc.DBAPIError: the database does not answer.
    """
    with connect() as connection:
        check_city(connection)
        districts = [code for code, *_ in connection.execute(_NAMES, [names.CITY_CODE])]
        known = read_organisation(connection, names.CITY_CODE)
        crew = make_crew(names.CITY_CODE, districts, _organise(connection, known, districts))
        if not known.members:
            write_members(connection, names.CITY_CODE, crew.list_unit_members())
        per_day, places = _look_around(connection)
        connection.commit()
    with owner_transaction() as accounts:
        given = {member.name: _hire(accounts, member) for member in crew.members}
    return Hired(crew, given, per_day, places)


def _hire(connection: AccountConnection, member: Member) -> str:
    draft = Draft(member.name, member.shown, member.role, member.detail, member.scope, lang="zh")
    found = store.find_by_name(connection, member.name)
    if found is None:
        store.add(connection, draft)
    else:
        if is_somebody(found):
            raise NameTaken(name=member.name, field="name")
        if not found.enabled:
            store.enable(connection, found.id)
        tokens.withdraw_all(connection, found.id)
        if (found.role, found.detail, found.scope, found.figures) != (member.role, member.detail, member.scope, None):
            store.change(connection, found.id, draft)
    return tokens.make(connection, member.name, "up --alive", TOKEN_DAYS)


def _organise(connection: Connection, known: Organisation, districts: Sequence[str]) -> frozenset[str]:
    """Give the city units and rules, each only where it has none; returns the codes of its units. A city of this version has both."""
    if known.units:
        return frozenset(unit.code for unit in known.units)
    named = [(code, Name(zh, en)) for code, zh, en in connection.execute(_NAMES, [names.CITY_CODE])]
    units = make_units(named)
    put_units(connection, names.CITY_CODE, units)
    if not known.rules:
        write_rules(connection, names.CITY_CODE, make_rules(districts))
    return frozenset(unit.code for unit in units)


def _look_around(connection: Connection) -> tuple[float, dict[str, list[Place]]]:
    """Cases of a day, and places by category; of the same city always the same."""
    city = {"city": names.CITY_CODE}
    newest = connection.execute(_NEWEST, city).fetchone()
    if newest is None or newest[0] is None:
        raise NoDemo()
    row = connection.execute(_COUNT, {**city, "since": newest[0] - timedelta(days=RATE_DAYS)}).fetchone()
    places: dict[str, list[Place]] = {category.code: [] for category in CATEGORIES}
    for category, *place in connection.execute(_PLACES, {**city, "looked_at": MOST_LOOKED_AT, "most": MOST_PLACES}):
        places[category].append(Place(*place))
    every = [place for known in places.values() for place in known]
    dice = random.Random(0)
    return (row[0] if row else 0) / RATE_DAYS, {code: known or dice.choices(every, k=20) for code, known in places.items()}
