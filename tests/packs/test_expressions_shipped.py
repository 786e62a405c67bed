"""Every expression of the packs that come with Gridwell runs on PostgreSQL, on an empty record and on one of extremes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, ColumnElement, Connection, Date, DateTime, Numeric, Text, create_engine, literal, make_url, select

from data.packs.declaration.model import Pack
from data.packs.declaration.shelf import find_packs
from data.packs.declaration.typing import Names, names_of, names_of_warning
from data.packs.expressions import Base, Given, Typed, WorkingDays, compile_part, compile_sql, parse

EXTREMES: dict[Base, tuple[Any, Any]] = {
    Base.NUMBER: (Numeric, 10**18),
    Base.TEXT: (Text, "五金" * 200),
    Base.CODE: (Text, "none of them"),
    Base.YES_NO: (Boolean, False),
    Base.DATE: (Date, date.max),
    Base.MONTH: (Date, date.min),
    Base.MOMENT: (DateTime(timezone=True), datetime(9998, 12, 31, 23, 59, tzinfo=UTC)),
}


@pytest.fixture(scope="module")
def server(cluster: str) -> Iterator[Connection]:
    """A connection."""
    engine = create_engine(make_url(cluster).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def expressions_of(pack: Pack) -> Iterator[tuple[str, Names]]:
    """Each expression with the names that it may use."""
    for_kind = {code: names_of(pack, kind) for code, kind in pack.kinds.items()}
    for rule in pack.rules.values():
        yield rule.when, for_kind[rule.kind]
    for indicator in pack.indicators.values():
        yield from ((text, for_kind[indicator.kind]) for text in (indicator.numerator, indicator.denominator, indicator.where) if text)
    for score in pack.scores.values():
        yield from ((text, for_kind[score.of]) for part in score.parts for text in (part.takes, part.shows) if text)
    for warning in pack.warnings.values():
        yield warning.when, names_of_warning()
    for one in pack.lists.values():
        yield from ((text, for_kind[one.kind]) for text in (one.where, one.due) if text)
    for layer in pack.layers.values():
        if layer.where and layer.kind:
            yield layer.where, for_kind[layer.kind]


def columns_of(typed: Typed, names: Names, empty: bool) -> tuple[list[ColumnElement[Any]], bool]:
    """What an expression becomes, over a record without values or with extreme ones; and whether it is a figure over several records."""

    def column(name: str) -> ColumnElement[Any]:
        sql_type, extreme = EXTREMES[names[name].base]
        return literal(None if empty else extreme, sql_type)

    days = WorkingDays([date(2026, 11, 30)], date(2026, 1, 1), date(2026, 12, 31))
    given = Given(date(2026, 11, 30), working_days=days, previous={pair: column(pair[0]) for pair in typed.previous})
    columns = {name: column(name) for name in typed.names}
    if not typed.is_aggregate:
        return [compile_sql(typed, columns, given)], False
    part = compile_part(typed, columns, given)
    return [compile_sql(typed, columns, given), part.adds, part.known], True


def test_every_expression_of_the_shipped_packs_runs(server: Connection, tmp_path: Path) -> None:
    packs = [one.pack for one in find_packs(tmp_path) if one.pack]
    every = [one for pack in packs for one in expressions_of(pack)]
    assert len(packs) >= 4
    assert len(every) > 40
    for text, names in every:
        for empty in (True, False):
            made, aggregate = columns_of(parse(text, names), names, empty)
            for column in made[:1], made[1:]:
                if column:
                    server.execute(select(*column)).one()
            assert aggregate == text.startswith(("count(", "sum("))
