"""What the map fetches besides tiles, ready for JSON: polygons of areas, cases, facilities, and names of waters."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import shapely
from sqlalchemy import RowMapping
from typing_extensions import TypedDict

from data.core.errors import BadInput, UnknownName
from data.core.period import DEFAULT_DAYS, Period
from data.core.text import could_be_code
from data.core.timezones import iso
from data.core.viewer import Viewer
from data.database.transactions import Ask, open_snapshot
from data.figures.levels import levels_below
from data.figures.questions import check_filters
from data.figures.scope import FiguresOnly, explain_missing_area, may_see_cases
from data.geo.water_names import place_water_names
from data.queries import outlines as queries
from data.queries.areas import facilities_by_kind
from data.queries.case_circles import EVERY_OPEN, OpenFilters, cases_by_areas
from data.queries.families.area_figures import levels_with_sums
from data.queries.figures import Counting, Filters, incident_total, unplaced_total
from data.schema import LEVELS, area_code

MOST_CASES = 2_000
MOST_LOCATED = 300_000
"""With more cases, circles are placed at the labels of areas. The middle of the cases themselves would take too long to compute."""
MOST_FACILITIES = 4_000
MOST_CORNERS = 40_000
"""With more vertices than this, polygons are simplified; neighbours keep their common border."""
DECIMALS = 6
SHAPE_LEVELS = (*LEVELS, "zone", "self")

SUBJECTS = {"polygons": ("areas",), "cases": ("incidents", "areas"), "facilities": ("facilities",), "water_names": ("base",)}
"""The subjects of each answer; its version is the newest of theirs. Cases depend on areas because they contain the names of cell and
community.
"""


class Outline(TypedDict):
    """An area with its polygon.

    ``polygons`` holds, for each part, its rings of [lon, lat]; ``at`` is the label's [lon, lat], two nulls where it has none;
    ``drill`` is the code that a click inside opens.
    """

    code: str
    name: str
    name_en: str
    level: str
    origin: str
    path: str
    at: list[float | None]
    drill: str
    polygons: list[list[list[list[float]]]]


class Outlines(TypedDict):
    """Areas of one level."""

    areas: list[Outline]


class MapPoint(TypedDict):
    """An object at a point, in degrees."""

    lon: float
    lat: float


class CaseCircle(MapPoint):
    """Cases counted together, at their middle."""

    n: int
    overdue: int


class CasePoint(MapPoint):
    """A single case. Times are ISO 8601 in the city's time zone; ``cell`` and ``community`` are names.

    ``reported_is_day`` and ``due_is_day``: only the day is known; a day as deadline ends with its last microsecond.
    """

    key: str
    category: str
    channel: str
    reported_at: str | None
    due_at: str | None
    reported_is_day: bool
    due_is_day: bool
    state: str
    cell: str | None
    cell_en: str | None
    community: str | None
    community_en: str | None


class Cases(TypedDict):
    """Open cases, or all of a period, as ``CasePoint`` or as ``CaseCircle``; see ``fetch_cases``.

    ``total`` is how many the rows hold, ``left_out`` how many more the area counts that have a place: those of a zone that stand in cells
    whose cases the viewer may not see one by one.
    """

    kind: Literal["points", "clusters"]
    total: int
    left_out: int
    as_of: str
    live: bool
    singly: bool
    rows: list[CasePoint] | list[CaseCircle]


class FacilityPoint(MapPoint):
    """A facility with the names and the symbol of its kind."""

    key: str
    name: str
    kind: str
    kind_en: str
    symbol: str


class Facilities(TypedDict):
    """Facilities of an area: ``cut`` says whether some are not shown, ``left_out`` how many."""

    rows: list[FacilityPoint]
    cut: bool
    left_out: int


class WaterNames(TypedDict):
    """Where names of rivers and lakes lie: text, lon, lat, angle and width_m of each."""

    rows: list[dict[str, Any]]


Body = TypeVar("Body", bound=Mapping[str, object], covariant=True)


@dataclass(frozen=True, slots=True)
class MapAnswer(Generic[Body]):
    """An answer, and the version of its data, read in the same snapshot; ``None`` where the answer changes with the clock."""

    body: Body
    version: int | None


def choose_version(answer: str, versions: Mapping[str, int]) -> int:
    """The version of one of ``SUBJECTS``, from versions by subject."""
    return max(versions[subject] for subject in SUBJECTS[answer])


async def _fetch_area(code: str, ask: Ask, viewer: Viewer, named: bool = False) -> RowMapping:
    """The area; with ``named`` also an area of which the viewer may see only the name."""
    rows = await ask(queries.area_state(), {"code": code}) if could_be_code(code) else []
    if not rows or not (named or rows[0]["figures_seen"]):
        raise await explain_missing_area(ask, code, viewer)
    return rows[0]


async def fetch_polygons(code: str, level: str, viewer: Viewer) -> MapAnswer[Outlines]:
    """The areas of one level inside an area; ``self`` is the area itself.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: no level has this name.
    """
    if level not in SHAPE_LEVELS:
        raise UnknownName.among("level", level, SHAPE_LEVELS)
    async with open_snapshot(viewer) as ask:
        own = await _fetch_area(code, ask, viewer)
        rows = await ask(queries.polygons(own["level"], level), {"code": code, "path": own["path"]})
    shapes = await asyncio.to_thread(_assemble_shapes, rows, f"{own['path']}.")
    return MapAnswer({"areas": shapes}, choose_version("polygons", own["versions"]))


def _assemble_shapes(rows: Sequence[RowMapping], within: str) -> list[Outline]:
    drawn = _simplify(shapely.from_wkb([bytes(row["wkb"]) for row in rows]))
    named = ("code", "name", "name_en", "level", "origin", "path", "at")
    return [
        {**{key: row[key] for key in named}, "drill": _drill(row, within), "polygons": _rings(shape)}  # type: ignore[typeddict-item]
        for row, shape in zip(rows, drawn, strict=True)
    ]


def _drill(row: RowMapping, within: str) -> str:
    """The code of the area directly below the shown one that contains the row's area; the row's own code where it lies elsewhere."""
    path: str = row["path"]
    return area_code(path[len(within) :].partition(".")[0]) if path.startswith(within) else str(row["code"])


def _simplify(shapes: Any) -> Any:
    """Simplify until the number of vertices is within the limit; neighbours keep their common borders."""
    corners = int(shapely.get_num_coordinates(shapes).sum())
    if corners <= MOST_CORNERS:
        return shapes
    west, south, east, north = shapely.total_bounds(shapes)
    tolerance_deg = max(east - west, north - south) / 8_000
    while corners > MOST_CORNERS and tolerance_deg < 0.01:
        shapes = shapely.coverage_simplify(shapes, tolerance_deg)
        corners, tolerance_deg = int(shapely.get_num_coordinates(shapes).sum()), tolerance_deg * 2
    return shapes


def _rings(shape: Any) -> list[list[list[list[float]]]]:
    parts = [part for part in shapely.get_parts(shape) if not part.is_empty]
    return [[_ring(part.exterior), *(_ring(hole) for hole in part.interiors)] for part in parts]


def _ring(ring: Any) -> list[list[float]]:
    rounded: list[list[float]] = shapely.get_coordinates(ring).round(DECIMALS).tolist()
    return rounded


async def fetch_cases(
    code: str, period: Period | None, filters: Filters, closed: bool, viewer: Viewer, only: OpenFilters = EVERY_OPEN
) -> MapAnswer[Cases]:
    """Open cases as they stand, or with ``closed`` all that were reported in the period.

    One by one; or counted in cells, where there are more than 2,000, or where the viewer may not see single ones.

    Returns:
        Urgent cases first, or the largest circles first. ``live`` says whether deadline states change with the clock, ``singly`` whether
        the viewer may see single cases here.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: see ``data.figures.questions.check_filters``.
        BadInput: deadline states of cases that are not all open.
        FiguresOnly: severities where the viewer sees no single cases: roll-ups do not know them.
    """
    if closed and only.states:
        raise BadInput(field="deadline", value=",".join(only.states), reason="only open cases have a deadline state")
    async with open_snapshot(viewer) as ask:
        own = await _fetch_area(code, ask, viewer)
        await check_filters(ask, own["city"], filters)
        timezone, form = own["timezone"], filters.form
        singly = own["cases_seen"] and may_see_cases(viewer)
        if only.severities and not singly:
            raise FiguresOnly(who=viewer.shown)
        counting = Counting(period or Period.last_days(DEFAULT_DAYS, own["today"]), filters, own["city"], own["day"])
        values = {**counting.values(), **only.values(), **{name: own[name] for name in ("no", "code", "path", "timezone")}}
        # The number comes from the roll-up, so that thousands of cases are not read only to be counted.
        by_state = bool(only.states)
        counted: int = (await ask(incident_total(own["level"] in levels_with_sums(form), form, closed, by_state), values))[0]["n"]
        counted -= (await ask(unplaced_total(form, closed, by_state), values))[0]["n"]
        few, rows = await _fetch_rows(ask, own, _Wanted(form, closed, only), values, counted, singly)
    total = len(rows) if few else sum(row["n"] for row in rows)
    body: Cases = {
        "kind": "points" if few else "clusters",
        "total": total,
        "left_out": 0 if only.severities else max(counted - total, 0),
        "as_of": iso(own["as_of"], timezone),
        "live": own["live"],
        "singly": singly,
        "rows": [_case(row, timezone) for row in rows] if few else [_circle(row) for row in rows],
    }
    return MapAnswer(body, None if own["live"] else choose_version("cases", own["versions"]))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which cases: the form of the filters, whether closed ones too, and which of the open ones."""

    form: tuple[bool, bool]
    closed: bool
    only: OpenFilters


