"""Finds units, accounts and areas by what people write in tables: a code or a name."""

from collections.abc import Sequence

from data.database.connections import Connection
from data.organisation.uploads import Find, finder


def find_units(connection: Connection, city: str) -> Find:
    """Codes of a city's units by code, or by a name that only one of them has."""
    return _find_named(connection.execute("SELECT code, name, name_en FROM unit WHERE city = %s", [city]).fetchall())


def find_accounts(connection: Connection) -> Find:
    """Names of accounts."""
    return finder({str(name): str(name) for (name,) in connection.execute("SELECT name FROM account")})


def find_areas(connection: Connection, city: str) -> Find:
    """Codes of a city's areas and zones by code, or by a name that only one of them has."""
    return _find_named(connection.execute("SELECT code, name, name_en FROM area WHERE city = %s", [city]).fetchall())


def _find_named(rows: Sequence[Sequence[str | None]]) -> Find:
    words: dict[str, set[str]] = {}
    for code, *names in rows:
        for name in filter(None, names):
            words.setdefault(str(name), set()).add(str(code))
    named = {name: codes.pop() for name, codes in words.items() if len(codes) == 1}
    return finder({**named, **{str(code): str(code) for code, *_ in rows}})
