"""Which right each callback needs, by its output. A callback that is not in the table answers nobody, and the tests fail."""

from collections.abc import Mapping
from typing import Literal

from pages import ids

Right = Literal["area", "people", "browser"]
"""``area``: everybody who is signed in, for the areas and details in their rights. ``people``: viewers who may see the register.
``browser``: the browser answers by itself, without a request to the server."""

RIGHTS: dict[str, Right] = {
    f"{ids.PANEL}.children": "area",
    f"{ids.GOAL}.data": "area",
    f"{ids.RESULTS}.children": "area",
    f"{ids.REGISTER}.children": "people",
    f"{ids.MAP}.data-shown": "browser",
    f"{ids.MAP}.data-moved": "browser",
    f"{ids.MAP}.data-goal": "browser",
    f"{ids.SOUGHT}.data": "browser",
}
"""The right of each callback, by its first output."""


def right_of(output: str) -> Right | None:
    """The right of a callback by Dash's name for its outputs; several outputs are written ``..first.part...second.part..``."""
    return RIGHTS.get(output.strip(".").split("...")[0])


def list_undeclared(known: Mapping[str, object]) -> list[str]:
    """Callbacks of Dash's map that declare no right."""
    return [output for output in known if right_of(output) is None]
