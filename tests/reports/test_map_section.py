"""The section of a map, from the database: the classes, values and colours of the product's map, under the reader's rights."""

import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
import small_city as city

from data.core.period import Period
from data.core.viewer import Viewer, everything
from data.figures.reports import fetch_report, fetch_units
from data.indicators.definitions import FEWEST
from data.places.ground import MAIN_ROADS, fetch_ground, fetch_largest_buildings
from data.queries.figures import NO_FILTERS
from layers.style.classes import classify
from layers.style.measures import format_value
from reports.context import Context
from reports.drawing import svg
from reports.drawing.colours import colour
from reports.graphics import Map
from reports.maps.words import tell_unnamed
from reports.sections.map import Options, make

pytestmark = pytest.mark.slow

ROOT = "990100"
YEAR = Period(date(2026, 1, 1), date(2026, 11, 22))
"""Long enough for most streets of the small demo city to have sixty cases due."""


async def draw(area: str, period: Period = YEAR, viewer: Viewer | None = None, **options: Any) -> Map | None:
    section = await make(Context(area, "own", period, viewer or everything("zh")), Options(**options))
    if section is None:
        return None
    (block,) = section.blocks
    assert isinstance(block, Map)
    ElementTree.fromstring(block.svg)
    return block


async def drawn(area: str, **options: Any) -> Map:
    found = await draw(area, **options)
    assert found is not None
    return found


def texts(block: Map) -> set[str]:
    return set(re.findall(r"<text[^>]*>([^<]*)</text>", block.svg))


async def test_colours_values_and_legend_are_those_of_the_map(demo_database: str) -> None:
    block = await drawn(ROOT, level="street")
    report = await fetch_report(ROOT, YEAR, everything("zh"))
    units = [one for one in await fetch_units(ROOT, "street", YEAR, NO_FILTERS, everything("zh")) if one["origin"] != "unplaced"]
    classes = classify("on_time_closing_rate", "quantile", report, units, fewest=FEWEST)
    assert [one.colour for one in block.classes if not one.hatched] == [colour(token) for token in classes.tokens]
    assert [float(one.label) for one in block.classes if not one.hatched and one.label] == classes.breaks
    assert len([one for one in block.classes if one.hatched]) == bool(classes.missing)
    assert [one.token for one in block.classes if not one.hatched] == classes.tokens
    assert (block.view, block.measure, block.level) == ("areas", "on_time_closing_rate", "street")
    assert {one.code: one.place for one in block.areas} == classes.of, "a screen can colour the same areas"
    assert {one.code: one.text for one in block.areas} == {unit["code"]: classes.format_value_of(unit["code"], "zh") for unit in units}
    for place, token in enumerate(classes.tokens):
        painted = re.findall(rf'<path d="([^"]*)" fill="{colour(token)}"', block.svg)
        assert sum(path.count("Z") for path in painted) >= sum(index == place for index in classes.of.values())
    told = {f"{value:.1f}" for value in classes.values.values() if value is not None}
    assert told and told <= texts(block) and {one["name"] for one in units} <= texts(block) | set(" ".join(block.notes).split())
    assert (
        block.title == "各街道（镇）按期结案率" and classes.own is not None and format_value(classes.measure, classes.own) in block.subtitle
    )
    assert any("等距分级" in note for note in block.notes) and any("数据" in note or "截至" in note for note in block.notes)
    assert "最高" in block.alt and report["name"] in block.alt


async def test_in_english_everything_is_english(demo_database: str) -> None:
    block = await drawn(ROOT, viewer=everything("en"), level="street", measure="incidents", method="natural")
    total = (await fetch_report(ROOT, YEAR, everything("en")))["incidents"]["total"]
    assert f"{total:,}" in block.subtitle
    assert block.title == "Cases by street or town" and "Classes: natural breaks." in block.notes
    around = (block.title, block.subtitle, block.alt, *block.notes, *(one.label for one in block.classes), *texts(block))
    assert not any(re.search("[\u4e00-\u9fff]", text) for text in around)


