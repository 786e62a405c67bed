"""What a wall shows while its picture is taken: one scene of its tour, by day or by night, which stands still."""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

SIZES = ((1920, 1080), (3840, 2160), (3840, 1080), (7680, 2160), (1080, 1920))
"""Every size that a wall has a layout for, in pixels."""
LANGUAGES = ("zh", "en")
IS_SHOWN = "/\\d/.test(document.querySelector('[data-figure=open] .wall-value span')?.textContent)"
IS_WHOLE = (
    f"{IS_SHOWN}"
    " && document.querySelector('#legend .ticks, #legend[hidden], [data-unnamed] #legend') !== null && window.gridwell?.map?.idle === true"
)
"""Figures and legend are there, and the map has drawn all of it."""
Hours = Literal["day", "night"]
SCENES: tuple[Hours, ...] = ("day", "night")


class Look(NamedTuple):
    """What is looked at: a place in the tour, the hour whose brightness it has, and the measure that colours the map."""

    scene: int
    hour: int
    measure: str


LOOKS: dict[Hours, Look] = {"day": Look(0, 12, ""), "night": Look(1, 2, "overdue")}
"""By day the whole city as its wall has it; by night the next scene of the tour, coloured by what is late."""


def stand_still(tour: dict[str, Any], look: Look) -> dict[str, Any]:
    """The tour with one scene alone, in the brightness of an hour; nothing breaks in, and neither camera nor picture moves."""
    chosen = tour["scenes"][look.scene % len(tour["scenes"])]
    camera = {**chosen["camera"], "orbit_deg_per_s": 0}
    scene = {**chosen, "playlist": "day", "camera": camera, "measure": look.measure or chosen["measure"]}
    still = {"scenes": [scene], "plan": [{**tour["plan"][0], "playlist": "day"}], "turns": [], "hold": None}
    return {**tour, **still, "brightness": [tour["brightness"][look.hour]] * 24, "pixel_shift": {"px": 0, "every_s": 60}}


def hold(page: "Page", look: Look) -> None:
    """Let the page's wall follow that tour from the first question on."""

    def answer(route: "Route") -> None:
        told = route.fetch()
        route.fulfill(response=told, json=stand_still(told.json(), look))

    page.route("**/api/wall/tour?*", answer)
