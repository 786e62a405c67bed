"""Random expressions over random records: PostgreSQL gives what the documentation says, worked out beside it in Python."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    MetaData,
    Numeric,
    Table,
    Text,
    create_engine,
    func,
    make_url,
    select,
)

import tests.packs.expression_reference as reference
from data.packs.expressions import ExpressionError, Given, Typed, WorkingDays, compile_part, compile_sql, parse, type_of_field
from tests.packs.expression_reference import CODES, FIELDS, PERIODS, SERIES, Drawn, expressions

NAMES = {name: type_of_field({"number": "decimal"}.get(kind, kind), CODES.get(name, ())) for name, kind in FIELDS.items()}
SQL_TYPES: dict[str, Any] = {
    **{"number": Numeric, "text": Text, "code": Text, "yes_no": Boolean, "date": Date, "month": Date},
    "moment": DateTime(timezone=True),
}
LARGEST = 2**63 - 1
T = TypeVar("T")
POOLS: dict[str, list[Any]] = {
    "i": [None, 0, 1, -1, 7, LARGEST, -LARGEST, 2**31],
    "k": [None, 0, 1, 2, 3, 30, -2],
    "x": [None, *map(Decimal, ("0", "0.00", "-0.5", "1.005", "2.5", "0.000000000000001", "123456789012345678901234567890.5", "-1e30"))],
    "firm.z": [None, *map(Decimal, ("0", "3", "7", "0.1", "-3.333", "1e-20"))],
    "text": [None, *reference.TEXTS],
    "yes_no": [None, True, False],
    "date": [None, date.min, date(1900, 2, 28), date(2024, 2, 29), date(2026, 9, 30), date(2026, 10, 8), date(2026, 11, 30), date.max],
    "moment": [
        None,
        *(
            datetime(*parts, tzinfo=UTC)
            for parts in ((1970, 1, 1), (1987, 7, 1, 15, 30), (2026, 9, 30, 16), (2026, 9, 30, 15, 59, 59, 999999))
        ),
        datetime(9998, 12, 31, 20, tzinfo=UTC),
    ],
    "month": [None, date.min, date(2025, 12, 1), date(2026, 1, 1), date(2026, 10, 1), date(9999, 12, 1)],
}
OTHER_TYPES: dict[str, Any] = {"i": BigInteger, "k": BigInteger, "t": Text(collation="und-x-icu"), "u": Text(collation="de-x-icu")}
"""Columns may hold whole numbers, and may be sorted as a language does it: neither changes a value."""
_EARLIER = [f"{name}@{before}" for name in SERIES for before in range(1, PERIODS + 1)]
KINDS = {**FIELDS, **{name: FIELDS[name.split("@")[0]] for name in _EARLIER}}
TABLE = Table(
    "record",
    MetaData(),
    Column("place", BigInteger),
    *(Column(name, OTHER_TYPES.get(name, SQL_TYPES[kind])) for name, kind in KINDS.items()),
    prefixes=["TEMPORARY"],
)
GIVEN = Given(
    today=reference.TODAY,
    working_days=WorkingDays(reference.WORKING, reference.FIRST, reference.LAST),
    previous={(name, before): TABLE.c[f"{name}@{before}"] for name in SERIES for before in range(1, PERIODS + 1)},
)


def _rows() -> list[dict[str, Any]]:
    dice = random.Random(17)
    rows: list[dict[str, Any]] = [dict.fromkeys(KINDS)]
    for _ in range(39):
        rows.append({name: dice.choice(_pool(name, kind)) for name, kind in KINDS.items()})
    return [{"place": place, **row} for place, row in enumerate(rows)]


def _pool(name: str, kind: str) -> list[Any]:
    if kind == "code":
        return [None, *CODES[name]]
    return POOLS.get(name.split("@")[0]) or POOLS[kind]


ROWS = _rows()
EXACT = [
    {name: Fraction(value) if KINDS.get(name) == "number" and value is not None else value for name, value in row.items()} for row in ROWS
]
"""The same with numbers as fractions."""


@pytest.fixture(scope="module")
def records(cluster: str) -> Iterator[Connection]:
    """A connection that has the table."""
    engine = create_engine(make_url(cluster).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        TABLE.create(connection)
        connection.execute(TABLE.insert(), ROWS)
        yield connection
    engine.dispose()


def comparable(value: Any) -> Any:
    return Fraction(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else value


def read_all(texts: Sequence[tuple[str, T]]) -> tuple[list[T], list[Typed]]:
    """Those that are read, without the few that are drawn too deep; every other fault is one of the test."""
    kept, typed = [], []
    for text, one in texts:
        try:
            typed.append(parse(text, NAMES))
        except ExpressionError as error:
            assert error.code == "too_deep", text
        else:
            kept.append(one)
    return kept, typed


_SOME = st.lists(st.sampled_from(reference.KINDS).flatmap(expressions), min_size=16, max_size=16)
_CHECKS = settings(max_examples=10, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
"""Nothing is made shorter: the expression that fails is one of sixteen, and is named."""


@given(_SOME)
@_CHECKS
def test_the_database_gives_what_is_documented(records: Connection, drawn: list[Drawn]) -> None:
    columns = {name: TABLE.c[name] for name in FIELDS}
    drawn, typed = read_all([(one.text, one) for one in drawn])
    assert [one.type.base for one in typed] == [one.kind for one in drawn]
    made = [compile_sql(one, columns, GIVEN).label(f"e{place}") for place, one in enumerate(typed)]
    found = records.execute(select(*made).order_by(TABLE.c.place)).all()
    for place, one in enumerate(drawn):
        expected = [one.value(row) for row in EXACT]
        got = [comparable(row[place]) for row in found]
        wrong = [
            (row, want, have) for row, want, have in zip(ROWS, expected, got, strict=True) if want != have or type(want) is not type(have)
        ]
        assert wrong == [], one.text


@given(st.lists(st.tuples(expressions("yes_no", 3), expressions("number", 3)), min_size=8, max_size=8))
@_CHECKS
def test_aggregates_are_the_sums_of_their_parts(records: Connection, drawn: list[tuple[Drawn, Drawn]]) -> None:
    columns = {name: TABLE.c[name] for name in FIELDS}
    for_each = [one for condition, number in drawn for one in ((f"count({condition.text})", condition), (f"sum({number.text})", number))]
    for_each, typed = read_all([(text, (text, one)) for text, one in for_each])
    parts = [compile_part(one, columns, GIVEN) for one in typed]
    figures = [
        figure
        for one, part in zip(typed, parts, strict=True)
        for figure in (compile_sql(one, columns, GIVEN), func.sum(part.adds), func.sum(part.known))
    ]
    found = records.execute(select(*(figure.label(f"e{place}") for place, figure in enumerate(figures)))).one()
    for place, (text, one) in enumerate(for_each):
        known = [value for row in EXACT if (value := one.value(row)) is not None]
        total = Fraction(sum(known))  # of conditions: how many are true
        assert [Fraction(value) for value in found[3 * place : 3 * place + 3]] == [total, total, len(known)], text


def test_what_stands_in_a_condition_stays_together(records: Connection) -> None:
    """NOT binds otherwise in SQL, and differently for every kind of condition."""
    inside = ["y", "not y", "y and n", "y or n", "k > 1", "k is missing", "k in (1, 2)", "k between 1 and 2", "falling(k, 2)", "y = n"]
    pairs = [
        pair
        for one in inside
        for pair in (
            (f"(not ({one})) is missing", f"({one}) is missing"),
            (f"not (({one}) is missing)", f"({one}) is not missing"),
            (f"(not ({one})) = n", f"({one}) != n"),
            (f"n = (not ({one}))", f"({one}) != n"),
            (f"(({one}) is missing) = n", f"n and ({one}) is missing or not n and ({one}) is not missing"),
        )
    ]
    columns = {name: TABLE.c[name] for name in FIELDS}
    made = [
        compile_sql(parse(text, NAMES), columns, GIVEN).label(f"e{place}")
        for place, text in enumerate(text for pair in pairs for text in pair)
    ]
    found = list(zip(*records.execute(select(*made).order_by(TABLE.c.place)).all(), strict=True))
    assert [pair for pair, left, right in zip(pairs, found[::2], found[1::2], strict=True) if left != right] == []


def test_texts_are_compared_by_their_characters_whatever_a_column_is_sorted_by(records: Connection) -> None:
    """The columns are sorted as two languages do it: comparing them as they are is an error of the database, or gives another order."""
    expected = {
        "t < u": lambda t, u: t < u,
        "u >= t": lambda t, u: u >= t,
        "t = u": lambda t, u: t == u,
        "t != lower(u)": lambda t, u: t != u.lower() if u.isascii() else t != u,
        "t between 'A' and u": lambda t, u: "A" <= t <= u,
        "t > 'a'": lambda t, u: t > "a",
        "t in (u, 'a')": lambda t, u: t in (u, "a"),
        "coalesce(t, u) <= coalesce(u, t)": lambda t, u: t <= u,
        "starts_with(t, u)": lambda t, u: t.startswith(u),
        "contains(u, t)": lambda t, u: t in u,
    }
    columns = {name: TABLE.c[name] for name in FIELDS}
    made = [compile_sql(parse(text, NAMES), columns, GIVEN).label(f"e{place}") for place, text in enumerate(expected)]
    there = TABLE.c.t.is_not(None) & TABLE.c.u.is_not(None)
    rows = records.execute(select(TABLE.c.t, TABLE.c.u, *made).where(there)).all()
    assert len(rows) > 20
    for (text, meaning), place in zip(expected.items(), range(2, 12), strict=True):
        assert [row[:2] for row in rows if row[place] != meaning(row[0], row[1])] == [], text


def test_counts_without_condition_are_all_records(records: Connection) -> None:
    every = parse("count()", NAMES)
    part = compile_part(every, {})
    assert records.execute(select(compile_sql(every, {}), func.sum(part.adds)).select_from(TABLE)).one() == (40, 40)
    empty = select(compile_sql(parse("sum(k)", NAMES), {"k": TABLE.c.k})).where(TABLE.c.place < 0)
    assert records.execute(empty).scalar_one() == 0
    with pytest.raises(TypeError):
        compile_part(parse("k", NAMES), {"k": TABLE.c.k})
