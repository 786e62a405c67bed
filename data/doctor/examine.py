"""Runs every check. Importing the rooms of checks registers them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import IsolationLevel

from data.core.errors import UnknownArea
from data.database.connections import Connection, connect
from data.doctor import cases, codes, hazards, installation, places, shapes, sums, tree, work
from data.doctor.model import CITY_CHECKS, Finding

ROOMS = (tree, codes, places, cases, work, hazards, shapes, sums)
SUBJECTS = ("tree", "codes", "place", "incident", "hazard", "shape", "sum", "fresh")
"""The first parts of the checks' codes, in the order of the report."""


class UnknownCity(UnknownArea):
    code, sentence = "unknown_city", "There is no city with the code “{code}”. There are: {known}."


@dataclass(frozen=True, slots=True)
class CityFindings:
    """What was found in one city."""

    code: str
    name: str
    name_en: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """What was found in the installation and in every city."""

    installation: tuple[Finding, ...]
    cities: tuple[CityFindings, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong anywhere."""
        everything = [*self.installation, *(finding for city in self.cities for finding in city.findings)]
        return all(finding.outcome.ok for finding in everything)

    def as_json(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "ok": self.ok,
            "installation": [finding.as_json() for finding in self.installation],
            "cities": [
                {"code": city.code, "name": city.name, "name_en": city.name_en, "checks": [one.as_json() for one in city.findings]}
                for city in self.cities
            ],
        }


def connect_at_one_moment() -> Connection:
    """The owner's connection whose transactions see one moment: a city in which people work changes while its sums are compared."""
    connection = connect()
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    return connection


def examine_city(connection: Connection, city: str, told: Callable[[str], None] = lambda _: None) -> tuple[Finding, ...]:
    """Run every check of one city's data; ``told`` hears what each promises before it runs."""
    found = []
    for code, (title, run) in sorted(CITY_CHECKS.items(), key=lambda item: SUBJECTS.index(item[0].split(".")[0])):
        told(title)
        found.append(Finding(code, title, run(connection, city)))
    return tuple(found)


def examine(connection: Connection, only: Sequence[str] = (), told: Callable[[str], None] = lambda _: None) -> Health:
    """Examine the installation and the cities ``only``, or all of them. Nothing is written: the caller takes everything back.

    Raises:
        UnknownCity: a city that is not there.
    """
    rows = connection.execute("SELECT code, name, name_en FROM city ORDER BY code").fetchall()
    for code in only:
        if code not in {row[0] for row in rows}:
            raise UnknownCity(code=code, known=", ".join(row[0] for row in rows) or "–")
    wanted = [row for row in rows if not only or row[0] in only]
    cities = tuple(CityFindings(code, name, name_en, examine_city(connection, code, told)) for code, name, name_en in wanted)
    return Health(tuple(installation.examine(connection)), cities)
