"""Which right each callback takes, by its output. One that is not in the table is answered to nobody, and fails the tests."""

from collections.abc import Mapping
from typing import Literal

from pages import ids

Right = Literal["area", "people", "browser"]
"""``area``: whoever is signed in, for areas that their rights reach, in their detail. ``people``: who may look into the register.
``browser``: the browser answers by itself, and nothing is asked of the server."""

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
"""By the first output."""


def right_of(output: str) -> Right | None:
    """The right of a callback by Dash's name for what it fills, ``..first.part...second.part..`` where that is several."""
    return RIGHTS.get(output.strip(".").split("...")[0])


def undeclared(known: Mapping[str, object]) -> list[str]:
    """Callbacks of Dash's map that declare no right."""
    return [output for output in known if right_of(output) is None]
