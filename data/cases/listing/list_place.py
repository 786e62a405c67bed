"""Where the cases of a list are: the area that is listed, and what the viewer's own cases are."""

from dataclasses import replace

from sqlalchemy import RowMapping

from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.database.transactions import Ask
from data.figures.scope import choose_start, explain_missing_area, explain_missing_object
from data.queries import areas, outlines
from data.queries.case_filters import CaseFilters, Place, cells_near
from data.queries.units import units_of_account

MOST_CELLS = 500
"""Of a box that touches more areas than this, cases are not sought by their cells: it holds many of all cases."""


async def fetch_place(ask: Ask, code: str | None, viewer: Viewer, anywhere: bool) -> RowMapping:
    """The row of the area whose cases are listed: the requested one, or the viewer's own where that lies inside it.

    Args:
        ask: of the snapshot.
        code: of the requested area; ``None``: the one that the viewer starts with.
        viewer: who asks.
        anywhere: of cases that are the viewer's own in another way than by where they are, it may be any area, and is the whole city unless
            one is requested.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    requested = code is not None
    if code is None:
        code = choose_start(await ask(areas.cities()), viewer)
    rows = await ask(outlines.area_state(), {"code": code}) if could_be_code(code) else []
    if rows and anywhere and not requested:
        rows = await ask(outlines.area_state(), {"code": rows[0]["city"]})
    if rows and (anywhere or rows[0]["cases_seen"]):
        return rows[0]
    if rows and not viewer.everywhere and _holds(rows[0], viewer):
        own = await ask(outlines.area_state(), {"code": viewer.scope_code})
        if own and own[0]["cases_seen"]:
            return own[0]
    raise await (explain_missing_object(ask, "area", code, viewer) if rows else explain_missing_area(ask, code, viewer))


def _holds(area: RowMapping, viewer: Viewer) -> bool:
    """Whether the viewer's scope lies inside an area of the tree."""
    return bool(area["level"] != "zone" and f"{viewer.scope}.".startswith(f"{area['path']}."))


async def keep_units(ask: Ask, filters: CaseFilters, viewer: Viewer, city: str) -> CaseFilters:
    """The filters, with those that keep cases of units of which the viewer is a member."""
    units = [row["unit"] for row in await ask(units_of_account(city, viewer.name))]
    return replace(filters, own_units=True, units=tuple(sorted(set(units) & set(filters.units or units))) or ("",))


async def fetch_cells(ask: Ask, filters: CaseFilters, place: Place) -> tuple[str, ...] | None:
    """Codes of the leaves that the box and the polygon of the filters may touch; ``None``: they are more than ``MOST_CELLS``."""
    found = await ask(cells_near(filters, place, MOST_CELLS + 1))
    return None if len(found) > MOST_CELLS else tuple(row["code"] for row in found)
