"""docs/packs-expressions.md: it names the functions that there are, and every example gives what stands beside it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Date, DateTime, create_engine, literal, make_url, select

from data.core.settings import ROOT
from data.packs.expressions import DATE, MOMENT, MONTH, NUMBER, TEXT, YES_NO, Base, Given, WorkingDays, code_type, compile_sql, parse
from data.packs.expressions.functions import FUNCTIONS
from data.packs.expressions.lexer import LONGEST, LONGEST_TEXT, MOST_DIGITS
from data.packs.expressions.parser import DEEPEST
from data.packs.expressions.strict import DECIMALS

PAGE = (ROOT / "docs" / "packs-expressions.md").read_text("utf-8")
NAMES = {
    **{
        "workers": NUMBER,
        "late": NUMBER,
        "water": NUMBER,
        "name": TEXT,
        "listed": YES_NO,
        "decided": DATE,
        "published": DATE,
        "came": MOMENT,
    },
    **{"month": MONTH, "state": code_type(["open", "closed"]), "firm.trade": code_type(["metal", "textile", "food"])},
}
COLUMNS: dict[str, Any] = {
    **{"workers": literal(120), "late": literal(30), "water": literal(None), "name": literal("永新五金 No. 7"), "listed": literal(True)},
    **{
        "decided": literal(date(2026, 9, 30), Date),
        "published": literal(date(2026, 10, 12), Date),
        "month": literal(date(2026, 10, 1), Date),
    },
    **{"came": literal(datetime(2026, 11, 29, 15, 30, tzinfo=UTC), DateTime(timezone=True)), "state": literal("open")},
    "firm.trade": literal("metal"),
}
YEAR = [date(2026, 1, 1) + timedelta(days) for days in range(365)]
WORKING = [day for day in YEAR if (day.weekday() < 5 and not (day.month == 10 and day.day <= 7)) or day == date(2026, 10, 10)]
GIVEN = Given(
    today=date(2026, 11, 30),
    working_days=WorkingDays(WORKING, YEAR[0], YEAR[-1]),
    previous={("late", before): literal(value) for before, value in ((1, 24), (2, 20), (3, 25))},
)
EXAMPLES = re.findall(r"^\|.*\| `([^`]+)` \| ([^|]+) \|$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def server(cluster: str) -> Iterator[Connection]:
    """A connection."""
    engine = create_engine(make_url(cluster).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_page_names_the_functions_that_there_are() -> None:
    told = {name for cell in re.findall(r"^\| (`[a-z_]+\(.*?) \|", PAGE, re.MULTILINE) for name in re.findall(r"`([a-z_]+)\(", cell)}
    assert told == set(FUNCTIONS)
    for function in FUNCTIONS.values():
        assert function.tell("zh") != function.tell("en")


def test_every_example_gives_what_stands_beside_it(server: Connection) -> None:
    typed = [parse(text, NAMES) for text, _ in EXAMPLES]
    assert len(typed) > 30
    made = [compile_sql(one, COLUMNS, GIVEN).label(f"e{place}") for place, one in enumerate(typed)]
    found = server.execute(select(*made)).one()
    wrong = [
        (text, stands, value)
        for (text, stands), one, value in zip(EXAMPLES, typed, found, strict=True)
        if value != as_value(stands, one.type.base)
    ]
    assert wrong == []
    assert {function for one in typed for function in one.functions} == set(FUNCTIONS) - {"count", "sum"}


def as_value(stands: str, base: Base) -> Any:
    """What the page says, as a value."""
    if stands in ("missing", "true", "false"):
        return {"missing": None, "true": True, "false": False}[stands]
    if base is Base.NUMBER:
        return Decimal(stands)
    return date.fromisoformat(stands if base is Base.DATE else f"{stands}-01") if base in (Base.DATE, Base.MONTH) else stands


def test_what_is_shown_inside_sentences_is_in_order() -> None:
    for text in (
        "listed and late > 0",
        "month_of(decided) = month",
        "date_of(came) <= decided",
        "count(late > 0)",
        "sum(least(late, workers))",
    ):
        assert f"`{text}`" in PAGE
        parse(text, NAMES)
    assert "`falling(3)`" in PAGE
    parse("falling(3)", {"score": NUMBER})


def test_limits_are_told() -> None:
    assert f"At most {LONGEST:,} characters; a text {LONGEST_TEXT}, a number {MOST_DIGITS} digits" in PAGE
    assert f"are {DEEPEST} deep at most" in PAGE
    assert f"a quotient has {DECIMALS} decimals" in PAGE
