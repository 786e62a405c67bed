"""``./gridwell bench``: measures the product, its physical limit and comparable tools in one run."""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from cli._terminal import complain, language, say
from cli._testing.bytecode import keep_bytecode
from data.core.errors import GridwellError
from data.core.i18n import t

NAME = "bench"
HELP = "Measure this installation beside its limit and its peers; prints a table, never a pass or fail."
NEEDS_DATABASE = False  # it makes its own databases, or uses those given by options

DONE, INCOMPLETE = 0, 1
PIPED_WIDTH = 180


_NAMES = (
    # rows of the table and its headings
    "row", "measured", "value", "low – high", "n", "beside", "ratio", "aim",
    "slower by more than a fifth", "before", "now", "the machine itself", "since",
    # a click
    "click", "uncached", "as served", "of that the page's own callback", "median", "tenth",
    "uncached click", "all cases", "a tenth of them", "the same figures by GROUP BY over raw rows", "GROUP BY over raw rows",
    # tiles
    "cold tiles through HTTP", "cold tiles", "pgbench with the same SQL", "the same SQL through pgbench", "wait for one",
    "weight of one over the wire", "one warm tile", "{n0} warm tiles in turn", "warm tile", "static file from disk",
    "static file from memory", "a static file of the same size, from disk", "the same, kept packed in memory as scripts are",
    "warm tile ÷ tipg, same tiles", "tipg, the same tiles in turn",
    # an import
    "import, buildings", "import, cases", "COPY, buildings", "COPY, cases", "geopandas to_postgis, buildings", "ogr2ogr, buildings",
    "import ÷ COPY into the same indexed table, buildings", "import ÷ COPY into the same indexed table, cases",
    "import ÷ geopandas to_postgis, buildings", "import ÷ ogr2ogr, buildings",
    # the page
    "first visit", "revisit", "over the wire", "requests over the wire", "main thread until the first layer is drawn",
    "clock until the first layer is drawn", "clock until the map is complete",
    # memory
    "largest worker idle", "largest worker after {n0} requests", "largest worker after all requests",
    "growth of the largest from {n0} to {n1} requests",
    # many viewers
    "all requests", "requests answered", "while they arrive", "errors", "answered “busy” (503)", "answered “busy” (503) while they arrive",
    "drill", "filter", "layer", "tile",
    # events
    "commit to listener", "of those that are committed late", "lost", "told twice", "events told",
    # walls
    "change to heard", "change to shown", "an answer with figures", "CPU of the server", "CPU of the database", "changes without walls",
    "changes with walls", "quiet walls", "walls that end with other counts than the database", "questions without an answer",
    "CPU of the server for one wall", "% of a core",
    # a wall over a long time
    "JS heap", "DOM nodes", "WebGL contexts", "RSS of the page's process", "after a tenth", "at the end", "growth", "changes pushed",
    "events heard by the page", "scene changes", "midnights", "moments with a stale “today”",
    "midnights after which today's number was not shown", "skew of a scene's change",
    "skew of a scene's first picture", "clocks of the screens apart", "clock of a screen beside the server's",
    "between two pictures of a screen",
    # steps of cases
    "steps taken", "a step", "steps refused or lost", "changes of a feed", "a feed of {n0} changes", "reopen", "void",
    "changes of the feed that were refused",
    # reports
    "weekly report of a street", "weekly report of the city", "largest memory", "size of the PDF", "ten reports at once", "until the first",
    "until the last", "while no report is made", "while ten are made",
    # units and aims
    "tiles/s", "rows/s", "bytes", "flat", "≤ {n0} at {n1} M incidents", "≥ {n0} at metropolis, ≥ {n1} at city",
)  # fmt: skip
"""Whole names, or parts of names between commas, colons, brackets and “÷”; ``{n0}``, ``{n1}`` stand for numbers in them."""
_NUMBER = re.compile(r"(?<![\w(.])\d[\d,.]*")
_SEPARATOR = re.compile(r"( ÷ |, |: | \(|\))")
_CHINESE = {", ": "，", ": ": "：", " (": "（", ")": "）"}


class NotAnAddress(GridwellError):
    status, code = 422, "not_an_address"
    sentence = "--database takes NAME=ADDRESS, where NAME is a scale or “tenth”, such as city=postgresql://…, not “{value}”."


class NothingToMeasure(GridwellError):
    status, code = 503, "nothing_to_measure"
    sentence = "There is no database to measure: {why}"


class NoFolder(GridwellError):
    status, code = 422, "no_folder"
    sentence = "There is no folder “{folder}” to write {file} into."


