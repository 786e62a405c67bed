"""Keeps the roll-ups up to date: row by row where the areas stay the same, counted again from all rows where they change."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from psycopg import sql
from sqlalchemy import Table

from data import rollup, schema
from data.geo import apportion
from data.importing.common.sentences import Sentence
from data.importing.landing.context import Context
from data.importing.landing.staging import Changes, RollupTracker
from data.live import versions

_BLOCKS = {
    "building": rollup.changing_buildings,
    "facility": rollup.changing_facilities,
    "incident": rollup.changing_incidents,
}
_SUBJECTS = {
    "area": schema.SUBJECTS,  # their names are shown with the objects in them
    "city": schema.SUBJECTS,
    "source": schema.SUBJECTS,
    "category": ("buildings", "facilities", "incidents"),
    "population_unit": ("population",),
    "building": ("buildings",),
    "facility": ("facilities",),
    "incident": ("incidents",),
    "incident_event": ("incidents",),
    "calendar_day": ("incidents",),
    "deadline_rule": ("incidents",),
    "incident_reporter": ("incidents",),
    "unit": ("incidents",),
    "base_feature": ("base",),
    "person": ("population", "buildings"),
}
"""Subjects that get a new version when a table changes."""

_NAMED = 5
"""Units with people outside the city that the report names."""


def needs_rebuild(context: Context) -> bool:
    """Whether all roll-ups must be counted again: they never were, or the areas or the moment of the city changed.

    Also when a city gets its first cases: counting them all at once is cheaper than adding them one by one.
    """
    known = context.connection.execute("SELECT states_at IS NOT NULL FROM city WHERE code = %s", [context.city]).fetchone()
    first_cases = bool(context.profile.incidents) and "incident" not in context.held
    return known != (True,) or first_cases or any(_changed(context, name) for name in ("area", "city"))


def make_tracker(table: Table, context: Context) -> RollupTracker:
    """A tracker for ``staging.merge_rows``, which updates the roll-ups with each changed row; none if they are counted again later."""
    if table is schema.person:
        return lambda before: _noting(context, before)
    if context.recount:
        return lambda _: nullcontext()
    return lambda before: _BLOCKS[table.name](context.connection, context.city, table=before)


@contextmanager
def _noting(context: Context, before: sql.Identifier) -> Iterator[rollup.TouchedRows]:
    """Changed people are only written down here; ``data.importing.landing.residents`` updates their figures at the end."""
    assert context.register is not None  # noqa: S101  people are only changed where it is open
    context.register.add(table=before)
    yield context.register


def update_rollups(context: Context) -> None:
    """Distribute the population, update the roll-ups that were not updated row by row, and give what changed a new version."""
    shared = _changed(context, "population_unit") or (_changed(context, "building") and _by_buildings(context))
    subjects = {subject for name in context.changes if _changed(context, name) for subject in _SUBJECTS[name]}
    if context.profile.population and (context.recount or shared):
        done = apportion.apportion_population(context.connection, context.city)
        context.ledger.repair(context.profile.population[0], "people_shared", done.total)
        _tell_people_outside(context, done.beyond)
    if context.recount or shared or rollup.has_stale_kinds(context.connection, context.city):
        rollup.rebuild(context.connection, context.city, subjects | {"population"})
    else:
        versions.touch(context.connection, context.city, subjects)


def _tell_people_outside(context: Context, beyond: list[apportion.Beyond]) -> None:
    """Say for each source how many people live outside the city, and in which units; those with most of them first."""
    for source in sorted({unit.source for unit in beyond}):
        units = sorted((unit for unit in beyond if unit.source == source), key=lambda unit: (-unit.people, unit.key))
        named = ", ".join(f"“{unit.key}” {unit.people:,} / {unit.total:,}" for unit in units[:_NAMED]) + (" …" if units[_NAMED:] else "")
        facts = {"units": len(units), "people": f"{sum(unit.people for unit in units):,}", "named": named}
        context.ledger.remarks.append((source, Sentence("people_outside", {"source": source, **facts})))


def _changed(context: Context, name: str) -> bool:
    return context.changes.get(name, Changes()).any


def _by_buildings(context: Context) -> bool:
    return any(source.method == "by_buildings" for source in context.profile.population)
