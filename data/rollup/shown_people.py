"""Figures about people for viewers who may not see the register: stored next to the exact figures, in the same transaction.

``data.rollup.small_counts`` decides for the whole tree of a city at once: whether a cell is hidden depends on its siblings, and
through their parents on any other cell. So all of it is computed again after each change; only differences are written.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from data.database.connections import Connection
from data.live import versions
from data.rollup.figures_sql import ZONE_CELLS
from data.rollup.small_counts import People, show, zone

COLUMNS = ("shown_population", "shown_households", "shown_male", "shown_female", "shown_ages", "people_hidden")
"""The columns in the order of ``People``, then whether any known figure is left out."""

_READ = """
SELECT a.code, a.parent, a.level = 'zone', f.population, f.households, f.male, f.female, f.ages,
    f.shown_population, f.shown_households, f.shown_male, f.shown_female, f.shown_ages, f.people_hidden
FROM area a JOIN area_figure f ON f.area = a.code WHERE a.city = %(city)s
"""
_UNSHOWN = """
SELECT code FROM city c WHERE EXISTS (
    SELECT FROM area a JOIN area_figure f ON f.area = a.code
    WHERE a.city = c.code AND f.population IS NOT NULL AND f.shown_population IS NULL AND NOT f.people_hidden)
ORDER BY code
"""
_MEMBERS = ZONE_CELLS.format(members="zone_member", edges="zone_edge")
_FRESH_MEMBERS = ZONE_CELLS.format(members="fresh_zone_member", edges="fresh_zone_edge")
_MAKE = """
CREATE TEMP TABLE newly_shown (
    area text PRIMARY KEY, shown_population int, shown_households int, shown_male int, shown_female int, shown_ages jsonb,
    people_hidden boolean) ON COMMIT DROP
"""
_COPY = "COPY newly_shown FROM STDIN"
_STORE = """
UPDATE area_figure f SET shown_population = n.shown_population, shown_households = n.shown_households, shown_male = n.shown_male,
    shown_female = n.shown_female, shown_ages = n.shown_ages, people_hidden = n.people_hidden
FROM newly_shown n WHERE n.area = f.area
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """The stored shown figures of an area, and the ones computed now."""

    stored: tuple[Any, ...]
    fresh: tuple[Any, ...]


def update_shown(connection: Connection, city: str) -> None:
    """Bring the shown figures of a city up to its exact ones, in the caller's transaction."""
    changed = {area: one.fresh for area, one in _compare_shown(connection, city, _MEMBERS) if one.stored != one.fresh}
    if not changed:
        return
    connection.execute(_MAKE)
    with connection.cursor().copy(_COPY) as copy:
        for area, (*plain, ages, hidden) in changed.items():
            copy.write_row((area, *plain, None if ages is None else Jsonb(ages), hidden))
    connection.execute(_STORE)
    connection.execute("DROP TABLE newly_shown")


def update_shown_version(connection: Connection, city: str) -> None:
    """The same with a new version, for a city whose exact figures did not change."""
    update_shown(connection, city)
    versions.touch(connection, city, ["population"])


def cities_without_shown(connection: Connection) -> list[str]:
    """Codes of the cities with figures about people whose shown figures were never computed: migration 0005 leaves them so."""
    return [str(row[0]) for row in connection.execute(_UNSHOWN).fetchall()]


def find_stale(connection: Connection, city: str) -> Iterator[tuple[str, str, float | None, float | None]]:
    """Where shown figures differ from those that the exact ones give: area, column, stored and fresh value; for ages the number of people.

    ``count_figures`` was called before: zones are compared with the cells that they should have.
    """
    for area, one in _compare_shown(connection, city, _FRESH_MEMBERS):
        for column, stored, fresh in zip(COLUMNS, one.stored, one.fresh, strict=True):
            if stored != fresh:
                yield area, column, _number(stored), _number(fresh)


def _number(value: Any) -> float | None:
    """A figure as one number for a list of differences."""
    if isinstance(value, dict):
        return float(sum(value.values()))
    return None if value is None else float(value)


def _compare_shown(connection: Connection, city: str, members: str) -> Iterator[tuple[str, Shown]]:
    """Every area of a city with its stored shown figures, and the ones computed now."""
    people, parents, stored, zones = {}, {}, {}, set()
    for code, parent, is_zone, population, households, male, female, ages, *before in connection.execute(_READ, {"city": city}):
        people[code] = People(population, households, male, female, ages)
        stored[code] = tuple(before)
        if is_zone:
            zones.add(code)
        else:
            parents[code] = parent
    seen = show(people, parents)
    cells = defaultdict(list)
    for of, cell, share in connection.execute(f"SELECT zone, grid, share FROM {members} c", {"city": city}).fetchall():  # noqa: S608 - ours
        if cell in seen:
            cells[of].append((people[cell], seen[cell], float(share)))
    for code in parents:
        yield code, Shown(stored[code], _row(people[code], seen[code]))
    for code in zones:
        found = zone(cells[code])
        yield code, Shown(stored[code], _row(people[code], found.people, found.left_out > 0))


def _row(exact: People, after: People, left_out: bool = False) -> tuple[Any, ...]:
    """The columns to store. An area whose residents are unknown hides nothing."""
    hides = any(_is_less(was, is_) for was, is_ in zip(_values(exact), _values(after), strict=True))
    return (*_values(after), left_out or hides)


def _is_less(was: Any, is_: Any) -> bool:
    return was is not None and is_ is None


def _values(people: People) -> tuple[Any, ...]:
    ages: Mapping[str, int] | None = people.ages
    return people.population, people.households, people.male, people.female, None if ages is None else dict(ages)
