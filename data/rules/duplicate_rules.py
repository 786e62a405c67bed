"""How near cases of a category must be to be likely duplicates, as it is written at the machine door: metres and days, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from data.database.connections import Connection
from data.rules.faults import Fault, RulesRefused
from data.rules.known import MOST_RULES, Known, Reader, list_written

MOST_METRES, MOST_DAYS = 2_000, 366
_STORED = "SELECT category, radius_m, days FROM duplicate_rule WHERE city = %s ORDER BY category NULLS LAST"
_FORGET = "DELETE FROM duplicate_rule WHERE city = %s"
_ADD = "INSERT INTO duplicate_rule (city, category, radius_m, days) VALUES (%s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Reach:
    """Cases of ``category`` (``None``: every category without a row) within ``radius_m`` metres and ``days`` days are likely the same."""

    category: str | None
    radius_m: int
    days: int


def read_reaches(body: Mapping[str, object], known: Known) -> list[Reach]:
    """All rows of a city.

    Raises:
        RulesRefused: with what is wrong with each field.
    """
    written = list_written(body, "rules")
    if written is None:
        raise RulesRefused([Fault("rules", "bad_list", {"most": MOST_RULES})])
    faults: list[Fault] = []
    rows = [_read_row(one, f"rules.{place}", known, faults) for place, one in enumerate(written)]
    named = [row.category for row in rows]
    twice = (place for place, category in enumerate(named) if category in named[:place])
    faults += [Fault(f"rules.{place}.category", "same_category") for place in twice if not faults]
    if faults:
        raise RulesRefused(faults)
    return rows


def read_reach(given: object, place: str, known: Known) -> Reach:
    """One row.

    Raises:
        RulesRefused: with what is wrong with each field.
    """
    faults: list[Fault] = []
    row = _read_row(given, place, known, faults)
    if faults:
        raise RulesRefused(faults)
    return row


def _read_row(given: object, place: str, known: Known, faults: list[Fault]) -> Reach:
    reader = Reader(given, place, known)
    row = Reach(reader.category(), _number(reader, "radius_m", MOST_METRES), _number(reader, "days", MOST_DAYS))
    faults += reader.faults
    return row


def _number(reader: Reader, name: str, most: int) -> int:
    """A whole number from 1 on."""
    value = reader.fields.get(name)
    if value is None:
        reader.fail(name, "needed")
    elif not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        reader.fail(name, "no_number", most=most)
    else:
        return value
    return 1


def write_reach(row: Reach) -> dict[str, object]:
    """A row as it is written at the machine door."""
    return asdict(row)


def read_stored(connection: Connection, city: str) -> list[Reach]:
    """The rows of a city; those of all cities are not among them."""
    return [Reach(*row) for row in connection.execute(_STORED, [city]).fetchall()]


def replace_reaches(connection: Connection, city: str, rows: Sequence[Reach]) -> dict[str, int]:
    """Store all rows of a city in place of those that were there; returns how many are ``added``, ``changed`` and ``removed``."""
    before = {row.category: row for row in read_stored(connection, city)}
    after = {row.category: row for row in rows}
    connection.execute(_FORGET, [city])
    for row in rows:
        connection.execute(_ADD, [city, row.category, row.radius_m, row.days])
    return {
        "added": len(after.keys() - before.keys()),
        "changed": sum(before[name] != after[name] for name in before.keys() & after.keys()),
        "removed": len(before.keys() - after.keys()),
    }
