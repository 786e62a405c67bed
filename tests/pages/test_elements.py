"""Our elements and layers are written as Dash and pydeck write them; the tests compare both."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

import dash
import orjson
import pydeck
import pytest
import small_city as small
from databases import FreshDatabase
from page_tools import walk
from small_report import context, unit

from callbacks.show import show_page
from data.core.viewer import everything
from layers.build import build_map_spec
from layers.registry import LAYERS
from layers.spec.deck import ink, layer
from layers.view import View
from pages.html import Element
from pages.shell_texts import shell_texts


@pytest.fixture(scope="module", autouse=True)
def littleton(fresh_database: FreshDatabase) -> Iterator[str]:
    """The small city in a database of its own."""
    with fresh_database(small.load) as url:
        yield url


ADDRESSES = (
    "?layers=grid,incidents,buildings,population,facilities,flood",
    f"?area={small.D1}&dim=2d&cat=env&wfrom=2026-10-30&wto=2026-10-31",
    f"?area={small.C1}&lang=en&measure=on_time_closing_rate",
    "?area=nowhere",
)


@pytest.mark.parametrize("search", ADDRESSES)
async def test_every_element_is_one_that_dash_would_have_made(search: str) -> None:
    outputs = (await show_page(search, None, everything())).outputs(shell_texts("zh"))
    elements = [one for part in outputs.values() for one in walk(part) if isinstance(one, Element)]
    assert elements
    for one in elements:
        library = {"dash_html_components": dash.html, "dash_core_components": dash.dcc}[one["namespace"]]
        made = getattr(library, one["type"])(**one["props"])  # Dash refuses a property that it does not know
        theirs = made.to_plotly_json()
        assert {**theirs, "props": {key: value for key, value in theirs["props"].items() if value is not None}} == one


@pytest.mark.parametrize("search", ADDRESSES)
async def test_a_page_is_written_without_being_taken_apart_first(search: str) -> None:
    """Dash tries orjson first, and walks through everything only where that fails."""
    assert orjson.dumps((await show_page(search, None, everything())).outputs(shell_texts("zh")))


@pytest.mark.parametrize("dim", ["2d", "3d"])
def test_layers_are_written_as_pydeck_writes_them(dim: str) -> None:
    units = [unit(n) for n in range(1, 5)]
    for made in build_map_spec(context(View(layers=LAYERS, dim=dim), units=units))["layers"]:  # type: ignore[arg-type]
        given = {key: _told(value) for key, value in made.items() if key not in ("@@type", "id", "data")}
        assert json.loads(json.dumps(made)) == json.loads(pydeck.Layer(made["@@type"], made.get("data"), id=made["id"], **given).to_json())
    drawn = layer("AreaLines", "x", "/a.json", get_color=ink("text"), get_width=2, skip=["a"])
    theirs = pydeck.Layer("AreaLines", "/a.json", id="x", get_color=ink("text"), get_width=2, skip=("a",)).to_json()
    assert drawn == json.loads(theirs)


def _told(value: object) -> object:
    """What pydeck leaves as it is: of a string, and of a list that begins with one, it would make an expression."""
    if isinstance(value, str):
        return pydeck.types.String(value)
    return tuple(value) if isinstance(value, list) else value


def test_an_address_is_quoted_like_any_other() -> None:
    view = View(area="a b/ü&1", categories=("x,y", "井"), channels=("+",), building="1:b?")
    parts = {"area": "a b/ü&1", "building": "1:b?", "cat": "x,y,井", "src": "+"}
    assert view.search() == "?" + urlencode(parts, safe=",:")