class NoMeasuredPart(GridwellError):
    status, code = 422, "no_measured_part"
    sentence = "{file} holds no part between the lines “measured: begin” and “measured: end”; it was left alone."


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    from bench.order import PEERS, TENTH
    from bench.rows import ROWS, SOAKS
    from data.demo.common.scale import SCALES

    parser.add_argument("--scale", choices=tuple(SCALES), default="demo", help="size of the city that is measured (default: demo)")
    parser.add_argument("--against", action="append", choices=PEERS, metavar="NAME", help=f"only beside this one; of {', '.join(PEERS)}")
    parser.add_argument("--only", nargs="+", choices=(*ROWS, *SOAKS), metavar="ROW", help=f"only these rows; of {', '.join(ROWS)}")
    parser.add_argument(
        "--soak", action="store_true", help="instead of the rows: a wall's page over a long time, compressed to half an hour"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this Markdown file, such as BENCHMARKS.md")
    parser.add_argument(
        "--database",
        action="append",
        default=[],
        metavar="NAME=ADDRESS",
        help=f"a filled database of a scale, or of the same city with a tenth of its cases ({TENTH}); it is migrated, not emptied",
    )
    parser.add_argument("--record", action="store_true", help="add this run to bench/history.jsonl, with which later runs are compared")
    parser.add_argument("--fresh", action="store_true", help="fill the bench's own databases anew")
    parser.add_argument("--quick", action="store_true", help="tiny counts, only to see that everything works; the figures mean nothing")


def run(args: argparse.Namespace) -> int:
    """Measure, print, and write the wanted files; 1 if something could not be measured."""
    from rich.console import Console

    from bench import history, table
    from bench.model import Unmeasured
    from bench.order import PEERS
    from bench.rows import ROWS, SOAKS
    from bench.run import run as measure

    keep_bytecode()  # what a command costs is measured as on a machine that keeps compiled modules
    check_outputs(args.json, args.write)  # checked first, because the run takes half an hour
    given = dict(_database(value) for value in args.database)
    rows = [name for name in (SOAKS if args.soak else ROWS | SOAKS) if name in (args.only or (SOAKS if args.soak else ROWS))]
    try:
        result = measure(args.scale, rows, given, say, args.against or PEERS, args.fresh, args.quick)
    except Unmeasured as reason:
        raise NothingToMeasure(why=reason) from reason
    lang, slower = language(), [] if args.quick else history.find_slower(result, history.read())
    console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
    table.show(result, console, lambda name: translate_name(lang, name), slower)
    if args.json:
        args.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    if args.write:
        table.write(result, args.write, slower)
    if args.record:
        _record(result, lang)
    unmeasured = [row["name"] for row in result["rows"] if row["unmeasured"]]
    if unmeasured:
        complain(t(lang, "Not everything could be measured: {rows}.", rows=", ".join(unmeasured)))
    return INCOMPLETE if unmeasured else DONE


def _record(result: dict[str, Any], lang: str) -> None:
    from bench import history

    reason = history.find_reason_not_to_record(result)
    if reason is None:
        history.record(result)
    else:
        complain(t(lang, "The run was not added to the history: {reason}.", reason=reason))


def check_outputs(report: Path | None, page: Path | None) -> None:
    """Refuse output files that could not be written at the end.

    Raises:
        NoFolder: the folder of a file does not exist.
        NoMeasuredPart: the page exists but has no place for the table.
    """
    from bench.table import BEGIN

    for file in filter(None, (report, page)):
        if not file.parent.is_dir():
            raise NoFolder(folder=file.parent, file=file.name)
    if page and page.exists() and BEGIN not in page.read_text("utf-8"):
        raise NoMeasuredPart(file=page)


def _database(value: str) -> tuple[str, str]:
    from bench.order import TENTH
    from data.demo.common.scale import SCALES

    name, found, address = value.partition("=")
    if not found or name not in (*SCALES, TENTH) or not address:
        raise NotAnAddress(value=value)
    return name, address


def translate_name(lang: str, name: str) -> str:
    """Translate a heading, the name of a figure or ratio, a unit or an aim; unknown words such as “RSS” or “p95” stay."""
    numbers: dict[str, str] = {}

    def note(found: re.Match[str]) -> str:
        numbers[f"n{len(numbers)}"] = found[0]
        return f"{{n{len(numbers) - 1}}}"

    template = _NUMBER.sub(note, name)
    if template in _NAMES:
        return t(lang, template, **numbers)
    parts = [part for part in _SEPARATOR.split(name) if part]
    if len(parts) == 1:
        return name
    separators = _CHINESE if lang == "zh" else {}
    return "".join(separators[part] if part in separators else translate_name(lang, part) for part in parts)
