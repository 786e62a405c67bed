"""Likely duplicates over the city that was counted by hand: how near in place, time and category, what photos say, and who is told."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from PIL import Image, ImageDraw
from rights_tools import viewer_of

from data.attachments.files import clean_file
from data.attachments.looks import count_different_bits, describe_looks
from data.cases.duplicates.finding import SimilarCase, SimilarQuestion, find_similar, share_of_pairs
from data.core.errors import UnknownArea, UnknownName, UnknownObject
from data.core.viewer import Viewer, everything
from data.figures.scope import FiguresOnly

AT = (120.005, 30.015)
"""The middle of C1."""
BORDER = (120.02, 30.015)
"""Between C3, which is in the western district, and C5, which is in the eastern one."""
NOW = datetime.fromisoformat(city.AS_OF)
_PUT = """
UPDATE incident SET geom = p, geom_3857 = ST_Transform(p, 3857)
FROM (SELECT ST_Project(ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography, %s, radians(%s))::geometry AS p) placed WHERE source_key = %s
"""


def load_cases(connection: psycopg.Connection[Any]) -> None:
    connection.execute("UPDATE incident SET number = source_key")
    for code, parent in (("bin", "env"), ("road", "env"), ("lamp", "utility")):
        connection.execute(
            "INSERT INTO category (city, subject, code, parent, name, name_en) VALUES (%s, 'incident', %s, %s, %s, %s)",
            (city.CITY, code, parent, code, code),
        )
    # Metres from the middle of C1, bearing in degrees.
    for key, metres, bearing in (("i06", 79.4, 0), ("i05", 80.6, 90), ("i04", 10, 180), ("i01", 20, 270), ("i02", 30, 45), ("i07", 5, 0)):
        connection.execute(_PUT, (*AT, metres, bearing, key))
    for key, bearing in (("i11", 270), ("i17", 90)):
        connection.execute(_PUT, (*BORDER, 20, bearing, key))
    connection.execute("UPDATE incident SET category = 'bin' WHERE source_key = 'i06'")
    # i01 was closed just within 14 days before now, i02 a second earlier; both were reported on 5 October.
    for key, seconds in (("i01", 0), ("i02", 1)):
        closed = NOW - timedelta(days=14, seconds=seconds)
        connection.execute("UPDATE incident SET closed_at = %s WHERE source_key = %s", (closed, key))
    for n, looks in ((1, 0b1111), (2, 0b0011), (3, 0), (4, -1)):
        connection.execute(
            "INSERT INTO attachment (hash, media_type, bytes, width, height, looks) VALUES (%s, 'image/jpeg', 1, 9, 9, %s)",
            (f"{n}" * 64, looks),
        )
    for n, key in ((1, "i06"), (2, "i01"), (3, "i01"), (3, "i06"), (4, "i17")):
        connection.execute(
            "INSERT INTO attachment_case (hash, district, incident_id, account) SELECT %s, district, id, 'x' FROM incident"
            " WHERE source_key = %s",
            (f"{n}" * 64, key),
        )
    connection.commit()


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load, load_cases) as url:
        yield url


async def find(viewer: Viewer | None = None, at: tuple[float, float] = AT, category: str = "env", **more: Any) -> list[SimilarCase]:
    told = await find_similar(SimilarQuestion(city.CITY, category, *at, **more), viewer or everything())
    return told["cases"]


def numbers(cases: list[SimilarCase]) -> list[str]:
    return [one["number"] for one in cases]


async def test_near_in_place_time_and_category() -> None:
    told = await find_similar(SimilarQuestion(city.CITY, "env", *AT), everything())
    assert (told["radius_m"], told["days"]) == (80, 14), "what every city begins with"
    # i05 stands beyond 80 m, i04 is of another category, i02 was closed too long ago, i07 is void.
    assert {one["number"]: (one["distance_m"], one["days"], one["photo_distance"]) for one in told["cases"]} == {
        "i06": (79, 0, None),
        "i01": (20, 26, None),
    }
    assert numbers(told["cases"]) == ["i06", "i01"], "an open case of today before one that was closed two weeks ago"
    assert numbers(await find(category="bin")) == ["i06", "i01"], "itself, and the category above"
    assert numbers(await find(category="road")) == ["i06", "i01"], "the one above, and those beside it"
    assert numbers(await find(category="lamp")) == ["i04"]
    assert numbers(await find(category="order")) == []
    row = told["cases"][0]
    assert (row["category_name"], row["grid_name_en"], row["above_name_en"], row["state"]) == ("bin", "Cell 1", "First", "on_time")


async def test_a_case_is_compared_by_its_own_time_and_photos() -> None:
    told = await find(number="i06", category="bin")
    # It was reported eight hours before now, so that what was closed 14 days before that is near, too.
    assert [(one["number"], one["days"], one["photo_distance"]) for one in told] == [("i01", 26, 2), ("i02", 26, None)]
    # i02 was reported and closed in early October, when i01 was open; i05 and i06 began long after it was closed.
    assert {one["number"]: one["days"] for one in await find(number="i02")} == {"i01": 0, "i06": 26}
    with pytest.raises(UnknownObject):
        await find(number="i02", viewer=viewer_of(city.D2))


async def test_photos_that_were_just_sent_are_compared() -> None:
    told = await find(photos=("2" * 64, "3" * 64))
    assert {one["number"]: one["photo_distance"] for one in told} == {"i06": 2, "i01": 0}
    assert numbers(told) == ["i06", "i01"]
    assert {one["photo_distance"] for one in await find(photos=("3" * 64,))} == {None}, "a picture without structure says nothing"


async def test_words_bring_a_case_to_the_front(town: str) -> None:
    with psycopg.connect(town) as owner:
        owner.execute("UPDATE incident SET title = '垃圾桶满溢' WHERE source_key = 'i01'")
    assert numbers(await find(description="这里的垃圾桶满溢了，请处理")) == ["i01", "i06"]
    assert share_of_pairs("这里的垃圾桶满溢了", "垃圾桶满溢") == 1 and share_of_pairs("路灯不亮", "垃圾桶满溢") == 0
    assert share_of_pairs("Ｌａｍｐ out", "lamp") == 1 and share_of_pairs("anything", "") == 0


async def test_everybody_is_told_of_what_the_list_would_show_and_no_more() -> None:
    west, east, city_wide = [await find(viewer_of(code), BORDER) for code in (city.D1, city.D2, city.CITY)]
    assert (numbers(west), numbers(east), set(numbers(city_wide))) == (["i11"], ["i17"], {"i11", "i17"})
    assert (west[0]["distance_m"], east[0]["distance_m"]) == (20, 20)
    # A photo of a case that one does not see says nothing either.
    assert [one["photo_distance"] for one in await find(viewer_of(city.D1), BORDER, photos=("4" * 64,))] == [None]
    with pytest.raises(FiguresOnly):
        await find(viewer_of(city.CITY, "figures"))


async def test_a_member_of_a_unit_is_told_of_the_units_cases(town: str) -> None:
    with psycopg.connect(town) as owner:
        owner.execute("INSERT INTO unit (city, code, name) VALUES (%s, 'U1', 'one'), (%s, 'U2', 'two')", (city.CITY, city.CITY))
        owner.execute("INSERT INTO unit_member (city, unit, account, post) VALUES (%s, 'U1', 'east', 'worker')", (city.CITY,))
        owner.execute("UPDATE incident SET unit = CASE source_key WHEN 'i11' THEN 'U1' ELSE 'U2' END WHERE source_key IN ('i11', 'i06')")
        (units,) = owner.execute("SELECT units_of('east')").fetchone() or ("",)
    member = replace(viewer_of(city.D2), name="east", units=units)
    assert set(numbers(await find(member, BORDER))) == {"i11", "i17"}
    assert numbers(await find(member)) == [], "another unit's"


async def test_each_category_has_its_own_reach(town: str) -> None:
    rules = [(city.CITY, None, 81, 13), (None, "bin", 10, 5), (city.CITY, "env", 81, 15), (city.CITY, "bin", 19, 15)]
    with psycopg.connect(town) as owner:
        for rule in rules:
            owner.execute("INSERT INTO duplicate_rule (city, category, radius_m, days) VALUES (%s, %s, %s, %s)", rule)
    try:
        reaches = {}
        for category in ("env", "bin", "road", "order"):
            told = await find_similar(SimilarQuestion(city.CITY, category, *AT), everything())
            reaches[category] = told["radius_m"], told["days"], set(numbers(told["cases"]))
        assert reaches == {
            "env": (81, 15, {"i06", "i05", "i01", "i02"}),
            "bin": (19, 15, set()),
            "road": (81, 15, {"i06", "i05", "i01", "i02"}),  # that of the category above
            "order": (81, 13, set()),
        }
    finally:
        with psycopg.connect(town) as owner:
            owner.execute("DELETE FROM duplicate_rule WHERE radius_m <> 80")


async def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(UnknownName):
        await find(category="nothing")
    with pytest.raises(UnknownArea):
        await find_similar(SimilarQuestion("nowhere", "env", *AT), everything())


# ---- What photos look like ----


def _draw(size: tuple[int, int], shapes: list[tuple[float, float, float, float, str]]) -> bytes:
    picture = Image.new("RGB", size, "#8899aa")
    paint = ImageDraw.Draw(picture)
    for west, north, east, south, colour in shapes:
        paint.rectangle([west * size[0], north * size[1], east * size[0], south * size[1]], fill=colour)
    return _save(picture)


def _save(picture: Image.Image) -> bytes:
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=70)
    return held.getvalue()


STREET = [(0.1, 0.2, 0.3, 0.9, "#222222"), (0.5, 0.1, 0.8, 0.4, "#ffffff"), (0.4, 0.6, 0.9, 0.8, "#664422")]
PARK = [(0.6, 0.3, 0.95, 0.95, "#115511"), (0.05, 0.5, 0.2, 0.7, "#eeeeee"), (0.3, 0.05, 0.35, 0.95, "#000000")]


def test_a_photo_looks_the_same_in_another_size_and_unlike_another_photo() -> None:
    large, small = (clean_file(_draw(size, STREET)) for size in ((1600, 1200), (640, 480)))
    other = clean_file(_draw((1600, 1200), PARK))
    assert large.hash != small.hash
    assert large.looks is not None and small.looks is not None and other.looks is not None
    assert count_different_bits(large.looks, small.looks) <= 4
    assert count_different_bits(large.looks, other.looks) > 12
    assert describe_looks(_save(Image.new("RGB", (50, 50), "#777777"))) == 0


def test_bits_are_counted_whatever_their_sign() -> None:
    assert [count_different_bits(*pair) for pair in ((0, 0), (0, -1), (-1, 1), (-(2**63), 0), (-(2**63), 2**63 - 1))] == [0, 64, 63, 1, 64]
