"""Working days in expressions, worked by hand on a calendar: weekends, holidays, make-up workdays, the seventh working day."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import ARRAY, Connection, Date, create_engine, literal, make_url, select

from data.deadlines.calendar import Calendar, Span, SpecialDay, office_week
from data.packs.expressions import DATE, NUMBER, Given, WorkingDays, compile_sql, parse

HOLIDAYS = {date(2026, 10, day): SpecialDay("off", "国庆节") for day in range(1, 8)}
MAKE_UP = {date(2026, 9, 27): SpecialDay("work"), date(2026, 10, 10): SpecialDay("work")}
CALENDAR = Calendar("Asia/Shanghai", (office_week(Span(9 * 60, 17 * 60)),), {**HOLIDAYS, **MAKE_UP})
FIRST, LAST = date(2026, 9, 1), date(2026, 10, 31)
DAYS = WorkingDays.of_calendar(CALENDAR, FIRST, LAST)


@pytest.fixture(scope="module")
def server(cluster: str) -> Iterator[Connection]:
    """A connection."""
    engine = create_engine(make_url(cluster).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def evaluate(server: Connection, text: str, days: WorkingDays = DAYS, **values: date | int | None) -> Any:
    """The value of an expression for one record."""
    names = {name: NUMBER if name == "n" else DATE for name in values}
    columns = {name: literal(value) if name == "n" else literal(value, Date) for name, value in values.items()}
    return server.execute(select(compile_sql(parse(text, names), columns, Given(working_days=days)).label("e"))).scalar_one()


@pytest.mark.parametrize(
    ("decided", "seventh"),
    [
        (date(2026, 9, 7), date(2026, 9, 16)),  # a Monday: 8 to 11, 14 to 16
        (date(2026, 9, 5), date(2026, 9, 15)),  # a Saturday: 7 to 11, 14, 15
        (date(2026, 9, 18), date(2026, 9, 28)),  # a Friday: 21 to 25, Sunday 27 for a holiday, 28
        (date(2026, 9, 25), date(2026, 10, 10)),  # 27 to 30, 8, 9, Saturday 10 for a holiday
        (date(2026, 9, 27), date(2026, 10, 12)),  # a worked Sunday: 28 to 30, 8 to 10, Monday 12
        (date(2026, 10, 1), date(2026, 10, 15)),  # a holiday: 8 to 10, 12 to 15
        (date(2026, 10, 10), date(2026, 10, 20)),  # a worked Saturday: 12 to 16, 19, 20
    ],
)
def test_the_seventh_working_day(server: Connection, decided: date, seventh: date) -> None:
    assert evaluate(server, "working_day_after(decided, 7)", decided=decided) == seventh
    assert evaluate(server, "working_days_between(decided, due)", decided=decided, due=seventh) == 7
    assert evaluate(server, "working_days_between(due, decided)", decided=decided, due=seventh) == -7
    assert evaluate(server, "working_days_between(decided, due - 1) = 6", decided=decided, due=seventh) is True


def test_nothing_is_known_outside_the_calendar(server: Connection) -> None:
    assert evaluate(server, "working_days_between(a, b)", a=FIRST, b=LAST) == 40  # 21 + 1 in September, 22 - 5 + 1 in October
    for a, b in ((date(2026, 8, 31), LAST), (FIRST, date(2026, 11, 1)), (None, LAST), (date.min, date.max)):
        assert evaluate(server, "working_days_between(a, b)", a=a, b=b) is None
    assert evaluate(server, "working_day_after(a, n)", a=date(2026, 10, 29), n=1) == date(2026, 10, 30)
    for a, n in ((date(2026, 10, 29), 2), (date(2026, 8, 31), 1), (FIRST, 0), (FIRST, -1), (FIRST, None), (FIRST, 2**40)):
        assert evaluate(server, "working_day_after(a, n)", a=a, n=n) is None
    assert evaluate(server, "working_day_after(a, 2.9)", a=FIRST) == date(2026, 9, 3)


def test_a_calendar_can_be_a_column_and_can_be_empty(server: Connection) -> None:
    column = WorkingDays(literal(list(DAYS.days), ARRAY(Date)), FIRST, LAST)
    assert evaluate(server, "working_day_after(a, 7)", column, a=date(2026, 9, 25)) == date(2026, 10, 10)
    never = WorkingDays([], FIRST, LAST)
    assert evaluate(server, "working_days_between(a, b)", never, a=FIRST, b=LAST) == 0
    assert evaluate(server, "working_day_after(a, 1)", never, a=FIRST) is None
