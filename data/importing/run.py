"""One import from beginning to end: all of it is stored or nothing, and importing the same files again changes nothing."""

import datetime as dt
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from data.database.connections import connect
from data.database.locks import LOADING
from data.geo import leaf_join
from data.importing import report, run_records
from data.importing.common.sentences import ImportRefused, Sentence
from data.importing.landing import residents
from data.importing.landing.city import land_areas, land_categories, land_city, land_sources
from data.importing.landing.context import Context
from data.importing.landing.deadlines import land_deadlines
from data.importing.landing.events import write_events
from data.importing.landing.handlers import HandlerLinks, land_handlers
from data.importing.landing.objects import land_objects
from data.importing.landing.relocation import find_filled_tables, relocate_rows
from data.importing.landing.reporters import write_reporters
from data.importing.landing.rollups import needs_rebuild, update_rollups
from data.importing.landing.statistics import gather_statistics
from data.importing.landing.unplaced import plant_held_leaves, register_leaves, remove_empty_leaves
from data.importing.placing.areas import read_areas
from data.importing.placing.coordinate_checks import CityOutline
from data.importing.placing.grid_cells import make_cells
from data.importing.placing.homes import Homes
from data.importing.placing.known_places import read_held_places
from data.importing.placing.leaves import Leaves
from data.importing.placing.tree import Tree
from data.importing.profile.model import AreaSource, Profile
from data.importing.profile.source import Source
from data.importing.progress import Progress
from data.importing.reader.client import prepare_reader
from data.importing.rows.categories import Book
from data.importing.rows.intake import Intake
from data.importing.rows.rejects import Ledger, Reject
from data.importing.subjects import buildings, facilities, incidents
from data.importing.subjects.base import land_base
from data.importing.subjects.people import land_people
from data.importing.subjects.population import land_population

_OBJECTS = {"buildings": buildings.SUBJECT, "incidents": incidents.SUBJECT, "facilities": facilities.SUBJECT}
_LAND: dict[str, Callable[[Any, Context], None]] = {
    **{name: partial(land_objects, subject) for name, subject in _OBJECTS.items()},
    "population": land_population,
    "base": land_base,
}
"""How the sources of each subject are read and written; areas come before, people after them."""

_RECENT = dt.timedelta(days=30)


@dataclass
class Outcome:
    """How an import ended.

    Attributes:
        outcome: loaded, unchanged, dry_run or failed, as kept in ``import_run``.
        refusals: why it failed, most telling first.
        unforgiven: rows that no rule of the profile allows to be left out.
        rejects_file: CSV of the rows that were not loaded.
        report: as kept in ``import_run``.
        same_as: an earlier run of the same files and profile; the files were then not read again.
    """

    run: int
    outcome: str
    ledger: Ledger
    refusals: list[Sentence] = field(default_factory=list)
    unforgiven: list[Reject] = field(default_factory=list)
    rejects_file: Path | None = None
    report: dict[str, Any] = field(default_factory=dict)
    same_as: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Order:
    """What to import, and how strictly; ``again`` reads the files even if they are those of the last run."""

    profile: Profile
    profile_name: str
    folder: Path
    dry_run: bool = False
    again: bool = False
    max_rejected: str | None = None
    lang: str = "en"
    show_progress: bool | None = None


def import_city(order: Order) -> Outcome:
    """Import a city. However it ends, an ``import_run`` with its report and rejected rows is kept.

    Returns:
        The outcome; ``failed`` with sentences when the files do not fit the profile.

    Raises:
        psycopg.Error: the database refused.
    """
    began = time.monotonic()
    order = replace(order, folder=order.folder.resolve())
    ledger = Ledger()
    origin = run_records.describe_origin(order.folder)
    with run_records.open_run(order.profile.city.code, order.profile_name, origin) as number:
        outcome = Outcome(number, "failed", ledger)
        context: Context | None = None
        try:
            with connect() as connection, Progress(order.show_progress, order.lang) as progress:
                context = _context(order, connection, ledger, progress)
                outcome.outcome = _same_again(order, context, outcome) or _import(order, context)
                context.standing = run_records.fetch_versions(connection, context.city)
                if outcome.outcome == "loaded":
                    run_records.note_run(connection, number, context.city, "loaded", len(ledger.rejects), context.changes)
                else:
                    connection.rollback()
        except ImportRefused as refused:
            outcome.refusals = refused.sentences
            outcome.unforgiven = [r for source in order.profile.sources() for r in ledger.unforgiven(source)]
        except BaseException as error:
            outcome.outcome, outcome.refusals = "failed", [run_records.describe_breakdown(error)]
            raise
        finally:
            outcome.seconds = time.monotonic() - began
            _close(order, outcome, context, origin)
    return outcome


def _same_again(order: Order, context: Context, outcome: Outcome) -> str | None:
    """``unchanged``, without reading the files, if files and profile are those of the last run and the city has not changed since.

    Raises:
        ImportRefused: files are missing.
    """
    _files_are_there(order, context)
    context.connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOADING])
    context.stamps = run_records.stamp_files(order.profile, order.folder)
    context.fingerprint = run_records.fingerprint_files(order.profile, order.folder, order.max_rejected)
    if order.again or order.dry_run:
        return None
    known = run_records.find_same_run(context.connection, context.city, context.fingerprint)
    if known is None:
        return None
    outcome.same_as, outcome.report = known
    return "unchanged"


