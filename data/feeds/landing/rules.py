"""Rules of quality: conditions of the pack, asked of all staged rows at once. A row of which one is true is held back, or only marked."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, FromClause, Select, Text, and_, case, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.dialects.postgresql.psycopg import dialect as make_dialect

from data.database.connections import Connection
from data.deadlines.store import read_calendar
from data.feeds.landing.job import Job
from data.feeds.landing.staging import STAGED, make_staging
from data.importing.common.sentences import FileProblem
from data.packs.declaration.typing import names_of
from data.packs.expressions import Base, ExpressionError, Given, Typed, WorkingDays, compile_sql, parse
from data.packs.tables.layout import make_table

_YEARS_BACK = 5
"""Years before this one of which rules know the working days."""
_dialect = make_dialect()  # type: ignore[no-untyped-call]
_APPLY = f"UPDATE {STAGED} r SET gw_rules = nullif(q.held, '{{}}'), gw_marks = nullif(q.marked, '{{}}') FROM ("  # noqa: S608 - no value in it
_WHERE = ") q WHERE q.n = r.gw_n AND (q.held <> '{}' OR q.marked <> '{}')"
_COUNT = f"SELECT rule, count(*) FROM {STAGED} r, unnest({{}}) rule GROUP BY 1"  # noqa: S608 - no value in it


def apply_rules(connection: Connection, job: Job) -> dict[str, Counter[str]]:
    """Ask every rule of the kind; tells how many rows each holds back (``held``) and how many it marks (``marked``).

    Raises:
        FileProblem: a rule cannot be asked.
    """
    found = {"held": Counter[str](), "marked": Counter[str]()}
    typed = parse_rules(job)
    if not typed:
        return found
    statement = make_statement(job, typed, _read_working_days(connection, job, typed.values()))
    compiled = statement.compile(dialect=_dialect, compile_kwargs={"render_postcompile": True})
    connection.execute((_APPLY + str(compiled) + _WHERE).encode(), compiled.params)
    for name, column in (("held", "gw_rules"), ("marked", "gw_marks")):
        found[name].update(dict(connection.execute(_COUNT.format(column).encode()).fetchall()))
    return found


def parse_rules(job: Job) -> dict[str, Typed]:
    """The conditions of the kind's rules, by the rule's code.

    Raises:
        FileProblem: one cannot be read.
    """
    found = {}
    for rule in job.pack.rules.values():
        if rule.kind != job.kind.code:
            continue
        try:
            found[rule.code] = parse(rule.when, names_of(job.pack, job.kind), wants=Base.YES_NO, aggregate=False)
        except ExpressionError as error:
            raise FileProblem("rule_unusable", rule=rule.code, detail=error.tell("en")) from None
    return found


def _read_working_days(connection: Connection, job: Job, typed: Iterable[Typed]) -> WorkingDays | None:
    """Those of the last years and of as much of the future as is known, where a rule asks for them."""
    if not any("working_day" in name for one in typed for name in one.functions):
        return None
    calendar = read_calendar(connection, job.city)
    last = date(job.today.year + 1, 12, 31)
    known = min(last, calendar.gazetted_until) if calendar.gazetted_until else last
    return WorkingDays.of_calendar(calendar, date(job.today.year - _YEARS_BACK, 1, 1), max(known, job.today))


def make_statement(job: Job, typed: dict[str, Typed], working_days: WorkingDays | None) -> Select[Any]:
    """Each staged row with the codes of the rules that are true of it.

    Fields that the feed does not fill are those of the record that is there; a link's fields are those of the record that it leads to.

    Args:
        job: the feed.
        typed: conditions by the rule's code.
        working_days: of the city, where a condition asks for them.

    Raises:
        FileProblem: a rule cannot be asked.
    """
    staged, own = make_staging(job.pack.code, job.kind).alias("l"), make_table(job.pack.code, job.kind).alias("own")
    same = and_(own.c.gw_city == job.city, *(own.c[name] == staged.c[name] for name in job.kind.key))
    source: Any = staged.outerjoin(own, same)
    columns: dict[str, ColumnElement[Any]] = {code: staged.c[code] if code in job.specs else own.c[code] for code in job.kind.fields}
    for field in job.kind.fields.values():
        other = job.pack.kinds.get(field.to or "") if field.type == "link" else None
        if other is not None:
            linked = make_table(job.pack.code, other).alias(f"to_{field.code}")
            source = source.outerjoin(linked, and_(linked.c.gw_city == job.city, linked.c[other.key[0]] == columns[field.code]))
            columns |= {f"{field.code}.{name}": linked.c[name] for name in other.fields}
    wanted = {pair for one in typed.values() for pair in one.previous}
    source, previous = _join_earlier(job, source, staged, wanted)
    given = Given(today=job.today, timezone=job.zone.key, working_days=working_days, previous=previous)
    by_kind = {
        then: [_as_code(code, one, columns, given) for code, one in typed.items() if job.pack.rules[code].then == then]
        for then in ("quarantine", "mark")
    }
    return (
        select(staged.c.gw_n.label("n"), _gather(by_kind["quarantine"]).label("held"), _gather(by_kind["mark"]).label("marked"))
        .select_from(source)
        .where(staged.c.gw_fault.is_(None))
    )


def _join_earlier(
    job: Job, source: Any, staged: FromClause, wanted: set[tuple[str, int]]
) -> tuple[Any, dict[tuple[str, int], ColumnElement[Any]]]:
    """Join the same subject's records of earlier months: those of this delivery, and otherwise those that are there.

    Only months follow each other by themselves; of a kind whose records have days, nothing is joined.
    """
    found: dict[tuple[str, int], ColumnElement[Any]] = {}
    day = job.kind.day
    if day is None or day not in job.kind.key or job.kind.fields[day].type != "month":
        return source, found
    for months in sorted({number for _, number in wanted}):
        month = cast(staged.c[day] - func.make_interval(0, months), Date)
        beside = make_staging(job.pack.code, job.kind).alias(f"l_{months}")
        there = make_table(job.pack.code, job.kind).alias(f"own_{months}")

        def same(of: FromClause, month: ColumnElement[Any] = month) -> ColumnElement[bool]:
            return and_(*(of.c[name] == (month if name == day else staged.c[name]) for name in job.kind.key))

        source = source.outerjoin(beside, and_(same(beside), beside.c.gw_fault.is_(None)))
        source = source.outerjoin(there, and_(there.c.gw_city == job.city, same(there)))
        for name, number in wanted:
            if number == months:
                is_beside = beside.c.gw_n.is_not(None)
                found[name, number] = case((is_beside, beside.c[name]), else_=there.c[name]) if name in job.specs else there.c[name]
    return source, found


def _as_code(code: str, typed: Typed, columns: dict[str, ColumnElement[Any]], given: Given) -> ColumnElement[Any]:
    """The rule's code where it is true, and otherwise nothing: unknown is not true."""
    missing = typed.previous - given.previous.keys()
    if missing:
        detail = "previous() asks for a kind whose key has a month"
        raise FileProblem("rule_unusable", rule=code, detail=detail)
    try:
        condition = compile_sql(typed, columns, given)
    except ValueError as error:
        raise FileProblem("rule_unusable", rule=code, detail=str(error)) from None
    return case((condition, literal(code, Text)))


def _gather(codes: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    empty = literal([], ARRAY(Text))
    return func.array_remove(array(codes), null(), type_=ARRAY(Text)) if codes else empty
