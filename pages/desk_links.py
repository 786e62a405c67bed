"""Links from the map's page to the desk, with the same area and in the same language."""

from urllib.parse import urlencode

from data.core.viewer import Viewer
from pages import html
from pages.html import Children
from pages.scene import Scene

DESK = "/desk"


def may_open_desk(viewer: Viewer) -> bool:
    """Whether the desk is open to a viewer: to whoever may see single cases, but not to a display on a wall."""
    return viewer.detail in ("cases", "people") and viewer.may("password")


def desk_address(scene: Scene, area: str | None = None, **more: str) -> str:
    """Address of the desk for an area; ``None`` is the one on the map. ``more``: further parameters, such as ``state`` or ``case``."""
    given = {"area": area or scene.report["code"], **more, **({"lang": scene.view.lang} if scene.view.lang else {})}
    return f"{DESK}?{urlencode(given)}"


def figures_address(scene: Scene) -> str:
    """Address of the page of figures for the area on the map."""
    given = {"area": scene.report["code"], **({"lang": scene.view.lang} if scene.view.lang else {})}
    return f"{DESK}/figures?{urlencode(given)}"


def reports_address(scene: Scene) -> str:
    """Address of the page on which a report of the area on the map is chosen."""
    given = {"area": scene.report["code"], **({"lang": scene.view.lang} if scene.view.lang else {})}
    return f"/report?{urlencode(given)}"


def filters_of(scene: Scene) -> dict[str, str]:
    """The map's filters as parameters of the desk's address. The figures of the panel count every severity, so it is not among them."""
    view = scene.view
    named = {"category": view.categories, "source": view.channels, "state": view.states}
    return {name: ",".join(map(str, values)) for name, values in named.items() if values}


def desk_link(scene: Scene, children: Children, label: str, **more: str) -> html.A | html.Span:
    """A link to the cases of the area on the map, with the map's filters; plain text for viewers who may not see them singly."""
    if not (scene.report["seen"]["cases"] and may_open_desk(scene.viewer)):
        return html.Span(children)
    return html.A(children, href=desk_address(scene, **{**filters_of(scene), **more}), target="_self", title=label, className="to-desk")