async def test_without_a_level_the_finest_is_shown_of_which_most_areas_have_a_value(demo_database: str) -> None:
    year, month = await drawn(ROOT), await drawn(ROOT, period=Period(date(2026, 10, 1), date(2026, 10, 31)))
    assert year.title == "各街道（镇）按期结案率" and "深色线为区界。" in year.notes, "the second level below, as on the map page"
    assert month.title == "各区按期结案率", "in a month no street has sixty cases due"
    district = (await fetch_report(ROOT, YEAR, everything("zh")))["children"][0]["code"]
    assert (await drawn(district, measure="incidents")).title == "各社区（村）案件数"


async def test_cases_and_buildings_are_drawn(demo_database: str) -> None:
    cases = await drawn(ROOT, view="cases")
    report = await fetch_report(ROOT, YEAR, everything("zh"))
    assert f"{report['incidents']['total'] - report['incidents']['unplaced']:,}" in cases.subtitle
    assert cases.classes and {one.colour for one in cases.classes} <= set(re.findall('fill="(#[0-9A-F]{6})"', cases.svg))
    assert await draw(ROOT, view="buildings") is None, "a city's buildings cannot be seen"
    street = report["children"][0]["code"]
    street = (await fetch_units(street, None, YEAR, NO_FILTERS, everything("zh")))[0]["code"]
    still = await drawn(street, view="buildings", measure="incidents")
    standing, total = await fetch_largest_buildings(street, everything("zh"))
    assert 0 < len(standing) == total and all(one.height_m > 0 and street in one.path for one in standing)
    assert f"{total:,}" in still.alt or f"{total:,}" in " ".join(still.notes)


async def test_water_and_main_roads_are_those_of_the_box(demo_database: str) -> None:
    box = (118.40, 30.85, 118.45, 30.90)
    ground = await fetch_ground(ROOT, box, MAIN_ROADS, everything("zh"))
    assert ground.water and ground.roads
    for shape in (*ground.water, *(road for road, _ in ground.roads)):
        west, south, east, north = shape.bounds
        assert west >= box[0] - 1e-6 and south >= box[1] - 1e-6 and east <= box[2] + 1e-6 and north <= box[3] + 1e-6
    assert (await fetch_ground(ROOT, (10.0, 10.0, 11.0, 11.0), MAIN_ROADS, everything("zh"))).water == ()


async def test_a_cell_is_its_own_map_and_an_area_without_cases_is_hatched(small: str) -> None:
    empty = Period(date(2020, 1, 1), date(2020, 1, 31))
    block = await drawn(city.C1, period=empty)
    assert svg.UNTOLD in block.svg and [one.hatched for one in block.classes] == [True]
    block = await drawn(city.CITY, period=empty, view="cases")
    assert block.classes == () and "0" in block.subtitle


async def test_who_sees_figures_alone_sees_no_single_case(small: str) -> None:
    period = Period.parse(city.FROM, city.TO)
    reader = Viewer("observer", lang="zh", figures="*")
    full, told = await drawn(city.CITY, period=period, view="cases"), await drawn(city.CITY, period=period, view="cases", viewer=reader)
    assert full.svg.count("<circle") > 0 and told.svg.count("<circle") == 0
    assert "周边不足 5 件的地点不着色。" in told.notes and "周边不足 5 件的地点不着色。" not in full.notes


def test_areas_too_small_for_their_names_are_told() -> None:
    assert tell_unnamed((), "zh") == ""
    assert tell_unnamed(("甲",), "zh") == "1 个区域面积过小，未标注名称：甲。"
    assert tell_unnamed(("甲", "乙"), "zh") == "2 个区域面积过小，未标注名称：甲、乙。"
    assert tell_unnamed(("甲",) * 40, "en") == "40 areas are too small for their names."
