"""The limits of a viewer's rights: the area with which a viewer starts, and the error for requests outside the rights.

PostgreSQL decides what may be seen; the functions here only explain it. An area outside the rights gives the same error as one that
does not exist: nobody learns from a refusal which codes exist.
"""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from data.core.errors import GridwellError, NoData, UnknownArea, UnknownObject
from data.core.roles import EVERYWHERE
from data.core.settings import settings
from data.core.viewer import Viewer
from data.database.transactions import Ask
from data.queries import scope as queries
from data.schema import area_code


class OutOfScope(GridwellError):
    status, code = 403, "out_of_scope"
    sentence = "The rights of {who} are limited to {scope}: it contains no “{asked}” that this account may see."


class FiguresOnly(GridwellError):
    status, code = 403, "figures_only"
    sentence = "{who} may see figures, but no single case: cases are shown as counts by cell."


class Nowhere(GridwellError):
    status, code = 403, "nowhere"
    sentence = "The area that was given to {who} does not exist any more. Ask an administrator for another one."


def may_see_cases(viewer: Viewer) -> bool:
    """Whether a viewer may see cases one by one, in scope."""
    return viewer.detail in ("cases", "people")


def choose_start(cities: Sequence[RowMapping], viewer: Viewer) -> str:
    """Code of the area that a viewer starts with: the viewer's own, or the default city for a viewer who may see everything.

    Raises:
        NoData, UnknownArea: see ``choose_default_city``.
    """
    return choose_default_city(cities, viewer) if viewer.everywhere else viewer.scope_code


def choose_default_city(cities: Sequence[RowMapping], viewer: Viewer) -> str:
    """Code of the city that is shown first: the one in the settings, else the newest real city, else the demo city.

    Raises:
        NoData: there is no city.
        UnknownArea: the settings name a city that does not exist.
        Nowhere: there is no city that the viewer may see.
    """
    known = [row["code"] for row in cities]
    if not known:
        raise NoData() if viewer.everywhere else Nowhere(who=viewer.shown)
    wanted = settings().city
    if wanted and wanted not in known and viewer.everywhere:
        raise UnknownArea(code=wanted)
    return str(wanted if wanted in known else known[0])


def scope_parameters(viewer: Viewer) -> dict[str, str]:
    """Parameters of statements: codes of the areas that a viewer's rights reach, for cases and for figures.

    A code that no area has means no limit.
    """
    top = viewer.figures.rpartition(".")[2]
    return {"scope_code": viewer.scope_code, "figures_code": top if top in ("", EVERYWHERE) else area_code(top)}


async def explain_missing_area(ask: Ask, code: str, viewer: Viewer) -> GridwellError:
    """The error for an area that the viewer may not see, or that does not exist."""
    if viewer.figures == EVERYWHERE:
        return UnknownArea(code=code[:60])
    return _explain_end(await ask(queries.area_names(), {"code": scope_parameters(viewer)["figures_code"]}), code, viewer)


async def explain_missing_object(ask: Ask, kind: str, key: str, viewer: Viewer) -> GridwellError:
    """The same for a single building, incident or facility."""
    if viewer.everywhere:
        return UnknownObject(kind=kind, key=key[:60])
    return _explain_end(await ask(queries.area_names(), {"code": viewer.scope_code}), key, viewer)


def _explain_end(ends: Sequence[RowMapping], asked: str, viewer: Viewer) -> GridwellError:
    if not ends:
        return Nowhere(who=viewer.shown)
    scope = (viewer.lang == "en" and ends[0]["name_en"]) or ends[0]["name"]
    return OutOfScope(who=viewer.shown, scope=scope, asked=asked[:60])
