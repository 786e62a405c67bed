"""``./gridwell demo``: makes the demo city, or makes it again."""

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from cli._terminal import language, say
from data.core.i18n import t

if TYPE_CHECKING:
    from datetime import date

NAME = "demo"
NEEDS_KEYS = True
HELP = "Make the demo city, up to now or up to a given day."

_TABLE_TITLES = {
    "area": "areas",
    "base_feature": "features of the base map",
    "facility": "facilities",
    "building": "buildings",
    "person": "people in the register",
    "area_figure": "areas with figures of people",
    "incident": "cases of the city",
    "incident_reporter": "reporters of cases",
    "incident_event": "steps of cases",
}
"""Names for the rows of each table of the demo city, for its summary."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    from data.demo.common.scale import SCALES

    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = f"{HELP} An older demo city is replaced, real cities stay. It lands whole or not at all."
    parser.epilog = _scales()
    parser.add_argument("--scale", choices=list(SCALES), default="demo", help="how large a city (default: demo), see below")
    parser.add_argument("--cases", type=int, metavar="N", help="the same city with fewer cases than its scale has, to compare both")
    add_until(parser)


def add_until(parser: argparse.ArgumentParser) -> None:
    """The argument that pins the day up to which the city is made."""
    parser.add_argument(
        "--until",
        metavar="DATE",
        help="make it up to the morning of this day, for which its figures then stand: the same city every time (default: up to now)",
    )


def read_until(args: argparse.Namespace) -> "date | None":
    """The day that was asked for.

    Raises:
        NoSuchDay: it is no day, or lies ahead.
    """
    from data.demo.common.frame import TIMEZONE
    from data.demo.common.scale import read_day

    return None if args.until is None else read_day(args.until, datetime.now(TIMEZONE).date())


def _scales() -> str:
    """A table of the scales, and how the large ones differ."""
    from data.demo.common.scale import SCALES
    from data.demo.disk_space import estimate_bytes

    columns = ("cells", "buildings", "people", "incidents")
    lines = [f"{'scale':12}" + "".join(f"{name:>12}" for name in columns) + f"{'months':>8}{'disk':>10}"]
    for name, scale in SCALES.items():
        counts = "".join(f"{getattr(scale, column):>12,}" for column in columns)
        lines.append(f"{name:12}{counts}{round(scale.days / 30.44):>8}{_size(estimate_bytes(scale)):>10}")
    kept = ", ".join(f"{name} ({scale.history_days} days)" for name, scale in SCALES.items() if scale.history_days)
    return "\n".join([*lines, "", f"Every case keeps its history; only open and recent ones do in {kept}."])


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def run(args: argparse.Namespace) -> int:
    """Make the demo city in one transaction; an older one is replaced, real cities stay."""
    from data.database.connections import connect
    from data.demo.load import load_demo, vacuum_rollups
    from data.upkeep.preparation import hold_loading_lock

    lang, until = language(), read_until(args)
    with hold_loading_lock(), connect() as connection:
        counts = load_demo(connection, args.scale, say, args.cases, lang, until)
        connection.autocommit = True
        vacuum_rollups(connection)
    for table, count in counts.items():
        say(f"{count:>12,}  {t(lang, _TABLE_TITLES[table])}")
    say(t(lang, "The demo city is ready."))
    return 0
