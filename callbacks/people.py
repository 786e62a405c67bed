"""Answers questions to the register of people in its drawer on the page."""

from collections.abc import Mapping

from dash import Dash, Input, Output, State

from callbacks.current_viewer import ViewerOf, current_viewer
from data.core.errors import GridwellError, NotOpen, Passing
from data.core.viewer import Viewer
from data.people import register as people
from layers.view import View
from pages import ids
from pages import people_register as pages
from pages.html import Child

Question = Mapping[str, object]


async def answer_question(question: Question, viewer: Viewer) -> list[Child]:
    """The content of the drawer after a question; empty after ``close``.

    Args:
        question: ``do`` is list, find, reveal or close; ``of`` and ``key`` say whose data, ``text`` what to search for, ``purpose`` why.
        viewer: who asks.

    Raises:
        Passing: the register cannot answer just now; the page's script asks again.
    """
    try:
        return await _answer({name: str(value) for name, value in question.items()}, viewer)
    except Passing:
        raise
    except GridwellError as error:
        return pages.refusal(error, viewer.lang)


async def _answer(wanted: dict[str, str], viewer: Viewer) -> list[Child]:
    of, key = wanted.get("of", ""), wanted.get("key", "")
    match wanted.get("do"), of:
        case "find", _:
            return pages.people_list(await people.find_people(wanted.get("text", ""), viewer), viewer)
        case "list", "building":
            return pages.people_list(await people.people_of_building(key, viewer), viewer)
        case "list", "area":
            return pages.people_list(await people.people_of_cell(key, viewer), viewer)
        case "reveal", "person" | "reporter" | "head":
            reveal = {"person": people.reveal_person, "reporter": people.reveal_reporter, "head": people.reveal_head}[of]
            return pages.full_record(await reveal(key, wanted.get("purpose", ""), viewer), viewer.lang)
        case "close", _:
            return []
    raise NotOpen


def register(app: Dash, viewer_of: ViewerOf) -> None:
    """Register the callback."""

    async def answer(question: Question | None, address: str | None) -> list[Child]:
        return await answer_question(question or {"do": "close"}, current_viewer(viewer_of, View.parse(address)))

    app.callback(
        Output(ids.REGISTER, "children"),
        Input(ids.ASKED, "data"),
        State(ids.URL, "search"),
        prevent_initial_call=True,
    )(answer)
