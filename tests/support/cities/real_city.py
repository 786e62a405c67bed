"""Importing a real city in a test, as a person would, and asking the database about it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from data.doctor.examine import examine_city
from data.importing.profile.profile import load_profile
from data.importing.run import Order, Outcome, import_city

PROFILES = Path(__file__).resolve().parents[3] / "data" / "profiles"


def bring(name: str, folder: Path, tmp_path: Path | None = None, changes: Mapping[str, str] | None = None) -> Outcome:
    """Import by a profile of ours; ``changes`` are made to its text first, each exactly once."""
    path = PROFILES / f"{name}.toml"
    if changes:
        assert tmp_path is not None
        text = path.read_text("utf-8")
        for old, new in changes.items():
            assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
            text = text.replace(old, new)
        path = tmp_path / path.name
        path.write_text(text, "utf-8")
    return import_city(Order(load_profile(path), path.name, folder, show_progress=False))


def counts(outcome: Outcome) -> dict[str, tuple[int, int, int]]:
    """Read, loaded and rejected rows by source; every single file has to add up."""
    found: dict[str, tuple[int, int, int]] = {}
    for tally in outcome.ledger.tallies.values():
        assert tally.read == tally.loaded + tally.rejected, tally
        read, loaded, rejected = found.get(tally.source, (0, 0, 0))
        found[tally.source] = (read + tally.read, loaded + tally.loaded, rejected + tally.rejected)
    return found


def repairs(outcome: Outcome) -> dict[str, int]:
    """Repairs by kind, over all sources."""
    found: dict[str, int] = {}
    for (_, kind), count in outcome.ledger.repairs.items():
        found[kind] = found.get(kind, 0) + count
    return found


class City:
    """An imported city: how its import ended, and a way to ask."""

    def __init__(self, url: str, code: str, outcome: Outcome) -> None:
        self.url = url
        self.code = code
        self.outcome = outcome

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows; ``%(city)s`` is the city's code."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, {"city": self.code}).fetchall()  # type: ignore[arg-type]

    def one(self, statement: str) -> Any:
        """The only value."""
        return self.rows(statement)[0][0]

    def areas(self) -> dict[tuple[str, str], int]:
        """Number of areas by level and origin."""
        found = self.rows("SELECT level, origin, count(*)::int FROM area WHERE city = %(city)s GROUP BY 1, 2")
        return {(level, origin): count for level, origin, count in found}

    def population(self) -> dict[str, int]:
        """People by level."""
        return dict(
            self.rows(
                "SELECT level, sum(population)::int FROM area_figure JOIN area ON area = code"
                " WHERE city = %(city)s AND population IS NOT NULL GROUP BY 1"
            )
        )

    def ailments(self) -> list[str]:
        """What the doctor finds wrong; notes on what the publisher drew do not count."""
        with psycopg.connect(self.url) as connection:
            found = examine_city(connection, self.code)
        return [f"{one.code}: {one.outcome.offenders[:5]}" for one in found if not one.outcome.ok]
