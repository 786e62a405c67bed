"""Which parameters an address may have: without one that nothing reads, the answer would be to something else than was asked."""

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from data.core.errors import RepeatedParameter, UnknownName, UnknownParameter
from data.core.i18n import languages
from data.core.nearest import find_nearest_word

_CACHING = ("v", "r")
_MAP = ("within", "map", "dim", "measure")
_DESK = ("queue", "area", "state", "stage", "severity", "category", "unit", "source", "q", "sort", "case", "city", "new", "theme")
_BEHIND = ("from", "to", "due_from", "due_to", "closed_from", "closed_to", "assignee", "with_unit", "with_assignee")
_COUNTED = ("indicator", "part", "weekday", "hour", "only_day", "due_within")
_FIGURES = ("view", "area", "unit", "department", "category", "source", "person", "period", "from", "to", "against", "indicator")
READ_BY_HAND = {
    **dict.fromkeys(("/tiles/{layer}/{z}/{x}/{y}.mvt", "/shapes/{area}/{level}.json", "/incidents/{area}.json"), _CACHING),
    **dict.fromkeys(("/facilities/{area}.json", "/places/{area}.json"), _CACHING),
    "/audit": ("since", "until", "account", "action", "person", "before"),
    "/imports": ("before",),
    "/desk": (*_DESK, *_MAP, *_BEHIND, *_COUNTED),
    "/desk/figures": (*_FIGURES, "level", "step", "measure", "sort", "soon", "theme"),
    "/wall": ("area", "layout", "wall_m", "view_m", "wall", "city", "screen", "scenes", "preview", "id"),
    "/report": ("area", "kind", "period", "beside", "theme", "before"),
    "/report/{report}": ("theme",),
    "/desk/rules": ("tab", "city", "year", "old", "theme"),
    "/hub": ("city", "day", "cell", "feed", "view", "theme"),
    "/imports/{number:id}": ("reason", "after"),
    "/report/schedules": ("page",),
    "/report/schedules/{number:id}": ("before", "run", "page"),
    "/wall/remote": ("wall", "city"),
    "/wall/screens": ("city",),
    "/wall/scenes": ("wall", "city"),
}
"""Parameters that a route reads from the request itself, by the path that it declares. Every route reads ``lang``."""

UNCHECKED = ("/_", "/assets", "/signin", "/signout", "/first", "/reset", "/healthz", "/openapi.json")
"""Beginnings of paths at which nothing is selected, or others add parameters: Dash's own, the sign-in with its provider, load balancers."""
PAGE = ("/", "/{path:path}", "/api/{rest:path}")
"""The map page, which says on the page what it did not understand, and addresses that do not exist."""


def is_checked(path: str) -> bool:
    """Whether the parameters of a route are checked, by the path that it declares."""
    return path not in PAGE and not path.startswith(UNCHECKED)


async def refuse_unread(request: Request) -> None:
    """Refuse parameters that the route does not read; this is a dependency of the whole app.

    Raises:
        UnknownParameter: one that the route does not know.
        RepeatedParameter: several values for one that takes a single value.
        UnknownName: a language that does not exist.
    """
    route = request.scope["route"]
    if not request.scope["query_string"] or not isinstance(route, APIRoute) or not is_checked(route.path):
        return
    declared = _declared(route.dependant)
    known = [*declared, *READ_BY_HAND.get(route.path, ()), "lang"]
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in known:
            told = ", ".join(dict.fromkeys(known))
            raise UnknownParameter(name=name[:60], nearest=find_nearest_word(name, known), known=told)
        if names.count(name) > 1 and not declared.get(name, False):
            raise RepeatedParameter(name=name)
    lang = request.query_params.get("lang")
    if lang and lang not in languages():
        raise UnknownName.among("lang", lang, languages())


def _declared(dependant: Dependant) -> dict[str, bool]:
    """The parameters that a route declares, and whether each may be given several times."""
    own = {parameter.alias: str(parameter.field_info.annotation).startswith("list") for parameter in dependant.query_params}
    return {**own, **{name: many for part in dependant.dependencies for name, many in _declared(part).items()}}
