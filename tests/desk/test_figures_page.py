"""The page of figures: who may open it, what it tells its script, plotly.js, and that its words are complete."""

import re

import pytest
import small_city as city
from desk_pages import app, enter, facts_of
from fastapi import FastAPI
from signin_forms import visitor

from data.core.settings import ROOT
from data.indicators.definitions import INDICATORS
from data.indicators.trends import TOLD
from routes.desk.chart_files import plotly_address
from routes.doors.figures_words import BEHIND_WORDS, FIGURES_WORDS

__all__ = ["app"]


@pytest.mark.parametrize(
    ("role", "cases", "people"),
    [
        ("supervisor", True, True),
        ("leader", True, True),
        ("dispatcher", True, False),
        ("grid_worker", True, False),
        ("auditor", False, False),
    ],
)
async def test_the_page_is_for_everybody_and_says_what_each_may_see(app: FastAPI, role: str, cases: bool, people: bool) -> None:
    http = await enter(app, "wei", role, scope=city.D1)
    answer = await http.get("/desk/figures?lang=en")
    assert answer.status_code == 200
    told = facts_of(answer.text)
    assert (told["can"]["cases"], told["can"]["people"], told["start"]) == (cases, people, city.D1)
    assert ('href="/desk"' in answer.text) is cases, "the way to the desk is for whoever may open it"


async def test_a_stranger_signs_in_and_comes_back_to_the_same_figures(app: FastAPI) -> None:
    answer = await visitor(app).get("/desk/figures?view=unit&period=week")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2Fdesk%2Ffigures%3Fview%3Dunit%26period%3Dweek")


async def test_a_parameter_that_the_page_does_not_know_is_refused(app: FastAPI) -> None:
    http = await enter(app, "wei", "supervisor")
    answer = await http.get("/desk/figures?perod=week", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["facts"]["nearest"]) == (422, "period")
    for address in (
        "/desk/figures?view=area&area=1&period=own&from=2026-01-01&to=2026-01-02",
        "/desk?indicator=rework_rate&part=rest&hour=1",
    ):
        assert (await http.get(address)).status_code == 200, address


async def test_the_script_is_told_every_sentence_and_indicator_in_both_languages(app: FastAPI) -> None:
    http = await enter(app, "wei", "supervisor")
    english, chinese = [facts_of((await http.get(f"/desk/figures?lang={lang}")).text) for lang in ("en", "zh")]
    assert english["words"].keys() == chinese["words"].keys() >= {*FIGURES_WORDS, *BEHIND_WORDS}
    assert chinese["words"]["waiting_title"] == "谁要行动" and english["words"]["behind_rest"] == "{name}: not in the numerator"
    assert [one["code"] for one in english["indicators"]] == list(INDICATORS)
    assert {one["code"] for one in english["indicators"] if one["over_time"]} == set(TOLD)
    desk = facts_of((await http.get("/desk?lang=zh")).text)["words"]
    assert desk["behind_closed"] == "结案 {first} 至 {last}" and desk["indicator_rework_rate"] == "返工率"


def test_the_script_says_no_sentence_that_it_is_not_told() -> None:
    """Names that are put together, such as those of views and steps, are held by the tables that they come from."""
    said = set()
    for file in (ROOT / "assets" / "scripts" / "figures").glob("*.js"):
        said |= set(re.findall(r"\bsay\('(\w+)'", file.read_text("utf-8")))
    assert said and said <= {*FIGURES_WORDS, *BEHIND_WORDS}, said - {*FIGURES_WORDS, *BEHIND_WORDS}


async def test_plotly_is_served_from_here_and_kept_by_its_content(app: FastAPI) -> None:
    http = await enter(app, "wei", "supervisor")
    address = plotly_address()
    assert facts_of((await http.get("/desk/figures")).text)["plotly"] == address
    first = await http.get(address)
    assert first.status_code == 200 and b"plotly.js v" in first.content[:200] and "immutable" in first.headers["cache-control"]
    assert first.headers["content-encoding"] == "gzip"
    assert (await http.get(address, headers={"if-none-match": first.headers["etag"]})).status_code == 304
    assert (await http.get("/vendor/plotly-0.js")).headers["cache-control"] == "no-cache"
    assert (await visitor(app).get(address)).status_code in (303, 401)
