"""Where a case stands: the cell of a point, or of a code, or why there is none. One judgement for reports and for moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.cases.refusals import Refusal, StepRefused
from data.core.settings import settings

PLACE_FIELDS = ("lon", "lat", "area")


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of a case.

    Attributes:
        grid, city, path, district: of the leaf area.
        lon, lat: degrees; ``None``: no place is known.
        method: ``within`` the cell, ``nearest`` to it, or ``unplaced``.
        at_label: only the cell is known, and its label point stands for it.
    """

    grid: str
    city: str
    path: str
    district: str
    lon: float | None
    lat: float | None
    method: str = "within"
    at_label: bool = False


def check_place(said: Mapping[str, Any], needed: bool) -> list[Refusal]:
    """Refuse anything but either ``lon`` and ``lat``, or ``area``; nothing at all where no place is needed."""
    given = [name for name in PLACE_FIELDS if said.get(name) is not None]
    if given in (["lon", "lat"], ["area"]) or (not given and not needed):
        return []
    if given in (["lon"], ["lat"]):
        return [Refusal("lat" if given == ["lon"] else "lon", "place_or_area")]
    return [Refusal("area" if "area" in given else "lon", "place_or_area")]


def judge_point(row: Sequence[Any], lon: float, lat: float) -> Cell:
    """The cell of a point.

    Args:
        row: of ``data.queries.case_cells.CELL_AT``.
        lon: of the point, degrees.
        lat: likewise.

    Raises:
        StepRefused: it lies in a cell that is out of reach, or too far from every cell; then the distance is told.
    """
    code, city, path, district, reached, metres = row
    if code is None or not reached:
        raise refuse_outside()
    allowed = settings().report_tolerance_m
    if metres > allowed:
        told = {"metres": f"{metres:,.0f}", "allowed": allowed}
        raise StepRefused([Refusal("lon", "too_far", told), Refusal("lat", "too_far", told)])
    return Cell(code, city, path, district, lon, lat, "nearest" if metres else "within")


def judge_code(row: Sequence[Any]) -> Cell:
    """The place that the code of a leaf area stands for.

    Args:
        row: of ``data.queries.case_cells.CELL_BY_CODE``.

    Raises:
        StepRefused: there is no such area within reach, or it is no leaf.
    """
    code, city, path, district, origin, is_cell, reached, lon, lat = row
    if code is None or not reached:
        raise StepRefused([Refusal("area", "unknown_area")])
    if not is_cell:
        raise StepRefused([Refusal("area", "not_a_cell")])
    if origin == "unplaced":
        return Cell(code, city, path, district, None, None, "unplaced")
    return Cell(code, city, path, district, lon, lat, at_label=True)


def refuse_outside() -> StepRefused:
    """A point lies in no cell within reach."""
    return StepRefused([Refusal("lon", "outside"), Refusal("lat", "outside")])
