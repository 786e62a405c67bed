"""Rows per second into the final tables, indexed and joined to cells, compared with COPY and two loaders without checks."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bench import inputs, peers
from bench.databases import beside, connect, one, parts, scratch
from bench.model import Row, Unmeasured, median_ratio
from bench.order import Order
from data.core.settings import ROOT

_PIECE = 1 << 20
_SECONDS = "SELECT (report->>'seconds')::float FROM import_run WHERE outcome = 'loaded' ORDER BY id DESC LIMIT 1"
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"""
_PEER_TABLE = "peer_buildings"
MOST_S = 300.0
"""Another round begins only if it will probably end within this many seconds."""

Timed = Callable[[], float]


def measure(order: Order, row: Row) -> None:
    """Fill the row."""
    made, taken, began = _inputs(order.folder, order.counts.import_rows), Taken(row), time.monotonic()
    try:
        for number in range(order.counts.rounds):
            print(f"  round {number + 1} of {order.counts.rounds}", flush=True)
            _round(order, made, taken)
            if (time.monotonic() - began) * (number + 2) / (number + 1) > MOST_S:
                break
    finally:  # also if the row is stopped early
        _tell(row, taken.seconds, order.counts.import_rows)


class Taken:
    """Seconds by side; a side that cannot be measured is reported once."""

    def __init__(self, row: Row) -> None:
        self._row = row
        self.seconds: dict[str, list[float]] = {}

    def by(self, what: str, timed: Timed) -> None:
        """Measure one side."""
        try:
            seconds = timed()
        except Unmeasured as reason:
            said = f"{what}: {reason}"
            if said not in self._row.unmeasured:
                self._row.unmeasured.append(said)
            return
        print(f"    {what}: {seconds:.1f} s", flush=True)
        self.seconds.setdefault(what, []).append(seconds)


def _tell(row: Row, taken: dict[str, list[float]], count: int) -> None:
    """Add the figures and ratios of the measured sides."""
    for what, seconds in taken.items():
        row.add(what, "rows/s", [count / one for one in seconds], ours=what.startswith("import, "))
    sides = {
        "COPY, buildings": ("import ÷ COPY into the same indexed table, buildings", "≥ 0.6"),
        "COPY, cases": ("import ÷ COPY into the same indexed table, cases", "≥ 0.3"),
        "geopandas to_postgis, buildings": ("import ÷ geopandas to_postgis, buildings", "> 1"),
        "ogr2ogr, buildings": ("import ÷ ogr2ogr, buildings", "> 1"),
    }
    for side, (what, aim) in sides.items():
        ours = f"import, {side.rpartition(', ')[2]}"
        if side in taken and ours in taken:
            row.compare(what, median_ratio(taken[side], taken[ours]), aim)  # the ratio of rows per second is the inverse ratio of seconds
    row.notes.append(
        f"{count:,} polygons of 4 to 7 corners (GeoPackage) and {count:,} cases (CSV) into a new database that knows the tree of areas. "
        "Import, to_postgis and ogr2ogr are timed from the file to the commit; COPY sends the finished rows of the same table in text "
        "format, with all its indexes, and has no file to read. to_postgis and ogr2ogr make a plain table with one spatial index, "
        "without checks, cells and figures. The import of cases also writes their history and counts all roll-ups before it commits."
    )


def _round(order: Order, made: inputs.Inputs, taken: Taken) -> None:
    """Run each side once, one after the other, in databases that are dropped afterwards."""
    servers = beside(order.server, order.embedded)
    with scratch(servers) as address:
        _import(address, made.profiles["areas"])
        taken.by("import, buildings", lambda: _import(address, made.profiles["gpkg"]))
        if "copy" in order.against:
            taken.by("COPY, buildings", lambda: _copy(address, "building", order.folder))
        if "geopandas" in order.against:
            taken.by("geopandas to_postgis, buildings", lambda: _geopandas(address, made.buildings, order.folder))
        if "ogr2ogr" in order.against:
            taken.by("ogr2ogr, buildings", lambda: _ogr2ogr(address, made.buildings, order.folder))
    with scratch(servers) as address:
        _import(address, made.profiles["areas"])
        taken.by("import, cases", lambda: _import(address, made.profiles["csv"]))
        if "copy" in order.against:
            taken.by("COPY, cases", lambda: _copy(address, "incident", order.folder))


