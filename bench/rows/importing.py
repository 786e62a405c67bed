"""Rows per second into the final tables, indexed and joined to cells, beside COPY of the same rows and two loaders without checks."""

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
from bench.model import Row, Unmeasured
from bench.order import Order
from data.settings import ROOT

_PIECE = 1 << 20
_SECONDS = "SELECT (report->>'seconds')::float FROM import_run WHERE outcome = 'loaded' ORDER BY id DESC LIMIT 1"
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"""
_PEER_TABLE = "peer_buildings"

Timed = Callable[[], float]


def measure(order: Order) -> Row:
    """Fill the row."""
    row, count = Row("import"), order.counts.import_rows
    made = _inputs(order.folder, count)
    taken: dict[str, list[float]] = {}
    for number in range(order.counts.rounds):
        print(f"  round {number + 1} of {order.counts.rounds}", flush=True)
        for what, seconds in _round(order, made, row, first=number == 0).items():
            taken.setdefault(what, []).append(seconds)
    rates = {what: row.add(what, "rows/s", [count / one for one in seconds]) for what, seconds in taken.items()}
    for subject in ("buildings", "cases"):
        if f"COPY, {subject}" in rates:
            ratio = rates[f"import, {subject}"] / rates[f"COPY, {subject}"]
            row.compare(f"import ÷ COPY into the same indexed table, {subject}", ratio, "≥ 0.6")
    for peer in ("geopandas to_postgis", "ogr2ogr"):
        if f"{peer}, buildings" in rates:
            row.compare(f"import ÷ {peer}, buildings", rates["import, buildings"] / rates[f"{peer}, buildings"], "> 1")
    row.notes.append(
        f"{count:,} polygons of 4 to 7 corners (GeoPackage) and {count:,} cases (CSV) into a new database that knows the tree of areas. "
        "Import, to_postgis and ogr2ogr are timed from the file to the commit; COPY sends the finished rows of the same table in text "
        "format, with all its indexes, and has no file to read. to_postgis and ogr2ogr make a plain table with one spatial index, "
        "without checks, cells and figures."
    )
    return row


def _round(order: Order, made: inputs.Inputs, row: Row, first: bool) -> dict[str, float]:
    """Seconds of each side, measured one after the other in a database that is then thrown away."""
    servers = beside(order.server, order.embedded)
    with scratch(servers) as address:
        _import(address, made.profiles["areas"])
        taken = {"import, buildings": _import(address, made.profiles["gpkg"])}
        sides: dict[str, Timed] = {}
        if "copy" in order.against:
            sides["COPY, buildings"] = lambda: _copy(address, "building", order.folder)
        if "geopandas" in order.against:
            sides["geopandas to_postgis, buildings"] = lambda: _geopandas(address, made.buildings, order.folder)
        if "ogr2ogr" in order.against:
            sides["ogr2ogr, buildings"] = lambda: _ogr2ogr(address, made.buildings, order.folder)
        taken |= _all_of(sides, row, first)
    with scratch(servers) as address:
        _import(address, made.profiles["areas"])
        taken["import, cases"] = _import(address, made.profiles["csv"])
        if "copy" in order.against:
            taken["COPY, cases"] = _copy(address, "incident", order.folder)
    return taken


def _all_of(sides: dict[str, Timed], row: Row, first: bool) -> dict[str, float]:
    """Every side that can be measured; the first round says why others cannot."""
    taken = {}
    for what, timed in sides.items():
        try:
            taken[what] = timed()
        except Unmeasured as reason:
            if first:
                row.unmeasured.append(f"{what}: {reason}")
    return taken


def _inputs(home: Path, count: int) -> inputs.Inputs:
    """The made files, kept for the next run."""
    folder = home / f"inputs-{count}"
    if not (folder / "csv.toml").exists():
        print("  making the input files …", flush=True)
        return inputs.make(folder, count, count)
    names = ("areas", "gpkg", "geojson", "csv")
    profiles = {name: folder / f"{name}.toml" for name in names}
    return inputs.Inputs(folder, folder / "buildings.gpkg", folder / "buildings.geojson", folder / "cases.csv", profiles)


def _import(address: str, profile: Path) -> float:
    """Seconds that the product's own command says it took, without the start of Python."""
    command = [sys.executable, "-m", "cli", "import", str(profile), str(profile.parent), "--max-rejected", "1%", "--lang", "en"]
    _settle(address)
    answer = _run(command, {"DATABASE_URL": address}, "the import")
    seconds = one(address, _SECONDS)
    if seconds is None:
        raise Unmeasured(f"the import did not land: {answer.splitlines()[-1:]}")
    return float(seconds)


def _copy(address: str, table: str, home: Path) -> float:
    """Seconds in which COPY brings the rows of a table back into it, emptied, with its indexes in place."""
    kept = home / f"{table}.copy"
    with connect(address) as connection:
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in connection.execute(_COLUMNS, [table]).fetchall())
        target = sql.SQL("{} ({})").format(sql.Identifier(table), names)
        rows = sql.SQL("SELECT {} FROM {} ORDER BY id").format(names, sql.Identifier(table))
        with kept.open("wb") as file, connection.cursor().copy(sql.SQL("COPY ({}) TO STDOUT").format(rows)) as out:
            for piece in out:
                file.write(piece)
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table)))
        connection.commit()  # or COPY could skip the write-ahead log, which an import into a living table cannot
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
    """Let the server write out what it still holds back of the side before; only some accounts may ask for that."""
    with connect(address, autocommit=True) as connection:
        try:
            connection.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(1)
