"""Who must act: open cases beyond their deadline by unit and person, and those that are due soon."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import RowMapping

from data.accounts.shown_names import fetch_shown_names
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.reports import name_area
from data.figures.scope import FiguresOnly, explain_missing_object, may_see_cases
from data.figures.types import VERSION
from data.indicators.links import link_cases
from data.indicators.questions import NotAboutOthers, Scene, set_scene
from data.indicators.types import Waiting, WaitingAnswer
from data.queries.case_filters import RUNNING, CaseFilters
from data.queries.indicators import overdue_by_person
from data.queries.units import units_of

SOON_H = 24
"""A deadline that comes within so many hours is soon, unless somebody asks otherwise."""
Key = tuple[str | None, str | None, bool]
"""A unit, a person, and whether the line is that of the whole unit."""


async def fetch_waiting(area: str | None, filters: CaseFilters, viewer: Viewer, soon_h: int = SOON_H) -> WaitingAnswer:
    """Open cases beyond their deadline as it stands, by unit and person, the oldest first; then who has only cases that are due soon.

    Who may not see figures about others gets units, and the own cases.

    Args:
        area: code of the area; ``None``: the one that the viewer starts with.
        filters: categories, channels, units and assignees.
        viewer: who asks.
        soon_h: a deadline that comes within so many hours is soon; paused cases are left out.

    Raises:
        FiguresOnly: the viewer may see no single case.
        UnknownArea, OutOfScope, Nowhere, UnknownName: see ``data.indicators.questions.set_scene``.
        NotAboutOthers: the filters name somebody else, and the viewer is neither supervisor nor leader.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    if not viewer.may("person_figures") and not set(filters.assignees) <= {viewer.name}:
        raise NotAboutOthers()
    async with open_snapshot(viewer) as ask:
        scene = await set_scene(ask, area, None, filters, viewer)
        if not scene.sees_cases:
            raise await explain_missing_object(ask, "area", scene.own["code"], viewer)
        late = await _count(ask, scene, replace(filters, states=("overdue",)), viewer)
        soon = await _count(ask, scene, replace(filters, states=RUNNING, due_within=soon_h, moment=scene.own["city_as_of"]), viewer)
        units = {row["code"]: row for row in await ask(units_of(scene.own["city_code"]))}
        names = await fetch_shown_names(ask, (key[1] for key in (*late, *soon)))
    by_person = viewer.may("person_figures")
    counted = [row for key, row in late.items() if by_person or key[2]], [row for key, row in soon.items() if by_person or key[2]]
    return {
        "version": VERSION,
        "area": name_area(scene.own),
        "as_of": iso(scene.own["city_as_of"], scene.own["city_timezone"]),
        "by_person": by_person,
        "overdue": sum(row["n"] for row in counted[0]),
        "soon_h": soon_h,
        "due_soon": sum(row["n"] for row in counted[1]),
        "waiting": [_tell(key, late.get(key), soon.get(key), units, names, filters, scene, soon_h) for key in _order(late, soon)],
    }


async def _count(ask: Ask, scene: Scene, filters: CaseFilters, viewer: Viewer) -> dict[Key, RowMapping]:
    """Cases by unit and person, the earliest deadline first; for who may not see others: by unit, and then the own ones."""
    by_person = viewer.may("person_figures")
    found = {(row["unit"], row["assignee"], not by_person): row for row in await ask(overdue_by_person(filters, scene.place, by_person))}
    if not by_person:
        own = replace(filters, assignees=(viewer.name,))
        found |= {(row["unit"], row["assignee"], False): row for row in await ask(overdue_by_person(own, scene.place, by_person=True))}
    return found


def _order(late: Mapping[Key, RowMapping], soon: Mapping[Key, RowMapping]) -> Sequence[Key]:
    """Who has overdue cases, the oldest first; then the others. Lines of whole units come before those of a person."""
    keys = [*late, *(key for key in soon if key not in late)]
    return [key for of_unit in (True, False) for key in keys if key[2] == of_unit]


def _tell(
    key: Key,
    late: RowMapping | None,
    soon: RowMapping | None,
    units: Mapping[str, RowMapping],
    names: Mapping[str, str],
    filters: CaseFilters,
    scene: Scene,
    soon_h: int,
) -> Waiting:
    unit = units.get(key[0] or "")
    return {
        "unit": key[0],
        "unit_name": unit["name"] if unit else None,
        "unit_name_en": unit["name_en"] if unit else None,
        "unit_head": unit["head"] if unit else None,
        "unit_head_en": unit["head_en"] if unit else None,
        "person": key[1],
        "person_shown": names.get(key[1] or "", key[1]),
        "overdue": late["n"] if late else 0,
        "oldest_due": iso(late["oldest_due"], scene.own["city_timezone"]) if late else None,
        "oldest_case": late["oldest"] if late else None,
        "cases": _link(key, filters, scene, {"state": ("overdue",)}),
        "due_soon": soon["n"] if soon else 0,
        "due_soon_cases": _link(key, filters, scene, {"state": RUNNING, "due_within": (str(soon_h),)}),
    }


def _link(key: Key, filters: CaseFilters, scene: Scene, which: Mapping[str, Sequence[str]]) -> str:
    """The list of a line's cases; lines of a whole unit hold everybody's."""
    unit, person, of_unit = key
    given = {"category": filters.categories, "channel": filters.channels, "unit": (unit,), "assignee": (person,)}
    params: dict[str, Sequence[str]] = {"area": (scene.own["code"],), **which}
    params |= {name: [value for value in values if value] for name, values in given.items() if any(values)}
    if unit is None:
        params["with_unit"] = ("false",)
    if person is None and not of_unit:
        params["with_assignee"] = ("false",)
    return link_cases(params)
