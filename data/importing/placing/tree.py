"""The tree of areas while it grows: codes, parents, polygons."""

from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

import shapely

from data.schema import LEVELS, area_label

Shape: TypeAlias = shapely.Geometry


@dataclass(slots=True)
class Area:
    """One area; the fields are those of ``schema.area``."""

    code: str
    level: str
    name: str
    name_en: str
    source: str
    file: str = ""
    line: int = 0
    parent: str | None = None
    geom: Shape = None
    point: Shape = None
    origin: str = "published"
    head_name: str | None = None
    head_title: str | None = None
    head_phone: str | None = None
    responsible_body: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: dict[str, str] = field(default_factory=dict)

    def label_point(self) -> Shape:
        """Where the label stands: the published point if it lies inside, else an inner point of the polygon."""
        if self.geom is None:
            return self.point
        if self.point is not None and shapely.intersects(self.geom, self.point):
            return self.point
        return shapely.point_on_surface(self.geom)


@dataclass
class Tree:
    """All areas of one city, by code."""

    root: str
    areas: dict[str, Area] = field(default_factory=dict)

    def add(self, area: Area) -> None:
        """Add an area whose code is not taken yet."""
        self.areas[area.code] = area

    def level(self, level: str) -> list[Area]:
        """Areas of one level, in the order they came."""
        return [a for a in self.areas.values() if a.level == level]

    def above(self, level: str) -> list[Area]:
        """Areas of the nearest level above that has any."""
        if level == "zone":
            return [self.areas[self.root]]
        for upper in reversed(LEVELS[: LEVELS.index(level)]):
            found = self.level(upper)
            if found:
                return found
        return [self.areas[self.root]]

    def children(self) -> dict[str, list[Area]]:
        """Children of every area that has some, zones left out."""
        found: dict[str, list[Area]] = {}
        for area in self.areas.values():
            if area.parent is not None and area.level != "zone":
                found.setdefault(area.parent, []).append(area)
        return found

    def chain(self, code: str) -> list[Area]:
        """The area and what it stands under, root first."""
        found: list[Area] = []
        step: str | None = code
        while step is not None:
            found.append(self.areas[step])
            step = self.areas[step].parent
        return found[::-1]

    def path(self, code: str) -> str:
        """Labels from the root, for ``ltree``."""
        return ".".join(area_label(a.code) for a in self.chain(code))

    def district(self, code: str) -> str | None:
        """Code of the district at or above an area."""
        return next((a.code for a in self.chain(code) if a.level == "district"), None)

    def sorted(self) -> list[Area]:
        """Every area, parents before children, by code within a level."""
        order = [*LEVELS, "zone"]
        return sorted(self.areas.values(), key=lambda a: (order.index(a.level), a.code))

    def without_polygons_below(self) -> list[Area]:
        """Areas with a polygon that have none below them: where objects stand, or cells are made."""
        covered: set[str] = set()
        for area in self.areas.values():
            if area.geom is not None and area.level != "zone":
                covered.update(a.code for a in self.chain(area.code)[:-1])
        return [a for a in self.areas.values() if a.geom is not None and a.code not in covered and a.level != "zone"]
