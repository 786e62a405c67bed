"""Role × area × every callback: answered within rights, and no row of outside in any answer.

The questions are made from Dash's callback map: a new callback without a declared right fails here, and so does one that nobody thought of
what to ask of.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import small_city as small
import twin_city
from fastapi import FastAPI
from rights_matrix import AREAS, app, callback_map, cities
from signed_in_viewers import PARENT, SCOPES, Onlooker, onlookers, read, without

from callbacks import rights as of_callbacks
from data.core.roles import DEVICES

pytestmark = pytest.mark.slow

__all__ = ["app", "cities"]  # fixtures

KEYS_IN = (small.C1, small.C3, small.C5, twin_city.twin(small.C1))
"""Cells whose things are asked for one by one: in the street of the narrowest account, in its district, in another, and elsewhere."""


def test_every_callback_declares_its_right(app: FastAPI) -> None:
    known = callback_map(app)
    assert known and not of_callbacks.list_undeclared(known)
    asked = {output for output, one in known.items() if of_callbacks.right_of(output) != "browser"}
    assert asked == {output for output, one in known.items() if "callback" in one}, (
        "what the server answers is not called the browser's own"
    )


def questions(output: str, onlooker: Onlooker, keys: list[tuple[str, str]]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """What the page may ask of a callback, as values of its inputs by name, each with what the answer may repeat of it."""
    first = output.strip(".").split("...")[0]
    if first == "panel.children":
        for code in AREAS:
            yield {"url.search": f"?area={code}&lang=en&layers=grid,incidents,buildings,population,facilities,flood"}, [code]
        yield {"url.search": f"?area={small.C1}&lang=en&dim=2d", "webgl.data": {"ok": False}}, [small.C1]
        yield {"url.search": "?lang=en"}, []
        for kind, key in keys:
            yield {"url.search": f"?lang=en&{kind}={quote(key)}"}, [key]
    elif first == "goal.data":
        for code in AREAS:
            yield {"pick.data": {"kind": "area", "code": code}, "url.search": "?lang=en"}, [code]
        for kind, key in keys:
            yield {"pick.data": {"kind": kind, "key": key}, "url.search": "?lang=en"}, [key]
    elif first == "results.children":
        for text in ("地", "Place", "长", "Qi", "Qb", "30.005,120.035"):
            yield {"sought.data": text, "url.search": "?lang=en"}, [text]
    elif first == "register.children":
        for code in (small.C1, small.C5, twin_city.twin(small.C1)):
            yield {"asked-people.data": {"do": "list", "of": "area", "key": code}, "url.search": ""}, [code]
            yield {"asked-people.data": {"do": "find", "text": f"甲Qp{code}丁"}, "url.search": ""}, []
            yield {"asked-people.data": {"do": "reveal", "of": "head", "key": code, "purpose": "visit"}, "url.search": ""}, [code]
        for kind, key in keys:
            if kind == "building":
                yield {"asked-people.data": {"do": "list", "of": "building", "key": key}, "url.search": ""}, [key]
    else:
        pytest.fail(f"nobody thought of what to ask of {output}")


@pytest.mark.parametrize("scope", SCOPES)
async def test_callbacks_answer_within_rights(app: FastAPI, cities: str, scope: str) -> None:
    keys, known = list(twin_city.keys(cities, KEYS_IN)), callback_map(app)
    for onlooker in onlookers(scope):
        for output, callback in known.items():
            if of_callbacks.right_of(output) != "browser":
                for values, echoes in questions(output, onlooker, keys):
                    await _ask_callback(app, onlooker, output, callback, values, echoes)


async def _ask_callback(
    app: FastAPI, onlooker: Onlooker, output: str, callback: dict[str, Any], values: dict[str, Any], echoes: list[str]
) -> None:
    def given(parts: list[dict[str, str]]) -> list[dict[str, Any]]:
        named = [(part["id"], part["property"]) for part in parts]
        return [{"id": id_, "property": name, "value": values.get(f"{id_}.{name}")} for id_, name in named]

    filled = [dict(zip(("id", "property"), one.rsplit(".", 1), strict=True)) for one in output.strip(".").split("...")]
    body = {
        "output": output,
        "outputs": filled if output.startswith("..") else filled[0],
        "inputs": given(callback["inputs"]),
        "state": given(callback["state"]),
        "changedPropIds": [next(iter(values))],
    }
    answer = await onlooker.ask(app, "POST", "/_dash-update-component", json=body)
    told = (onlooker.name, values, answer.status_code, answer.text[:300])
    if onlooker.role in DEVICES:
        assert answer.status_code == 403, told
        return
    assert answer.status_code in (200, 204), told
    text = read(answer)
    outside = "url.search" in values and echoes and echoes[0] in PARENT and echoes[0] not in onlooker.compared
    if outside and output.startswith("..panel"):
        assert "The rights of" in text, told
    if of_callbacks.right_of(output) == "people" and onlooker.detail != "people":
        assert "Qp" not in without(text, echoes), told
    assert not onlooker.leaked(without(text, echoes)), (told, onlooker.leaked(without(text, echoes)))