async def _fetch_rows(
    ask: Ask, own: RowMapping, wanted: _Wanted, values: Mapping[str, Any], counted: int, singly: bool
) -> tuple[bool, Sequence[RowMapping]]:
    """Whether the rows are single cases, and the rows.

    Args:
        ask: asks the database.
        own: the area.
        wanted: which cases.
        values: values of the statements' parameters.
        counted: how many cases the area has by its roll-up, of whatever severity.
        singly: whether the viewer may see single cases here.
    """
    level, form, closed, only = own["level"], wanted.form, wanted.closed, wanted.only.form
    located = counted <= MOST_LOCATED or bool(wanted.only.severities)  # no roll-up knows how many have a severity
    if singly and (counted <= MOST_CASES or wanted.only.severities):
        rows = await ask(queries.cases(level, form, closed, MOST_CASES + 1, only), values)
        if len(rows) <= MOST_CASES:  # whose own cells tell more than a zone may has more of them than the zone's figure
            return True, rows
    if singly and located:
        return False, await ask(queries.case_clusters(level, form, closed, only), values)
    among = _level_to_count(own, form) if counted > MOST_LOCATED else None
    return False, await ask(cases_by_areas(level, among, form, closed, only[0]), values)


def _level_to_count(own: RowMapping, form: tuple[bool, bool]) -> str | None:
    """The finest level inside an area whose areas hold the sums for these filters.

    Below it, roll-ups have as many rows as there are cases.
    """
    summed = [level for level in levels_below(own["level"], own["level_names"]) if level in levels_with_sums(form)]
    return summed[-1] if summed else None


