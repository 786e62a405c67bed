"""Expressions written by somebody who wants something else: each is refused with a sentence or is a harmless value, and none takes long."""

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Connection, Date, Integer, Text, column, create_engine, literal, make_url, select, values
from sqlalchemy.dialects import postgresql

from data.core.text import defuse
from data.packs.expressions import DATE, NUMBER, TEXT, YES_NO, ExpressionError, Given, WorkingDays, compile_sql, parse
from data.packs.expressions.functions import FUNCTIONS
from data.packs.expressions.lexer import LONGEST
from data.packs.expressions.parser import DEEPEST

NAMES = {"late": NUMBER, "name": TEXT, "open": YES_NO, "decided": DATE}
SQL_TYPES: dict[str, Any] = {"late": Integer, "name": Text, "open": Boolean, "decided": Date}
COLUMNS = {name: column(name, kind) for name, kind in SQL_TYPES.items()}
GIVEN = Given(
    today=date(2026, 11, 30),
    working_days=WorkingDays([], date(2026, 1, 1), date(2026, 12, 31)),
    previous={(name, n): COLUMNS[name] for name in NAMES for n in range(1, 61)},
)

HOSTILE = [
    *(
        "__import__('os').system('id')",
        "open('/etc/passwd')",
        "eval('1')",
        "exec('1')",
        "late.__class__.__mro__",
        "late.real",
        "__builtins__",
    ),
    *(
        "lambda: 1",
        "[1 for x in late]",
        "{late}",
        "late if open else late",
        "while true",
        "f'{late}'",
        "late := 1",
        "late ** late",
        "late[0]",
    ),
    *(
        "pg_sleep(1)",
        "pg_read_file('/etc/passwd')",
        "current_setting('x')",
        "set_config('role', 'x')",
        "nextval('s')",
        "dblink('x')",
        "version()",
    ),
    *(
        "select 1",
        "(select late)",
        "late; drop table area",
        "late) or (1=1",
        "late union select 1",
        "late::text = 'x'",
        "cast(late as text)",
    ),
    *(
        '"late" = 1',
        "late = $1",
        "late = :x",
        "late = %s",
        "late = ?",
        "late = %(x)s",
        "name like '%'",
        "name ~ '(a+)+$'",
        "name similar to 'a'",
    ),
    *(
        "E'\\x41' = name",
        "U&'\\0041' = name",
        "$$x$$ = name",
        "name || name",
        "name = 'x' 'y'",
        "late -- comment",
        "late /* x */",
        "late # x",
    ),
    *("1e999999 > late", "late > 0x41", "late > 1_000", "late > ١٢", "late > ∞", "NaN > late", "infinity > late", "late > null", "nan"),
    *(
        "'" * 9,
        "''''''''" * 3 + "'",
        "((((",
        "))))",
        ",,,,",
        "not " * 500 + "open",
        "-" * 500 + "late",
        "- " * 500 + "late",
    ),
    *("(" * 10_000 + "late" + ")" * 10_000, "x" * 1_000_000, "late + " * 200_000 + "late", "9" * 1_000_000, "'" + "x" * 1_000_000 + "'"),
    *("abs(" * 400 + "late" + ")" * 400, "late" + ".late" * 300, "late in (" + "(" * 100, "least(late" + ", late" * 25 + ")"),
    *(
        "name = '\x00'",
        "name = '\x1b[2J'",
        "name = '\u202e'",
        "na\u200bme = 'x'",
        "name = '\ud800'",
        "late\ufeff",
        "late\u2028> 1",
        "ｌate > 1",
    ),
    *(
        "/etc/passwd",
        "file:///etc/passwd",
        "https://example.org/",
        "${jndi:ldap://x}",
        "{{ 7 * 7 }}",
        "<script>alert(1)</script>",
        "=1+1",
        "@late",
    ),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_gets_a_sentence(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, NAMES)
    for lang in ("zh", "en"):
        told = caught.value.tell(lang)
        assert defuse(told) == told
        assert len(told) < 300
    assert 1 <= caught.value.at <= len(text) + 1


NASTY_TEXTS = [
    "'; drop table area; --",
    "%(x)s %s :x $1 ?",
    "{0} {late}",
    "\\",
    "\\'",
    '"',
    "$$",
    "__import__('os')",
    "*/",
    "工资%",
    "\\x00",
    "E'x'",
]


@pytest.fixture(scope="module")
def server(cluster: str) -> Iterator[Connection]:
    """A connection that can only read."""
    engine = create_engine(make_url(cluster).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = on")
        yield connection
    engine.dispose()


def test_texts_reach_the_database_as_values(server: Connection) -> None:
    written = ["'" + text.replace("'", "''") + "'" for text in NASTY_TEXTS]
    made = [compile_sql(parse(f"coalesce(name, {text})", NAMES), {"name": literal(None, Text)}) for text in written]
    found = server.execute(select(*(one.label(f"e{place}") for place, one in enumerate(made)))).one()
    assert list(found) == NASTY_TEXTS
    for text, one in zip(NASTY_TEXTS, made, strict=True):
        statement = one.compile(dialect=postgresql.dialect())
        assert text not in str(statement)
        assert text in statement.params.values()


def test_nothing_of_an_expression_but_its_operators_is_in_the_statement() -> None:
    """A field's name in the statement is that of the column that was given for it."""
    typed = parse("name = 'secret text' and late * 987654321 > 0.125", NAMES)
    statement = str(
        compile_sql(typed, {"name": column("alpha", Text), "late": column("beta", Integer)}).compile(dialect=postgresql.dialect())
    )
    assert {word for word in ("alpha", "beta") if word in statement} == {"alpha", "beta"}
    assert [word for word in ("secret", "name", "late", "987654321", "125") if word in statement] == []


def test_a_column_that_is_not_given_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        compile_sql(parse("late > 1", NAMES), {})
    with pytest.raises(KeyError):
        compile_sql(parse("previous(late, 2) > 1", NAMES), COLUMNS)
    for text in ("decided < today()", "working_days_between(decided, decided) > 1"):
        with pytest.raises(ValueError, match="needs"):
            compile_sql(parse(text, NAMES), COLUMNS)


DEEP = [
    *(
        "(" * 12 + "late" + ")" * 12,
        "late" + " / late" * 11,
        "late" + " - late" * 280,
        "late" + " + 1" * 480,
        "abs(" * 11 + "late" + ")" * 11,
    ),
    *(
        "not " * 11 + "open",
        "- " * 11 + "late",
        "open" + " and open" * 200,
        "(" * 11 + "open" + " = open)" * 11,
        "name in (" + "'x', " * 380 + "'y')",
    ),
    *("least(" * 5 + "late" + ", late)" * 5, "greatest(" * 5 + "-late" + ", 1)" * 5, "decided" + " + late" * 3, "falling(late, 60)"),
    *("coalesce(" * 11 + "decided" + ", today())" * 11, "working_day_after(" * 3 + "decided" + ", 2)" * 3, "decided" + " - 3" * 3),
    *("least(" * 5 + "decided" + ", today())" * 5, "decided" + " + late / 7" * 3),
]


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_the_deepest_that_is_read_is_compiled_and_evaluated_too(text: str, server: Connection) -> None:
    """Nothing grows by nesting: the statement is at most so many times as long as the expression."""
    row = values(*COLUMNS.values(), name="record").data([(3, "x", True, date(2026, 3, 2))])
    columns = {name: row.c[name] for name in NAMES}
    given = Given(
        today=GIVEN.today, working_days=GIVEN.working_days, previous={(name, n): row.c[name] for name in NAMES for n in range(1, 61)}
    )
    made = compile_sql(parse(text, NAMES), columns, given)
    assert len(str(made.compile(dialect=postgresql.dialect()))) < 100 * len(text) + 1_000
    assert len(server.execute(select(made.label("e"))).all()) == 1


def test_the_limits_are_those_of_the_documentation() -> None:
    assert (LONGEST, DEEPEST) == (2_000, 12)
    assert parse("late" + " " * 1_996, NAMES).names == {"late"}
    assert parse("(" * 12 + "late" + ")" * 12, NAMES).names == {"late"}


# ---- Noise ----

_FEW = settings(max_examples=60)


def attempt(text: str) -> None:
    try:
        typed = parse(text, NAMES)
    except ExpressionError as error:
        assert defuse(told := error.tell("zh")) == told
    else:
        compile_sql(typed, COLUMNS, GIVEN).compile(dialect=postgresql.dialect())


@given(st.binary(max_size=60))
@_FEW
def test_random_bytes_are_refused_or_read(noise: bytes) -> None:
    attempt(noise.decode("utf-8", "surrogateescape"))
    attempt(noise.decode("latin-1"))


@given(st.text(max_size=60))
@_FEW
def test_random_texts_are_refused_or_read(noise: str) -> None:
    attempt(noise)


WORDS = [
    *NAMES,
    *FUNCTIONS,
    *"()()+-*/,=<>",
    "!=",
    "<=",
    ">=",
    "and",
    "or",
    "not",
    "in",
    "between",
    "is",
    "missing",
    "true",
    "date",
    "month",
]
WORDS += ["'x'", "'2026-01-31'", "'2026-01'", "0", "3", "2.5", "'", "."]


def test_random_words_are_refused_or_read() -> None:
    dice = random.Random(23)
    for _ in range(2_000):
        attempt(" ".join(dice.choices(WORDS, k=dice.randint(1, 14))))


def test_small_damages_are_refused_or_read() -> None:
    dice = random.Random(29)
    whole = "28 * least(late / 30, 1) > 3 and (open or name in ('a', 'b')) and decided between date '2026-01-31' and today() - 3"
    for _ in range(500):
        at, length = dice.randrange(len(whole)), dice.randint(0, 3)
        attempt(whole[:at] + "".join(dice.choices("'()<=,.-x0 \u3000", k=dice.randint(0, 2))) + whole[at + length :])
