"""The viewer's menu: who is signed in, with which role and rights, and links to the viewer's own pages."""

from data.core.i18n import t
from data.core.viewer import Lang, Viewer
from data.figures.types import AreaName, Seen
from layers.style.wording import local_name
from pages import html
from pages.components import menu
from pages.desk_links import DESK, may_open_desk
from pages.html import Child, Children
from pages.hub_link import HUB, may_open_hub
from pages.wall_links import list_wall_pages

ROLE_TITLES = {
    "wall": "Wall display",
    "hazard_feed": "Feed of hazard notices",
    "data_feed": "Feed of a department's data",
    "grid_worker": "Grid worker (role)",
    "supervisor": "Supervisor",
    "dispatcher": "Dispatcher",
    "leader": "Leader",
    "steward": "Data steward",
    "auditor": "Auditor",
    "administrator": "Administrator",
}
DETAIL_TITLES = {"figures": "Figures only", "cases": "Single cases", "people": "The register, masked"}


def viewer_menu(viewer: Viewer, seen: Seen | None, switches: Children, notes: list[str]) -> html.Details:
    """The menu that the person's mark in the bar opens.

    Args:
        viewer: who is signed in.
        seen: what they may see; ``None`` if it is not known.
        switches: language and theme; they are here because the bar has no room for them on a phone.
        notes: the city's notes on its data.
    """
    lang, who = viewer.lang, viewer.shown
    role = t(lang, ROLE_TITLES[viewer.role]) if viewer.role in ROLE_TITLES else t(lang, "signed in")
    items = [
        html.Div([html.B(who), html.Span(role, className="sub")], className="menu-person"),
        *(_reach(viewer, seen) if seen else []),
        html.Div(switches, className="menu-tools"),
        *(html.A(text, href=to, target="_self", className="choice outside") for text, to in _own_pages(viewer)),
        html.A(t(lang, "API"), href="/docs", target="_blank", className="choice outside"),
        *([html.A(t(lang, "Sign out"), href="/signout", target="_self", className="choice outside")] if viewer.may("password") else []),
        *(html.Div(note, className="menu-note") for note in notes if note),
    ]
    return menu("person", html.Span(who[:1].upper(), className="avatar"), items, t(lang, "{name}, {role}", name=who, role=role))


def _own_pages(viewer: Viewer) -> list[tuple[str, str]]:
    lang = viewer.lang
    found = [(t(lang, "Cases (desk)"), DESK)] if may_open_desk(viewer) else []
    found += [(t(lang, "Data hub"), HUB)] if may_open_hub(viewer) else []
    found += [(t(lang, title), address) for address, title in list_wall_pages(viewer)]
    if viewer.may("password"):
        found.append((t(lang, "Your account"), "/account"))
    if viewer.may("accounts"):
        found.append((t(lang, "Accounts"), "/accounts"))
    if viewer.may("imports"):
        found.append((t(lang, "Imports"), "/imports"))
    if viewer.may("audit"):
        found.append((t(lang, "Audit log"), "/audit"))
    return found


def _reach(viewer: Viewer, seen: Seen) -> list[Child]:
    lang, scope, figures = viewer.lang, seen["scope"], seen["figures"]
    facts = [(t(lang, "Area of work"), area_name(scope, lang)), (t(lang, "Detail"), t(lang, DETAIL_TITLES[seen["detail"]]))]
    if figures != scope:
        facts.insert(1, (t(lang, "Figures seen"), area_name(figures, lang)))
    listed = html.Dl([html.Div([html.Dt(label), html.Dd(value)]) for label, value in facts], className="reach")
    outside = t(lang, "Anything outside it is not shown. An administrator can give you another area.")
    return [listed, *([html.Div(outside, className="menu-note")] if figures else [])]


def area_name(area: AreaName | None, lang: Lang) -> str:
    """Name of the area to which a right is limited; ``None`` means all areas."""
    return local_name(area, lang) if area else t(lang, "All areas")


def why_counted(seen: Seen, lang: Lang) -> str:
    """Why the map shows counts of cases instead of single cases; empty if it shows single ones."""
    if seen["cases"]:
        return ""
    if seen["detail"] == "figures":
        return t(lang, "This account sees figures only: cases are counted by cell, none is shown singly.")
    return t(lang, "Single cases are shown inside {scope} only; here they are counted by cell.", scope=area_name(seen["scope"], lang))