def _context(order: Order, connection: psycopg.Connection, ledger: Ledger, progress: Progress) -> Context:
    profile = order.profile
    zone = ZoneInfo(profile.city.timezone)
    return Context(
        connection=connection,
        profile=profile,
        intake=Intake(order.folder, ledger, zone),
        ledger=ledger,
        progress=progress,
        moment=profile.city.moment or dt.datetime.now(zone),
        tree=Tree(profile.city.code),
        books={s: Book(s, getattr(profile.categories, s)) for s in ("incident", "facility", "building")},
    )


def _import(order: Order, context: Context) -> str:
    """Do everything inside the open transaction.

    Raises:
        ImportRefused: it must not land.
    """
    profile = order.profile
    prepare_reader()
    _plant(order, context)
    plant_held_leaves(context)
    land_city(context)
    land_sources(context)
    context.handlers = HandlerLinks(context.connection, profile)
    residents.remember_cells(context)
    land_areas(context)
    context.held = find_filled_tables(context)
    context.recount = needs_rebuild(context)
    leaf_join.prepare_leaves(context.connection, context.city)
    context.outline, context.leaves = CityOutline(context.tree, profile.city.tolerance_m), Leaves(context.connection)
    register_leaves(context)
    with residents.tracking_residents(context):
        _land_sources(context)
        _judge(order, context, profile.sources())
        _remark_on_old_cases(context)
        land_categories(context)
        land_deadlines(context)
        land_handlers(context)
        write_events(context)
        write_reporters(context)
        if not context.anything_changed:
            return "dry_run" if order.dry_run else "unchanged"
        _figures(context)
    if order.dry_run:
        return "dry_run"
    context.connection.execute("UPDATE source SET refreshed_at = now() WHERE city = %s", [context.city])
    return "loaded"


def _files_are_there(order: Order, context: Context) -> None:
    if not order.folder.is_dir():
        raise ImportRefused([Sentence("missing_folder", {"folder": str(order.folder)})])
    missing = [told for source in order.profile.sources() for told in context.intake.find_missing(source)]
    if missing:
        raise ImportRefused(missing)


def _plant(order: Order, context: Context) -> None:
    """Read the tree of areas and make its cells; stop if it has faults, since everything else depends on it."""
    profile = order.profile
    context.tree = read_areas(profile, context.intake, read_held_places(context.connection, context.city))
    _judge(order, context, [s for s in profile.sources() if isinstance(s, AreaSource)])
    if context.tree.areas[context.tree.root].geom is None:
        raise ImportRefused([Sentence("no_areas")])
    make_cells(context.tree, profile, context.ledger, lambda places: context.progress.track("Dividing into cells", places, len(places)))


def _land_sources(context: Context) -> None:
    """All sources; people last, because they live in the buildings and cells of the others."""
    places = [source for source in context.profile.sources() if source.subject in _LAND]
    for source in context.progress.track("Sources", places, len(places)):
        _LAND[source.subject](source, context)
    if context.changes.get("area") and context.changes["area"].any:
        relocate_rows(context)
    remove_empty_leaves(context)
    residents.move_residents(context)
    if context.profile.people:
        homes = Homes(context.connection, context.city, context.leaves)
        for register in context.profile.people:
            land_people(register, context, homes)
        residents.date_resident_figures(context)


def _judge(order: Order, context: Context, sources: Iterable[Source]) -> None:
    """Refuse the import when files cannot be used, or more rows are rejected than is allowed.

    Raises:
        ImportRefused: with the sentences on files first, then on sources.
    """
    verdicts = [context.ledger.verdict(source, order.max_rejected) for source in sources]
    refusals = [*context.ledger.refusals, *[v for v in verdicts if v is not None]]
    if refusals:
        raise ImportRefused(refusals)


def _remark_on_old_cases(context: Context) -> None:
    """Without ``as_of`` figures stand for now: if the newest case is old, all recent periods are empty, and the report says so."""
    if context.profile.city.as_of is not None:
        return
    found = context.connection.execute("SELECT max(reported_at) FROM incident WHERE city = %s", [context.city]).fetchone()
    newest = found[0] if found else None
    if newest is not None and context.moment - newest > _RECENT:
        day = newest.astimezone(ZoneInfo(context.profile.city.timezone)).date().isoformat()
        context.ledger.remarks.append((context.city, Sentence("old_cases", {"day": day})))


def _figures(context: Context) -> None:
    """Distribute the population and update the roll-ups."""
    gather_statistics(context)
    for step in context.progress.track("Summing up", [update_rollups], 1):
        step(context)


def _would_be_the_same(order: Order, ledger: Ledger, context: Context) -> bool:
    """Whether the files of the fingerprint give this result again: they were the same all the time, and no row depends on the clock."""
    same = context.stamps == run_records.stamp_files(order.profile, order.folder)
    return same and not run_records.depends_on_clock(order.profile, ledger)


def _close(order: Order, outcome: Outcome, context: Context | None, origin: dict[str, object]) -> None:
    ledger = outcome.ledger
    changes = context.changes if context is not None and outcome.outcome in ("loaded", "dry_run") else {}
    more: dict[str, Any] = {**origin, "seconds": round(outcome.seconds, 1), "dry_run": order.dry_run, "same_as": outcome.same_as}
    if outcome.outcome in ("loaded", "unchanged") and context is not None and _would_be_the_same(order, ledger, context):
        more |= {"fingerprint": context.fingerprint, "versions": context.standing}
    outcome.report = (outcome.report or report.build_report(ledger, changes, outcome.refusals, {})) | more
    outcome.rejects_file = report.write_rejects(ledger, order.profile.city.code, outcome.run, order.lang)
    run_records.close_run(outcome.run, order.profile.city.code, outcome.outcome, outcome.report, ledger, order.lang)
