"""Rules of quality: conditions of the pack, asked of all staged rows at once. A row of which one is true is held back, or only marked."""

from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, func, literal, null, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.dialects.postgresql.psycopg import dialect as make_dialect

from data.database.connections import Connection
from data.feeds.landing.job import Job
from data.feeds.landing.staging import STAGED, make_staging
from data.importing.common.sentences import FileProblem
from data.packs.declaration.model import Rule
from data.packs.declaration.typing import names_of
from data.packs.expressions import Base, ExpressionError, Given, compile_sql, parse
from data.packs.tables.layout import make_table

_dialect = make_dialect()  # type: ignore[no-untyped-call]
_APPLY = f"UPDATE {STAGED} r SET gw_rules = nullif(q.held, '{{}}'), gw_marks = nullif(q.marked, '{{}}') FROM ("  # noqa: S608 - no value in it
_WHERE = ") q WHERE q.n = r.gw_n AND (q.held <> '{}' OR q.marked <> '{}')"
_COUNT = f"SELECT rule, count(*) FROM {STAGED} r, unnest({{}}) rule GROUP BY 1"  # noqa: S608 - no value in it


def apply_rules(connection: Connection, job: Job) -> dict[str, Counter[str]]:
    """Ask every rule of the kind; tells how many rows each holds back (``held``) and how many it marks (``marked``).

    Raises:
        FileProblem: a rule cannot be asked.
    """
    rules = [rule for rule in job.pack.rules.values() if rule.kind == job.kind.code]
    found = {"held": Counter[str](), "marked": Counter[str]()}
    if not rules:
        return found
    compiled = _make_statement(job, rules).compile(dialect=_dialect, compile_kwargs={"render_postcompile": True})
    connection.execute((_APPLY + str(compiled) + _WHERE).encode(), compiled.params)
    for name, column in (("held", "gw_rules"), ("marked", "gw_marks")):
        found[name].update(dict(connection.execute(_COUNT.format(column).encode()).fetchall()))
    return found


def _make_statement(job: Job, rules: list[Rule]) -> Select[Any]:
    """Each staged row with the codes of the rules that are true of it.

    Fields that the feed does not fill are those of the record that is there; a link's fields are those of the record that it leads to.
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
    by_kind = {then: [_as_code(job, rule, columns) for rule in rules if rule.then == then] for then in ("quarantine", "mark")}
    return (
        select(staged.c.gw_n.label("n"), _gather(by_kind["quarantine"]).label("held"), _gather(by_kind["mark"]).label("marked"))
        .select_from(source)
        .where(staged.c.gw_fault.is_(None))
    )


def _as_code(job: Job, rule: Rule, columns: dict[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    """The rule's code where it is true, and otherwise nothing: unknown is not true."""
    try:
        typed = parse(rule.when, names_of(job.pack, job.kind), wants=Base.YES_NO, aggregate=False)
        condition = compile_sql(typed, columns, Given(today=job.today, timezone=job.zone.key))
    except ExpressionError as error:
        raise FileProblem("rule_unusable", rule=rule.code, detail=error.tell("en")) from None
    except (ValueError, KeyError) as error:
        raise FileProblem("rule_unusable", rule=rule.code, detail=str(error)) from None
    return case((condition, literal(rule.code, Text)))


def _gather(codes: list[ColumnElement[Any]]) -> ColumnElement[Any]:
    empty = literal([], ARRAY(Text))
    return func.array_remove(array(codes), null(), type_=ARRAY(Text)) if codes else empty
