"""What a wall may read for its panels: hours and a ticker need single cases, which a display may not see."""

from dataclasses import replace

from data.core.viewer import Viewer


def read_for_wall(viewer: Viewer) -> Viewer:
    """The viewer for the statements of a wall's figures.

    A display sees figures. The hours of cases, the newest ones without their texts, and overdue ones by cell are figures of its own area,
    but only whoever may see single cases can read them. So they are read with that detail, inside the display's own area; what leaves the
    server is only what ``data.wall.types`` names. Cases of sensitive categories need the register, and are never among them. Everybody
    else reads with their own rights.
    """
    return replace(viewer, detail="cases") if viewer.role == "wall" and viewer.detail == "figures" else viewer
