"""The result as a table at the terminal, and as the measured part of BENCHMARKS.md."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.history import Slower
from bench.machine import find_weakness
from bench.model import Figure, Json, Ratio, Row

BEGIN, END = "<!-- measured: begin (written by ./gridwell bench --write) -->", "<!-- measured: end -->"
_ENGINE_TITLES = {"postgresql": "PostgreSQL", "postgis": "PostGIS", "python": "Python", "wrk": "wrk"}


class NoPlace(Exception):
    """The file has no part that may be replaced."""


def rows_of(result: Json) -> list[Row]:
    """The rows of a result."""
    return [Row.from_json(one) for one in result["rows"]]


def show(result: Json, console: Console, translate: Callable[[str], str] = str, slower: Sequence[Slower] = ()) -> None:
    """Print every figure, then each ratio with its aim, then what is worse than in an earlier run.

    Args:
        result: the result of ``bench.run.run``.
        console: where to print.
        translate: translates a heading, a name, a unit or an aim into the reader's language.
        slower: from ``bench.history.find_slower``.
    """
    figures = Table(title=f"Gridwell bench · {result['scale']}", title_justify="left", box=None, padding=(0, 1))
    for name, justify in (("row", "left"), ("measured", "left"), ("value", "right"), ("low – high", "right"), ("n", "right")):
        figures.add_column(translate(name), justify=justify)  # type: ignore[arg-type]  # rich's own literals
    ratios = Table(box=None, padding=(0, 1))
    for name, justify in (("row", "left"), ("beside", "left"), ("ratio", "right"), ("aim", "left")):
        ratios.add_column(translate(name), justify=justify)  # type: ignore[arg-type]
    for row in rows_of(result):
        for one in row.figures:
            figures.add_row(row.name, translate(one.what), value_with_unit(one, translate), spread(one), f"{one.samples:,}")
        for ratio in row.ratios:
            ratios.add_row(row.name, translate(ratio.what), value_with_unit(ratio, translate), translate(ratio.aim))
    console.print(figures)
    console.print(ratios)
    if slower:
        console.print(_slower_table(slower, translate))
    for row in rows_of(result):
        for reason in row.unmeasured:
            console.print(Text(f" ! {row.name}: not measured: {reason}", "yellow"))


def _slower_table(slower: Sequence[Slower], translate: Callable[[str], str]) -> Table:
    made = Table(title=translate("slower by more than a fifth"), title_justify="left", title_style="yellow", box=None, padding=(0, 1))
    for name, justify in (
        ("row", "left"),
        ("measured", "left"),
        ("before", "right"),
        ("now", "right"),
        ("the machine itself", "right"),
        ("since", "left"),
    ):
        made.add_column(translate(name), justify=justify)  # type: ignore[arg-type]
    for one in slower:
        unit = translate(one.unit)
        made.add_row(one.row, translate(one.what), f"{number(one.before)} {unit}", f"{number(one.now)} {unit}", _of_machine(one), one.since)
    return made


def _of_machine(one: Slower) -> str:
    """How many times slower the machine itself is than in the earlier run; a question mark where it was not measured."""
    return "?" if one.machine is None else f"{number(one.machine)} ×"


def value_with_unit(one: Figure | Ratio, translate: Callable[[str], str] = str) -> str:
    """A value with its unit, to three significant figures."""
    return f"{number(one.value)} {translate(one.unit)}".strip()


def spread(figure: Figure) -> str:
    """Least and greatest value, if there are several."""
    return f"{number(figure.low)} – {number(figure.high)}" if figure.low != figure.high else ""


def number(value: float) -> str:
    """Three significant figures, without an exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3 if abs(value) >= 0.01 else 5
    return f"{value:.{digits}f}"


def write(result: Json, path: Path, slower: Sequence[Slower] = ()) -> None:
    """Replace the measured part of a file; the text around it is written by hand and stays. ``slower``: see ``show``.

    Raises:
        NoPlace: the file exists, but has no such part.
    """
    part = "\n".join((BEGIN, "", *_lines(result), *_slower_lines(slower), "", END))
    if not path.exists():
        path.write_text(f"# Benchmarks\n\n{part}\n", encoding="utf-8")
        return
    before, begin, rest = path.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NoPlace(str(path))
    path.write_text(before + part + after, encoding="utf-8")


def _slower_lines(slower: Sequence[Slower]) -> Iterator[str]:
    if slower:
        yield from (
            "",
            "**Slower by more than a fifth than before:**",
            "",
            "| row | measured | before | now | the machine itself | since |",
            "|---|---|---|---|---|---|",
        )
        for one in slower:
            values = f"{number(one.before)} {one.unit} | {number(one.now)} {one.unit} | {_of_machine(one)}"
            yield f"| {one.row} | {one.what} | {values} | {one.since} |"


def _lines(result: Json) -> Iterator[str]:
    machine, versions, rows = result["machine"], result["versions"], rows_of(result)
    engines = ", ".join(f"{title} {versions[key]}" for key, title in _ENGINE_TITLES.items() if versions.get(key))
    settings = ", ".join(f"`{name} = {value}`" for name, value in sorted(versions["server_settings"].items()))
    yield f"Scale {result['scale']}, measured {machine['measured_at'][:10]} on {machine['cpu']}, {machine['cores']} cores,"
    yield f"{machine['memory_gb']} GB, {machine['system']}, Linux {machine['kernel']} (busy cores before: {machine['load_before']})."
    if weakness := find_weakness(versions["server_settings"]):
        yield f"**Not as users have it:** {weakness}, so writing costs less here."
    yield f"Gridwell {versions['gridwell']} ({versions['commit']}), {engines}."
    yield f"Server settings: {settings}. Clients, server and database share the machine."
    yield from (f"Filling `{name}` took {seconds:,} s." for name, seconds in result.get("filled_s", {}).items())
    yield ""
    yield "| row | beside | ratio | aim |"
    yield "|---|---|---|---|"
    for row in rows:
        yield from (f"| {row.name} | {one.what} | {value_with_unit(one)} | {one.aim} |" for one in row.ratios)
    yield ""
    yield "| row | measured | value | low – high | n |"
    yield "|---|---|---|---|---|"
    for row in rows:
        yield from (f"| {row.name} | {one.what} | {value_with_unit(one)} | {spread(one)} | {one.samples:,} |" for one in row.figures)
    for row in rows:
        if row.notes or row.unmeasured:
            yield ""
            yield f"**{row.name}** ({row.seconds:.0f} s; busy cores before: {row.load_before}{_yardstick(row)})"
            yield ""
            yield from (f"- {note}" for note in row.notes)
            yield from (f"- not measured: {reason}" for reason in row.unmeasured)


def _yardstick(row: Row) -> str:
    took = " and ".join(f"{one:.2f}" for one in row.yardstick_ms)
    return f"; the same work before and after: {took} ms" if took else ""
