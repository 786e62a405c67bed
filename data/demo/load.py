"""``load_demo``: make the demo city and load it, in one transaction."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime

import numpy as np
import psycopg
import pyarrow as pa
from psycopg import sql

from data import rollup, schema
from data.auditing.owner_entries import append_as_owner
from data.database import partitions
from data.database.bulk_copy import Writer
from data.demo import rows
from data.demo.cases.cases import Pavements, Reports, group_by_month, make_reports, split_into_portions
from data.demo.cases.rows import CaseRows
from data.demo.common import names
from data.demo.common.frame import TIMEZONE, Shapes, morning_of
from data.demo.common.scale import Scale, find_scale
from data.demo.disk_space import check_room
from data.demo.land.addresses import make_places
from data.demo.land.areas import make_tree
from data.demo.land.base_map import make_base
from data.demo.land.buildings import Buildings, make_buildings
from data.demo.land.facilities import make_facilities
from data.demo.land.land_use import Land, plan_land
from data.demo.land.plan import Plan, make_plan
from data.demo.land.roads import make_roads, make_sites
from data.demo.people.register import make_people
from data.demo.people.roster import plan_duty
from data.demo.progress_bar import Watch
from data.demo.registry import create_city, organise, remove_city, reserve_ids


class _Filling:
    """Makes the city and sends its tables; each step is made while the one before it is being sent."""

    def __init__(self, connection: psycopg.Connection, scale: Scale, as_of: datetime | None, watch: Watch) -> None:
        self.connection, self.scale, self.watch = connection, scale, watch
        self.source = create_city(connection, scale.until, as_of)
        self.first_building = reserve_ids(connection, schema.building, scale.buildings)
        self.known = partitions.list_partitions(connection)
        self.first_case = reserve_ids(connection, schema.incident, scale.incidents)

    def run(self) -> None:
        """Everything but the roll-ups."""
        watch, scale = self.watch, self.scale
        watch.step("planning")
        plan = make_plan(scale)
        tree = make_tree(plan)
        ground = rows.Ground(tree, make_places(plan, tree))
        organise(self.connection, tree, scale.until)
        with Writer(self.connection, watch.landed) as writer:
            writer.send(schema.area, rows.make_areas(tree, self.source["areas"], scale.until))
            watch.step("buildings", watch.planning)
            roads = make_roads(plan)
            free = make_sites(plan, roads)
            land = plan_land(plan, free)
            built = make_buildings(plan, land, free)
            base = make_base(plan, tree, land, free, roads, built)
            writer.send(schema.base_feature, rows.make_base_features(base, self.source["base"]))
            placed = make_facilities(tree, ground.places, land, free)
            writer.send(schema.facility, rows.make_facilities(ground, placed, self.source["facilities"]))
            del roads, base, placed
            watch.step("people", watch.building)
            reports, pavements = self._people(writer, plan, ground, free, land, built)
            del built
            watch.step("cases")
            cases = CaseRows(scale, ground, reports, pavements, self.first_case, self.source["incidents"])
            with writer.filling(schema.incident_event, scale.incidents):
                for span in split_into_portions(scale, reports):
                    self._cases(writer, cases, span)
            watch.step("writing")

    def _people(
        self, writer: Writer, plan: Plan, ground: rows.Ground, free: Shapes, land: Land, built: Buildings
    ) -> tuple[Reports, Pavements]:
        """Residents, the buildings they live in, figures of the cells; returns what is reported around them."""
        people = make_people(plan, land, built)
        register = rows.make_persons(ground, built, people, self.first_building, self.source["population"])
        writer.stream(schema.person, register, self.scale.people)
        residents = np.bincount(people.building, minlength=len(built.shapes))
        stock = rows.make_buildings(ground, built, residents, self.first_building, self.source["buildings"], self.scale.until)
        writer.stream(schema.building, stock, self.scale.buildings)
        writer.send(schema.area_figure, rows.make_figures(ground.tree, built, people, ground.places))
        return make_reports(self.scale, ground.tree, ground.places, free, built, people)

    def _cases(self, writer: Writer, cases: CaseRows, span: slice) -> None:
        """Cases of a portion, each month into its partition, and their history."""
        portion = cases.portion(span)
        made = pa.table(cases.incidents(portion))
        for month, part in group_by_month(self.scale, portion.reports.minute):
            name = partitions.partition_name(month)
            block = nullcontext(False) if name in self.known else partitions.create_partition(self.connection, month)
            with writer.within(block, name):
                writer.copy(name, schema.incident.name, made.slice(part.start, part.stop - part.start))
        reporters = pa.table(cases.reporters(portion))
        if reporters.num_rows:
            writer.copy(schema.incident_reporter.name, schema.incident_reporter.name, reporters)
        steps = schema.incident_event.name
        writer.copy(steps, steps, pa.table(cases.events(portion)))


def load_demo(
    connection: psycopg.Connection,
    scale: str = "demo",
    tell: Callable[[str], None] | None = None,
    cases: int | None = None,
    lang: str = "en",
    until: date | None = None,
) -> dict[str, int]:
    """Make the demo city and load it; an older demo city is replaced. All of it lands, or nothing.

    Args:
        connection: a connection without an open transaction.
        scale: one of ``SCALES``: ``demo`` (3,000 cells, 800,000 people, 200,000 cases), smaller or larger.
        tell: is given a sentence for each step when it ends, with the time it took.
        cases: so many instead of the scale's own, in the very same city.
        lang: language of these sentences.
        until: the day up to which the city is made; its figures then stand for the morning of that day. ``None``: it is made up to this
            minute, and its figures stand for now.

    Returns:
        Rows loaded, by table.

    Raises:
        KeyError: there is no such scale.
        CasesOutOfRange: they are too few, or more than the scale has.
        NoRoom: the disk cannot hold it; nothing was changed.
        psycopg.Error: the database refused something; nothing was changed.
    """
    as_of = morning_of(until) if until else None
    wanted = find_scale(scale, cases, as_of or datetime.now(TIMEZONE).replace(second=0, microsecond=0))
    with Watch(wanted, tell, lang) as watch:
        with connection.transaction():
            check_room(connection, wanted)
            remove_city(connection)
            _Filling(connection, wanted, as_of, watch).run()
            plan_duty(connection, as_of or wanted.until)
            watch.step("statistics")
            _analyse(connection, *watch.counts)
            watch.step("roll_ups")
            rollup.rebuild(connection, names.CITY_CODE)
            _analyse(connection, "area_figure", "incident_daily", "incident_open", "zone_member")
            append_as_owner(connection, "import", names.CITY_CODE, {"demo": scale, "outcome": "loaded"})
            watch.step("committing", watch.rolling_up)
        watch.done()
    return dict(watch.counts)


def vacuum_rollups(connection: psycopg.Connection) -> None:
    """Let indexes alone answer for the roll-ups at once, not only after PostgreSQL's next round of tidying; outside of any transaction."""
    for table in ("incident_daily", "incident_open", "area", "area_figure"):
        connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))


def _analyse(connection: psycopg.Connection, *tables: str) -> None:
    """Statistics for the planner; before the roll-ups too, which would else be planned for empty tables."""
    for table in tables:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
