"""Links to the pages about walls, for those to whom they are open."""

from data.core.roles import Ability
from data.core.viewer import Viewer

WALL, REMOTE, SCREENS, SCENES = "/wall", "/wall/remote", "/wall/screens", "/wall/scenes"
NEEDED: dict[str, Ability] = {REMOTE: "steer_walls", SCREENS: "steer_walls", SCENES: "manage_walls"}
"""What an account needs for each page on which people look after walls."""
_TITLES = {WALL: "Wall", SCENES: "Scenes of walls", SCREENS: "Screens of walls", REMOTE: "Remote control of walls"}


def list_wall_pages(viewer: Viewer) -> list[tuple[str, str]]:
    """Address and title (a msgid) of each page about walls that is open to a viewer who looks after walls; nothing for others."""
    if not viewer.may("steer_walls"):
        return []
    return [(address, title) for address, title in _TITLES.items() if address == WALL or viewer.may(NEEDED[address])]
