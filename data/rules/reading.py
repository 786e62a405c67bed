"""Rules, calendars and their history as a viewer may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from data.core.errors import GridwellError
from data.core.text import could_be_code
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import read_transaction
from data.organisation.model import Member, Organisation, RoutingRule, Unit, list_ancestors, parse_hours
from data.rules import statements as queries
from data.rules.known import Known


class UnknownRuleCity(GridwellError):
    status, code, sentence = 404, "unknown_city", "There is no city with the code “{code}”."


@dataclass(frozen=True, slots=True)
class RuleCity:
    """A city, as the viewer sees it.

    Attributes:
        code, name, name_en, timezone: of the city.
        now: the moment that its figures stand for.
        whole: whether the viewer's scope holds the city as a whole.
        may_change: whether the viewer may change its rules.
    """

    code: str
    name: str
    name_en: str
    timezone: str
    now: datetime
    whole: bool
    may_change: bool

    @property
    def today(self) -> date:
        """The day, in the city."""
        return self.now.astimezone(zone(self.timezone)).date()


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed rules: a row of ``rule_change``."""

    id: int
    at: datetime
    account: str
    seen: str
    made: str
    facts: dict[str, Any]
    before: Any


async def read_city(code: str, viewer: Viewer) -> RuleCity:
    """A city.

    Raises:
        UnknownRuleCity: there is none, or the viewer may not see it.
    """
    if not could_be_code(code):
        raise UnknownRuleCity(code=code[:60])
    async with read_transaction(viewer) as connection:
        row = (await connection.execute(queries.CITY, {"city": code})).mappings().first()
        whole = bool((await connection.execute(queries.WHOLE_CITY, {"city": code})).scalar())
    if row is None:
        raise UnknownRuleCity(code=code[:60])
    may_change = whole and viewer.may("manage_rules")
    return RuleCity(row["code"], row["name"], row["name_en"], row["timezone"], row["as_of"] or datetime.now(UTC), whole, may_change)


async def read_version(connection: AsyncConnection, city: str, kind: str) -> str:
    """What tells this state of the rules from another."""
    return str((await connection.execute(text(queries.VERSIONS[kind].format(city=":city")), {"city": city})).scalar())


async def read_changes(connection: AsyncConnection, city: str, kind: str) -> list[Change]:
    """The latest changes, for whoever holds the city as a whole."""
    rows = (await connection.execute(queries.CHANGES, {"city": city, "kind": kind})).mappings()
    return [Change(**{name: row[name] for name in Change.__dataclass_fields__}) for row in rows]


async def read_organisation(connection: AsyncConnection, city: str) -> Organisation:
    """Units, members and rules of routing."""
    bound = {"city": city}
    units = tuple(Unit(**row) for row in (await connection.execute(queries.UNITS, bound)).mappings())
    members = tuple(Member(**row) for row in (await connection.execute(queries.MEMBERS, bound)).mappings())
    rows = (await connection.execute(queries.RULES, bound)).mappings()
    return Organisation(units, members, tuple(_make_rule(dict(row)) for row in rows))


def _make_rule(row: dict[str, Any]) -> RoutingRule:
    return RoutingRule(**{**row, "hours": parse_hours(row["hours"]) if row["hours"] else None})


async def read_areas(connection: AsyncConnection, city: str, codes: Sequence[str]) -> list[Any]:
    """Areas and zones by their codes, with names and all that hold them."""
    statement = text(queries.NAMED_AREAS.format(city=":city", codes="CAST(:codes AS text[])"))
    return list((await connection.execute(statement, {"city": city, "codes": list(codes)})).mappings())


async def read_known(connection: AsyncConnection, city: RuleCity, codes: Sequence[str]) -> Known:
    """The names that rules may use, with the areas that are asked about."""
    bound = {"city": city.code}
    parents = {row["code"]: row["parent"] for row in (await connection.execute(queries.CATEGORIES, bound)).mappings()}
    units = frozenset(row["code"] for row in (await connection.execute(queries.UNITS, bound)).mappings())
    areas = {row["code"]: frozenset((row["code"], *row["around"])) for row in await read_areas(connection, city.code, codes)}
    return Known({code: frozenset(list_ancestors(code, parents)) for code in parents}, areas, units, city.today)
