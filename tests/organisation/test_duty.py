"""Duty rosters: what a table may say, a sentence for each bad row, and what is counted of it, for whom."""

from collections.abc import Iterable, Iterator
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
from data.organisation.duty_store import KEPT, MOST_DAYS, RosterTooLong, replace_shifts
from data.organisation.uploads import finder

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
FIND = finder({code: code for code in (city.CITY, city.D1, city.S3, city.ZONE, *city.CELLS)})


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


def test_the_nearest_code_is_sought_only_where_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing a text with every area of a large city takes a tenth of a second, and a table has up to 20,000 rows."""
    sought: list[str] = []

    def note(word: str, known: Iterable[object]) -> str:
        sought.append(word)
        return next(iter(map(str, known)))

    monkeypatch.setattr("data.organisation.uploads.find_nearest_word", note)
    rows = [f"{city.C1},,{n},2026-11-30 08:00,2026-11-30 09:00" for n in range(1, 200)]
    assert len(read(*rows)) == 199 and not sought
    sentences = told(*rows, *(f"x{n},,1,2026-11-30 08:00,2026-11-30 09:00" for n in range(200)))
    assert f"“x0”; the nearest is “{city.CITY}”" in sentences[0] and "more" in sentences[-1]
    assert len(sought) == len(sentences) - 1 < 100


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
    far = f"{city.C1},a,,2027-01-02 08:00,2027-01-02 09:00"
    assert write(owner, far) == (1, 0) and write(owner, f"{city.C1},c,,{day.format(28)}", far.replace("01-02", "01-05")) == (2, 1)
    assert owner.execute("SELECT count(*) FROM duty_shift").fetchone() == (5,), "days between those of a table stay"
    for ends, days in (("2028-01-02", 400), ("2028-01-03", 401)):
        wide = [f"{city.C1},a,,{at} 08:00,{at} 09:00" for at in ("2026-11-29", ends)]
        if days > MOST_DAYS:
            with pytest.raises(RosterTooLong):
                write(owner, *wide)
        else:
            assert write(owner, *wide) == (2, 1), days
    owner.execute("DELETE FROM duty_shift WHERE begins_at > '2026-12-01' OR begins_at < '2026-11-29'")
    write(owner, f"{city.C1},a,,{day.format(28)}", f"{city.C2},b,,{day.format(29)}")
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


@pytest.mark.slow
def test_a_roster_tells_only_of_the_areas_that_it_is_about(owner: psycopg.Connection[Any]) -> None:
    """A district that has given no roster is not one in which nobody is on duty."""
    hall, now = viewer_of(city.CITY, "figures"), "2026-11-30 08:00,2026-11-30 12:01"
    write(owner, f"{city.C1},陈,,{now}")
    assert count(hall, city.CITY) == (1, 1, 8) and count(hall, city.D1) == (1, 1, 4)
    assert count(hall, city.C1) == (1, 1, 1) and count(hall, city.C2) is None
    assert count(hall, city.D2) is None and count(hall, city.C5) is None
    assert count(hall, city.D1, NOW + timedelta(hours=5)) == (0, 0, 4) and count(hall, city.D2, NOW + timedelta(hours=5)) is None
    write(owner, f"{city.CITY},,9,{now}")
    assert count(hall, city.D2) == (0, 4, 4) and count(hall, city.C5) == (0, 1, 1), "of the whole city"
    write(owner, f"{city.ZONE},,4,{now}")
    assert count(hall, city.ZONE) == (4, 2, 2)
