"""A whole run: first the databases, then each row in a separate process, then everything as one JSON value."""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import psycopg
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from bench.databases import Servers, servers, text
from bench.machine import LOOK_S, cores, describe_load, find_weakness, load, machine, versions
from bench.model import Json, Row, Unmeasured
from bench.order import FULL, PEERS, QUICK, TENTH, Order
from bench.rows import LIMITS_S
from bench.steadiness import MOST_RUNS, choose_steadiest, describe_yardstick, is_wide
from bench.yardstick import measure_unit
from data.core.settings import ROOT, settings
from data.database.migrate import migrate
from data.demo.common.scale import SCALES

Tell = Callable[[str], None]
_END_S = 40


def run(
    scale: str,
    rows: Sequence[str],
    given: dict[str, str],
    tell: Tell,
    against: Sequence[str] = PEERS,
    fresh: bool = False,
    quick: bool = False,
) -> Json:
    """Measure rows and return the whole result.

    Args:
        scale: scale of the measured database.
        rows: names of rows.
        given: addresses of filled databases by scale or ``TENTH``; the others are made.
        tell: is called with each step of progress.
        against: peers that are also measured.
        fresh: make the bench's own databases again.
        quick: tiny counts, to see that everything works.

    Raises:
        Unmeasured: there is no database to measure.
    """
    began = machine()
    home = settings().home.absolute() / "bench"
    home.mkdir(parents=True, exist_ok=True)
    with servers(next(iter(given.values()), None), tell) as made_by:
        counts = QUICK if quick else FULL
        order = Order(scale, dict(given), text(made_by.address), str(home), made_by.embedded, tuple(against), counts)
        wanted = {scale: None, **({TENTH: SCALES[scale].incidents // 10} if "drill" in rows else {})}
        order = _with_databases(order, wanted, made_by, fresh, tell)
        if scale not in order.databases:
            raise Unmeasured(order.unfilled[scale])
        known = versions(order.database)
        if weakness := find_weakness(known["server_settings"]):
            tell(f"! {weakness}: writing costs less here than it costs users, and the run cannot be recorded")
        done = [_measured_steadily(name, order, tell) for name in rows]
        return {
            "machine": began,
            "versions": known,
            "scale": scale,
            "quick": quick,
            "filled_s": made_by.filled_s,
            "rows": [one.as_json() for one in done],
        }


def _with_databases(order: Order, wanted: Mapping[str, int | None], made_by: Servers, fresh: bool, tell: Tell) -> Order:
    """The order with an address or a reason for each wanted database, by name; and the number of cases if not the scale's own."""
    databases, unfilled = dict(order.databases), dict(order.unfilled)
    for name, cases in wanted.items():
        try:
            if name in databases:
                migrate(make_url(databases[name]).set(drivername="postgresql+psycopg"))
            else:
                databases[name] = made_by.prepare_city(order.scale, fresh, tell, cases)
        except (Unmeasured, psycopg.Error, DBAPIError) as error:
            databases.pop(name, None)
            unfilled[name] = str(error).strip().splitlines()[0]
    return replace(order, databases=databases, unfilled=unfilled)


def _measured_steadily(name: str, order: Order, tell: Tell) -> Row:
    """Measure one row, and once more if its rounds lie far apart."""
    runs = [_measured(name, order, tell)]
    while not order.quick and len(runs) < MOST_RUNS and is_wide(runs[-1]):
        tell(f"{name}: its rounds lie far apart, so it is measured again")
        runs.append(_measured(name, order, tell))
    return choose_steadiest(runs)


def _measured(name: str, order: Order, tell: Tell) -> Row:
    """Measure one row; returns a row even if its process fails."""
    before, yardstick = load(0 if order.quick else LOOK_S), [] if order.quick else [measure_unit()]
    tell(f"{name} … (busy cores before: {before})")
    with tempfile.TemporaryDirectory(prefix="gridwell-bench-") as folder:
        asked, result, errors = (Path(folder) / file for file in ("order.json", "result.json", "errors.txt"))
        asked.write_text(json.dumps(order.as_json()), encoding="utf-8")
        with errors.open("wb") as output:
            process = subprocess.Popen([sys.executable, "-m", "bench", name, str(asked), str(result)], cwd=ROOT, stderr=output)
        try:
            process.wait(LIMITS_S[name])
            why = ""
        except subprocess.TimeoutExpired:
            why = f"it took longer than {LIMITS_S[name]} s"
        finally:
            _end(process)
        row = Row.from_json(json.loads(result.read_text("utf-8"))) if result.exists() else Row(name)
        if process.returncode:
            lines = [line for line in errors.read_text("utf-8", "replace").splitlines() if line[:1].strip()]  # without continuation lines
            row.unmeasured.append(why or (lines[-1] if lines else f"its process ended with code {process.returncode}"))
    row.load_before = before
    if not order.quick:
        row.yardstick_ms = [*yardstick, measure_unit()]
        row.notes += [note for note in (describe_load(before, cores()), describe_yardstick(row.yardstick_ms)) if note]
    tell(f"{name}: {row.seconds:.0f} s" if row.figures else f"{name}: {'; '.join(row.unmeasured)}")
    return row


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a row's process with a signal, so that it ends everything that it started."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