def _case(row: RowMapping, timezone: str) -> CasePoint:
    """A case with its moments in the city's time zone."""
    moments = {name: iso(row[name], timezone) if row[name] else None for name in ("reported_at", "due_at")}
    return {**_with_place(row), **moments}  # type: ignore[typeddict-item]


def _circle(row: RowMapping) -> CaseCircle:
    return {"n": row["n"], "overdue": row["overdue"], "lon": float(row["lon"]), "lat": float(row["lat"])}


def _with_place(row: RowMapping) -> dict[str, Any]:
    """A row with its place as plain numbers and its columns as plain strings."""
    return {**{str(key): value for key, value in row.items()}, "lon": float(row["lon"]), "lat": float(row["lat"])}


async def fetch_facilities(code: str, viewer: Viewer) -> MapAnswer[Facilities]:
    """Facilities in an area, at most 4,000.

    Rare kinds come first. Where there are more, some facilities of common kinds are left out, and rare kinds are complete: see
    ``queries.facilities``.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await _fetch_area(code, ask, viewer)
        place = {"code": code, "path": own["path"]}
        rows = await ask(queries.facilities(own["level"], MOST_FACILITIES), place)
        total = rows[0]["total"] if rows else 0
        if own["level"] == "zone":  # some may stand in cells of which the viewer sees no row
            total = sum(row["n"] for row in await ask(facilities_by_kind("zone"), place))
    named = ("key", "name", "kind", "kind_en", "symbol")
    shown: list[FacilityPoint] = [
        {**{name: row[name] for name in named}, "lon": float(row["lon"]), "lat": float(row["lat"])}  # type: ignore[typeddict-item]
        for row in rows
    ]
    left_out = total - len(rows)
    return MapAnswer({"rows": shown, "cut": left_out > 0, "left_out": left_out}, choose_version("facilities", own["versions"]))


async def fetch_water_names(code: str, viewer: Viewer) -> MapAnswer[WaterNames]:
    """Where names of rivers and lakes of an area's city lie: everybody may see the base map.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
    """
    async with open_snapshot(viewer) as ask:
        own = await _fetch_area(code, ask, viewer, named=True)
        rows = await ask(queries.named_waters(own["city"]))
    pairs = [(str(row["name"]), bytes(row["wkb"])) for row in rows]
    return MapAnswer({"rows": await asyncio.to_thread(place_water_names, pairs)}, choose_version("water_names", own["versions"]))
