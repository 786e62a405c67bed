"""What every row has to be, asked of all staged rows at once: filled, within bounds, a known code, a known record, a known place, once."""

from collections import Counter
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from psycopg import sql

from data.database.connections import Connection
from data.feeds.landing.job import Job
from data.feeds.landing.placing import SEVERAL
from data.feeds.landing.staging import STAGED
from data.feeds.landing.words import MASK
from data.packs.declaration.model import Field
from data.packs.tables.layout import SCHEMA, table_name

MOST_KEPT = 10_000
"""Rejected rows of a delivery that are kept with their reason; further ones are counted."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that is true of rows which cannot be used.

    Attributes:
        reason: a key of ``words.ROW_FAULT_SENTENCES``.
        field: of which it is asked, if of one.
        condition: over the staged row ``l``.
        facts: what the sentence names beside column and value.
    """

    reason: str
    field: Field | None
    condition: sql.Composable
    facts: dict[str, object] = default(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be used.

    Attributes:
        n: which of the staged rows.
        row: its line.
    """

    n: int
    row: int
    reason: str
    facts: dict[str, object]


@dataclass
class Found:
    """The rows that cannot be used: all of them counted by reason, and the first of them."""

    counts: Counter[str] = default(default_factory=Counter)
    faults: list[Fault] = default(default_factory=list)


def list_checks(job: Job) -> list[Check]:
    """All checks of a feed's rows, in the order in which they are asked: a row has one reason, the first."""
    made: list[Check] = []
    for one in job.fields:
        column = sql.SQL("l.{}").format(sql.Identifier(one.code))
        if one.required or one.code in job.kind.key:
            made.append(Check("no_value", one, sql.SQL("{} IS NULL").format(column)))
        if one.min is not None:
            made.append(Check("below_least", one, sql.SQL("{} < {}").format(column, one.min), {"least": _number(one.min)}))
        if one.max is not None:
            made.append(Check("above_most", one, sql.SQL("{} > {}").format(column, one.max), {"most": _number(one.max)}))
        if one.type == "code" and one.codes:
            made.append(
                Check("unknown_code", one, sql.SQL("{} <> ALL ({})").format(column, list(one.codes)), {"codes": ", ".join(one.codes)[:300]})
            )
        if one.type == "link" and one.to in job.pack.kinds:
            made.append(_link_check(job, one, column))
    return [*made, *_place_checks(job)]


def _link_check(job: Job, one: Field, column: sql.Composable) -> Check:
    """The record has to be there already; of the own kind it may come in the same file."""
    other = job.pack.kinds[one.to or ""]
    table, key = sql.Identifier(SCHEMA, table_name(job.pack.code, other.code)), sql.Identifier(other.key[0])
    condition = sql.SQL(
        "{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {table} o WHERE o.gw_city = {city} AND o.{key} = {column})"
    ).format(column=column, table=table, key=key, city=job.city)
    if other.code == job.kind.code:
        here = sql.SQL(" AND NOT EXISTS (SELECT FROM {} s WHERE s.{} = {})").format(sql.Identifier(STAGED), key, column)
        condition = condition + here
    return Check("unknown_record", one, condition, {"kind": other.code})


def _place_checks(job: Job) -> list[Check]:
    place = job.kind.place
    if place is None or not job.sets_place or place.by == "link":
        return []
    if place.by == "point":
        return [Check("outside_city", None, sql.SQL("l.gw_geom IS NOT NULL AND l.gw_area IS NULL"))]
    one = job.kind.fields[place.field or ""]
    unknown = sql.SQL("l.{} IS NOT NULL AND l.gw_area IS NULL").format(sql.Identifier(one.code))
    if place.by == "area":
        return [Check("unknown_area_code", one, unknown)]
    return [Check("unknown_building", one, unknown), Check("several_places", one, sql.SQL("l.gw_area = {}").format(SEVERAL))]


def find_faults(connection: Connection, job: Job) -> Found:
    """Ask all checks, then whether a key occurs twice; faulty rows are marked in the table."""
    checks, rows = list_checks(job), sql.Identifier(STAGED)
    if checks:
        cases = sql.SQL(" ").join(sql.SQL("WHEN {} THEN {}").format(check.condition, n) for n, check in enumerate(checks))
        asked = sql.SQL(
            "UPDATE {rows} r SET gw_fault = c.fault FROM (SELECT l.gw_n, CASE {cases} END AS fault FROM {rows} l) c"
            " WHERE c.gw_n = r.gw_n AND c.fault IS NOT NULL"
        )
        connection.execute(asked.format(rows=rows, cases=cases))
    last = job.feed.source.duplicates == "last"
    checks.append(Check("key_later" if last else "key_again", None, sql.SQL("")))
    again = sql.SQL(
        "UPDATE {rows} r SET gw_fault = {fault}, gw_first = c.first FROM (SELECT l.gw_n, row_number() OVER w AS n,"
        " first_value(l.gw_row) OVER w AS first FROM {rows} l WHERE l.gw_fault IS NULL"
        " WINDOW w AS (PARTITION BY {key} ORDER BY l.gw_n {order})) c WHERE c.gw_n = r.gw_n AND c.n > 1"
    )
    key = sql.SQL(", ").join(sql.SQL("l.{}").format(sql.Identifier(name)) for name in job.kind.key)
    connection.execute(again.format(rows=rows, fault=len(checks) - 1, key=key, order=sql.SQL("DESC" if last else "ASC")))
    return _collect(connection, job, checks)


def _collect(connection: Connection, job: Job, checks: list[Check]) -> Found:
    rows, found = sql.Identifier(STAGED), Found()
    for fault, count in connection.execute(sql.SQL("SELECT gw_fault, count(*) FROM {} WHERE gw_fault IS NOT NULL GROUP BY 1").format(rows)):
        found.counts[checks[fault].reason] += count
    first = sql.SQL(
        "SELECT gw_n, gw_row, gw_fault, gw_first, to_jsonb(l) - 'gw_geom' FROM {} l WHERE gw_fault IS NOT NULL ORDER BY gw_n LIMIT {}"
    )
    for n, row, fault, earlier, values in connection.execute(first.format(rows, MOST_KEPT)):
        check = checks[fault]
        found.faults.append(Fault(n, row, check.reason, _facts(job, check, earlier, values)))
    return found


def _facts(job: Job, check: Check, first: int | None, values: dict[str, Any]) -> dict[str, object]:
    facts = {**check.facts, **({} if first is None else {"first": first})}
    if check.field is None:
        return facts
    value = values.get(check.field.code)
    shown = "" if value is None else str(value)[:_LONGEST] if check.field.is_open else MASK
    return {"column": job.heading(check.field.code), "value": shown, **facts}


def _number(value: float) -> str:
    return f"{value:.15g}"