def _inputs(home: Path, count: int) -> inputs.Inputs:
    """The generated files, kept for the next run."""
    folder = home / f"inputs-{count}"
    if not (folder / "csv.toml").exists():
        print("  making the input files …", flush=True)
        return inputs.make(folder, count, count)
    names = ("areas", "gpkg", "geojson", "csv")
    profiles = {name: folder / f"{name}.toml" for name in names}
    return inputs.Inputs(folder, folder / "buildings.gpkg", folder / "buildings.geojson", folder / "cases.csv", profiles)


def _import(address: str, profile: Path) -> float:
    """Seconds that the product's own command reports, without the start of Python."""
    command = [sys.executable, "-m", "cli", "import", str(profile), str(profile.parent), "--max-rejected", "1%", "--lang", "en"]
    _settle(address)
    answer = _run(command, {"DATABASE_URL": address}, "the import")
    seconds = one(address, _SECONDS)
    if seconds is None:
        raise Unmeasured(f"the import did not land: {answer.splitlines()[-1:]}")
    return float(seconds)


def _copy(address: str, table: str, home: Path) -> float:
    """Seconds that COPY needs to load the rows of a table back into the emptied table, with its indexes in place."""
    kept = home / f"{table}.copy"
    with connect(address) as connection:
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in connection.execute(_COLUMNS, [table]).fetchall())
        target = sql.SQL("{} ({})").format(sql.Identifier(table), names)
        rows = sql.SQL("SELECT {} FROM {} ORDER BY id").format(names, sql.Identifier(table))
        with kept.open("wb") as file, connection.cursor().copy(sql.SQL("COPY ({}) TO STDOUT").format(rows)) as out:
            for piece in out:
                file.write(piece)
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table)))
        connection.commit()  # otherwise COPY could skip the write-ahead log, which an import into a table in use cannot
        _settle(address)
        begin = time.perf_counter()
        with kept.open("rb") as file, connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(target)) as into:
            while piece := file.read(_PIECE):
                into.write(piece)
        connection.commit()
        seconds = time.perf_counter() - begin
    kept.unlink()
    return seconds


def _geopandas(address: str, file: Path, home: Path) -> float:
    python = peers.environment(home)
    url = make_url(address).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    script = ROOT / "bench" / "peer_to_postgis.py"
    _settle(address)
    return float(_run([str(python), str(script), str(file), _PEER_TABLE], {"DATABASE_URL": url}, "geopandas"))


def _ogr2ogr(address: str, file: Path, home: Path) -> float:
    program = peers.program("ogr2ogr", home)
    target = "PG:" + " ".join(f"{name}='{value}'" for name, value in parts(address).items())
    options = ["-overwrite", "-nln", f"{_PEER_TABLE}_ogr", "-lco", "GEOMETRY_NAME=geom", "-lco", "SPATIAL_INDEX=GIST"]
    _settle(address)
    begin = time.perf_counter()
    _run([program, "-f", "PostgreSQL", target, str(file), *options], {"PG_USE_COPY": "YES"}, "ogr2ogr")
    return time.perf_counter() - begin


def _run(command: list[str], environment: dict[str, Any], what: str) -> str:
    answer = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if answer.returncode:
        lines = (answer.stderr.strip() or answer.stdout.strip()).splitlines()
        raise Unmeasured(f"{what} failed: {lines[-1] if lines else answer.returncode}")
    return answer.stdout


def _settle(address: str) -> None:
    """Let the server write its remaining data of the previous side to disk; only some accounts may ask for that."""
    with connect(address, autocommit=True) as connection:
        try:
            connection.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(1)
