"""The page of the data hub: who may open it, who is shown the way to it, and that its words are complete."""

import re
from pathlib import Path

import pytest
import small_city as city
from desk_pages import app, enter, facts_of
from fastapi import FastAPI
from signin_forms import visitor

from data.core.settings import ROOT
from routes.hub.words import HUB_WORDS

__all__ = ["app"]

SCRIPTS = ROOT / "assets" / "scripts" / "hub"


@pytest.mark.parametrize("role", ["supervisor", "leader", "dispatcher", "grid_worker", "steward", "administrator"])
async def test_the_hub_is_for_whoever_may_see_cases(app: FastAPI, role: str) -> None:
    http = await enter(app, "wei", role, scope=city.D1)
    answer = await http.get("/hub?lang=en&day=2026-11-23&cell=street.hrss&feed=labour.wages&view=list")
    assert answer.status_code == 200
    assert facts_of(answer.text)["start"] == city.D1
    assert 'href="/hub" aria-current="page"' in answer.text


async def test_an_auditor_has_no_way_to_it(app: FastAPI) -> None:
    http = await enter(app, "wei", "auditor")
    assert (await http.get("/hub")).status_code == 403
    assert 'href="/hub"' not in (await http.get("/desk/figures")).text


async def test_a_stranger_signs_in_and_comes_back_to_the_same_cell(app: FastAPI) -> None:
    answer = await visitor(app).get("/hub?cell=street.hrss")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=%2Fhub%3Fcell%3Dstreet.hrss")


async def test_the_script_is_told_every_sentence_in_both_languages(app: FastAPI) -> None:
    http = await enter(app, "wei", "supervisor")
    english, chinese = [facts_of((await http.get(f"/hub?lang={lang}")).text)["words"] for lang in ("en", "zh")]
    assert english.keys() == chinese.keys() >= HUB_WORDS.keys()
    assert (chinese["hub_late_cell"], english["hub_view_list"]) == ("迟{n}天", "List")


def test_no_sentence_is_missing_from_the_script_and_none_is_left_over() -> None:
    """Names in the script; those that it puts together begin with what stands before a brace."""
    text = "".join(Path(file).read_text("utf-8") for file in SCRIPTS.glob("*.js"))
    said = set(re.findall(r"'(hub_[a-z_]+)'", text))
    assert said <= HUB_WORDS.keys()
    beginnings = tuple(found for found in re.findall(r"`(hub_[a-z_]*)\$\{", text) if found != "hub_")
    said |= {f"hub_{state}" for state in ("on_time", "late", "failed", "empty", "never", "not_due", "none", "hidden")}
    left = {name for name in HUB_WORDS.keys() - said if not name.startswith(beginnings) and not name.endswith("_one")}
    assert left <= {"try_again", "city_word"}
