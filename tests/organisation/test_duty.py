"""Duty rosters: what a table may say, a sentence for each bad row, and what is counted of it, for whom."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import refused, seeing, viewer_of

from data.core.viewer import Viewer
from data.deadlines.uploads import BadRows, MissingColumn
from data.organisation.duty import Shift, read_shifts
from data.organisation.duty_store import KEPT, replace_shifts
from data.organisation.uploads import finder

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
FIND = finder({code: code for code in (city.CITY, city.D1, city.S3, *city.CELLS)})


def read(*lines: str, zone: ZoneInfo = SHANGHAI, head: str = "area,person,count,from,to") -> list[Shift]:
    return read_shifts("\n".join((head, *lines)).encode(), FIND, zone)


def told(*lines: str, zone: ZoneInfo = SHANGHAI) -> list[str]:
    with pytest.raises(BadRows) as error:
        read(*lines, zone=zone)
    return error.value.tell("en")


# ---- The table ----


def test_a_table_is_read_by_the_citys_clock() -> None:
    one, two, three = read(
        f"{city.C1},陈,,2026-11-30 08:00,2026-11-30 24:00",
        f"{city.S3},,3,2026/11/30 20:00,2026-12-01T08:00:30",
        f"{city.C2},陈,1,2026-12-01 08:00,2026-12-01 09:00",
    )
    assert (one.area, one.person, one.people) == (city.C1, 0, 1) and three.person == 0, "the same person"
    assert one.begins == datetime(2026, 11, 30, 0, tzinfo=UTC) and one.ends == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert (two.person, two.people, two.ends) == (None, 3, datetime(2026, 12, 1, 0, 0, 30, tzinfo=UTC))
    (chinese,) = read(f"{city.C1},2,2026-11-30 08:00,2026-11-30 09:00", head="网格编码,值班人数,开始时间,结束时间")
    assert chinese.people == 2
    with pytest.raises(MissingColumn):
        read(f"{city.C1},陈", head="area,person")


def test_clocks_that_jump_are_known() -> None:
    (night,) = read(f"{city.C1},a,,2026-10-24 22:00,2026-10-25 06:00", zone=BERLIN)
    assert night.ends.timestamp() - night.begins.timestamp() == 9 * 3600, "an hour longer, when summer ends"
    assert told(f"{city.C1},a,,2026-03-29 02:30,2026-03-29 06:00", zone=BERLIN) == [
        "Line 2: there is no moment “2026-03-29 02:30”: clocks jump over it."
    ]


def test_each_bad_row_has_its_sentence() -> None:
    found = told(
        f"{city.C1},a,,2026-11-30 08:00,2026-11-30 08:00",
        "990101001001009,a,,2026-11-30 08:00,2026-11-30 09:00",
        f"{city.C1},a,,30.11.2026,2026-11-30 09:00",
        f"{city.C1},a,,2026-02-30 08:00,2026-11-30 09:00",
        f"{city.C1},,,2026-11-30 08:00,2026-11-30 09:00",
        f"{city.C1},,0,2026-11-30 08:00,2026-11-30 09:00",
        f"{city.C1},,1001,2026-11-30 08:00,2026-11-30 09:00",
        f"{city.C1},a,2,2026-11-30 08:00,2026-11-30 09:00",
        f"{city.C1},,2,2026-11-30 08:00,2026-12-07 08:01",
        f"{city.C1},b,,2026-11-30 08:00,2026-11-30 09:00",
        f"{city.C1},b,,2026-11-30 08:00,2026-11-30 10:00",
    )
    assert [one.partition(":")[0] for one in found] == [f"Line {n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12)]
    words = (
        "not after",
        "no area",
        "no moment",
        "no moment",
        "say who",
        "no number",
        "no number",
        "a person is one",
        "seven days",
        "line 11",
    )
    for word, sentence in zip(words, found, strict=True):
        assert word in sentence, sentence
    assert read(f"{city.C1},,1000,2026-11-30 08:00,2026-12-07 08:00")[0].people == 1000, "the largest, and the longest"


# ---- What is kept and counted ----


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        yield url


@pytest.fixture
def owner(town: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(town, autocommit=True) as connection:
        connection.execute("DELETE FROM duty_shift")
        yield connection


NOW = datetime(2026, 11, 30, 12, tzinfo=SHANGHAI)


def write(owner: psycopg.Connection[Any], *lines: str) -> tuple[int, int]:
    done = replace_shifts(owner, city.CITY, read(*lines), SHANGHAI, NOW)
    assert done is not None
    return done.shifts, done.gone


def count(viewer: Viewer, code: str, at: datetime = NOW) -> tuple[int, ...] | None:
    with seeing(viewer) as connection:
        return connection.execute("SELECT * FROM duty_now(%s, %s)", [code, at]).fetchone()


@pytest.mark.slow
def test_a_table_replaces_the_days_that_it_tells_of(owner: psycopg.Connection[Any]) -> None:
    day = "2026-11-{0} 20:00,2026-11-{0} 23:00"
    assert write(owner, *(f"{city.C1},a,,{day.format(n)}" for n in (28, 29, 30))) == (3, 0)
    assert write(owner, f"{city.C2},b,,{day.format(29)}", f"{city.C2},b,,2026-11-30 00:00,2026-11-30 01:00") == (2, 2), "by the city's days"
    kept = owner.execute("SELECT area, (begins_at AT TIME ZONE 'Asia/Shanghai')::date::text FROM duty_shift ORDER BY 2, 1").fetchall()
    assert kept == [(city.C1, "2026-11-28"), (city.C2, "2026-11-29"), (city.C2, "2026-11-30")]
    assert replace_shifts(owner, city.CITY, [], SHANGHAI, NOW) is None
    late = replace_shifts(owner, city.CITY, read(f"{city.C1},a,,{day.format(30)}"), SHANGHAI, NOW + KEPT)
    assert late is not None and late.gone == 3, "one of that day, and two that ended too long ago"
    names = owner.execute("SELECT string_agg(t::text, '') FROM duty_shift t").fetchone()
    assert names is not None and "陈" not in names[0]


@pytest.mark.slow
def test_who_is_on_duty_is_counted_for_areas_that_the_viewer_may_compare(owner: psycopg.Connection[Any]) -> None:
    now = "2026-11-30 08:00,2026-11-30 12:01"
    write(
        owner,
        f"{city.C1},陈,,{now}",
        f"{city.C2},陈,,{now}",
        f"{city.C1},李,,{now}",
        f"{city.C5},,3,{now}",
        f"{city.S3},,2,{now}",
        f"{city.C3},王,,2026-11-30 08:00,2026-11-30 12:00",
        f"{city.C4},王,,2026-11-30 12:00,2026-11-30 13:00",
        f"{city.C4},赵,,2026-11-30 12:01,2026-11-30 13:00",
    )
    hall = viewer_of(city.CITY, "figures")
    assert count(hall, city.CITY) == (3 + 3 + 2, 3 + 4, 8), "陈, 李, 王; 3 in a cell, 2 for a street, which looks after its four cells"
    assert count(hall, city.D1) == (3, 3, 4)
    assert count(hall, city.D2) == (5, 4, 4)
    assert count(hall, city.C5) == (3, 1, 1), "the street's team looks after it, and is not in it"
    assert count(hall, city.ZONE) == (3, 1, 2)
    assert count(viewer_of(city.D1, "figures"), city.D2) is None, "out of sight"
    assert count(viewer_of(city.D1, "figures", city.CITY), city.D2) == (5, 4, 4)
    assert count(viewer_of(city.ZONE, "figures"), city.ZONE) == (3, 1, 2)
    assert count(hall, city.CITY, NOW + timedelta(hours=5)) == (0, 0, 8), "nobody, and that is known"
    assert count(hall, city.CITY, NOW + timedelta(days=3)) is None and count(hall, city.CITY, NOW - timedelta(days=3)) is None, "not known"
    with seeing(hall) as connection:
        assert refused(connection, "SELECT * FROM duty_shift") == "42501"
