"""The search field where there are two cities."""

from collections.abc import Iterator

import psycopg
import pytest
import small_city as small
import twin_city
from databases import FreshDatabase
from page_tools import links
from twin_city import TWIN, TWIN_ZONE, twin

from callbacks.search import find_places
from data.core.viewer import everything
from data.figures.reports import fetch_default_city
from layers.view import View

ZH = everything()


@pytest.fixture(scope="module", autouse=True)
def towns(fresh_database: FreshDatabase) -> Iterator[None]:
    """The small city and its twin in one database."""
    with fresh_database() as url:
        with psycopg.connect(url) as connection:
            twin_city.load(connection)
        yield


async def cities_found(text: str, view: View) -> set[str]:
    """The cities of all areas that a search leads to."""
    codes = [str(View.parse(link).area) for link in links(await find_places(text, view, ZH))]
    return {TWIN if code == TWIN_ZONE or code.startswith("77") else small.CITY for code in codes}


async def test_the_city_that_is_looked_at_is_searched() -> None:
    for area in (TWIN, twin(small.D1), twin(small.C1)):
        assert await cities_found("地", View(area=area)) == {TWIN}, area
    for area in (small.CITY, small.K1):
        assert await cities_found("地", View(area=area)) == {small.CITY}, area


async def test_without_an_area_the_default_city_is_searched() -> None:
    assert await cities_found("地", View()) == {await fetch_default_city(ZH)}


async def test_an_area_that_is_not_there_is_told_and_nothing_is_searched() -> None:
    found = await find_places("地", View(area="nowhere"), ZH)
    assert len(found) == 1 and "nowhere" in str(found[0])
