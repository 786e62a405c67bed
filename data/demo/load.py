"""``fill``: make the demo city and load it, in one transaction."""

from concurrent.futures import Future
from typing import Any

import numpy as np
import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text
from sqlalchemy import Table

from data import partitions, rollup, schema
from data.demo import names, rows
from data.demo.areas import make_tree
from data.demo.base import make_base
from data.demo.buildings import build
from data.demo.cases import progress, report
from data.demo.copying import Columns, Writer
from data.demo.facilities import make_facilities
from data.demo.frame import MONTHS, SCALES, Scale
from data.demo.history import history
from data.demo.landuse import plan_land
from data.demo.people import settle
from data.demo.places import make_places
from data.demo.plan import make_plan
from data.demo.registry import found_city, remove, reserve
from data.demo.roads import make_roads, sites

_EVENTS_A_CASE = 6.3
_MAKING, _ROLLING_UP = 0.10, 0.20
"""Share of the whole that goes by before the first rows are sent, and after the last."""


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class _Filling:
    """Sends tables while the bar and the counts follow."""

    def __init__(self, connection: psycopg.Connection[Any], scale: Scale, bar: Progress) -> None:
        self.connection, self.scale, self.bar = connection, scale, bar
        self.counts: dict[str, int] = {}
        sent = scale.cells + scale.buildings + scale.people + scale.incidents * (1 + _EVENTS_A_CASE)
        self.total = sent / (1 - _MAKING - _ROLLING_UP)
        self.task = bar.add_task("规划城市 Planning", total=self.total)

    def says(self, sentence: str, share: float = 0.0) -> None:
        """Name the step that begins, and count a share of the whole as done."""
        self.bar.update(self.task, description=sentence, advance=share * self.total)

    def send(self, writer: Writer, table: Table, columns: Columns) -> None:
        """Queue a table."""

        def landed(_: Future[None]) -> None:
            self.bar.update(self.task, advance=count)

        count = writer.send(table, columns, landed)
        self.counts[table.name] = count

    def run(self) -> None:
        """Make and send everything but the roll-ups; each step is made while the one before it is being sent."""
        scale, connection = self.scale, self.connection
        source = found_city(connection)
        partitions.ensure(connection, MONTHS)
        first_building = reserve(connection, schema.building, scale.buildings)
        first_case = reserve(connection, schema.incident, scale.incidents)
        plan = make_plan(scale)
        tree = make_tree(plan)
        places = make_places(plan, tree)
        ground = rows.Ground(tree, places)
        self.says("建筑 Buildings", _MAKING / 2)
        with Writer(connection) as writer:
            self.send(writer, schema.area, rows.areas(tree, source["areas"]))
            roads = make_roads(plan)
            free = sites(plan, roads)
            land = plan_land(plan, free)
            buildings = build(plan, land, free)
            self.says("人口 People", _MAKING / 2)
            people = settle(plan, land, buildings)
            self.send(writer, schema.person, rows.persons(ground, buildings, people, first_building, source["population"]))
            residents = np.bincount(people.building, minlength=len(buildings.shapes))
            self.send(writer, schema.building, rows.buildings(ground, buildings, residents, first_building, source["buildings"]))
            self.send(writer, schema.area_figure, rows.figures(tree, buildings, people, places))
            self.says("案件 Cases")
            reports = report(scale, tree, places, free, buildings, people)
            state = progress(reports, tree)
            self.send(writer, schema.incident, rows.incidents(ground, reports, state, first_case, source["incidents"]))
            self.send(writer, schema.incident_event, rows.events(ground, reports, history(reports, state), first_case))
            facilities = make_facilities(tree, places, land, free)
            self.send(writer, schema.facility, rows.facilities(ground, facilities, source["facilities"]))
            base = make_base(plan, tree, land, free, roads, buildings)
            self.send(writer, schema.base_feature, rows.base_features(base, source["base"]))
            self.says("写入数据库 Writing")


def fill(connection: psycopg.Connection[Any], scale: str = "demo") -> dict[str, int]:
    """Make the demo city and load it; an older demo city is replaced. All of it lands, or nothing.

    Args:
        connection: a connection without an open transaction.
        scale: ``demo`` (3,000 cells, 800,000 people, 200,000 cases) or ``test`` (a small city with all its features).

    Returns:
        Rows loaded, by table.

    Raises:
        KeyError: there is no such scale.
        psycopg.Error: the database refused something; nothing was changed.
    """
    wanted = SCALES[scale]
    with _bar() as bar:
        with connection.transaction():
            filling = _Filling(connection, wanted, bar)
            remove(connection)
            filling.run()
            filling.says("各级汇总 Rolling up")
            _analyse(connection, *filling.counts)
            rollup.rebuild(connection, names.CITY_CODE)
            _analyse(connection, "area_figure", "incident_daily", "incident_open", "zone_member")
        bar.update(filling.task, description="完成 Done", completed=filling.total)
    return filling.counts


def _analyse(connection: psycopg.Connection[Any], *tables: str) -> None:
    """Statistics for the planner; before the roll-ups too, which would else be planned for empty tables."""
    for table in tables:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _bar() -> Progress:
    """A bar with rate and time left; silent where nobody sits at a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), _Rate(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
