"""For whom a report is made: areas whose figures it shows, and areas whose single cases it shows, if any. Never people of the register.

A report is made as its audience, a viewer who may see just that: so PostgreSQL keeps out of it whatever somebody of the audience may not
see. It opens for whoever may see all of it (``viewer_gets`` of migration 0047).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from data.core.roles import EVERYWHERE
from data.core.viewer import Lang, Viewer
from data.database.transactions import open_snapshot
from data.figures.scope import OutOfScope, explain_missing_area
from data.reports import statements as queries

ReportDetail = Literal["figures", "cases"]
DETAILS: tuple[ReportDetail, ...] = ("figures", "cases")


@dataclass(frozen=True, slots=True)
class Audience:
    """Whoever may see at least this.

    Attributes:
        city: code of the city.
        area: code of the area or functional zone that the report is about.
        detail: whether it shows single cases.
        scope: path of the area whose cases it may show; of a zone: of the smallest area that holds its cells.
        figures: path of the area whose figures it may show: the smallest that holds the report's areas; empty: these are of several cities.
        zone: code of the functional zone that the area is; empty: it is none.
    """

    city: str
    area: str
    detail: ReportDetail
    scope: str
    figures: str
    zone: str = ""

    def as_viewer(self, lang: Lang, shown: str = "") -> Viewer:
        """The viewer as whom the report is made: no account, no role, no units. ``shown`` is named in sentences of refusal."""
        return Viewer(
            shown=shown,
            lang=lang,
            detail=self.detail,
            scope=self.scope,
            figures=self.figures or EVERYWHERE,
            zone=self.zone,
            scope_code=self.area,
        )


async def choose_audience(viewer: Viewer, area: str, beside: Sequence[str] = (), detail: ReportDetail | None = None) -> Audience:
    """The audience of a report that somebody asks for: no more than whoever asks may see.

    Args:
        viewer: who asks.
        area: code of the area or functional zone.
        beside: codes of areas with which it is compared; only their figures are shown.
        detail: ``None``: with single cases where the viewer may see those of the area.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        OutOfScope: single cases are wanted, and the viewer may not see those of the area; or the viewer sees the areas that are
            compared, but not the smallest one that holds them, as with cells of a zone.
    """
    codes = [area, *beside]
    async with open_snapshot(viewer) as ask:
        found = {row["code"]: row for row in await ask(queries.AREAS, {"codes": codes})}
        for code in codes:
            if code not in found or not found[code]["figures_seen"]:
                raise await explain_missing_area(ask, code, viewer)
        own = found[area]
        may = own["cases_seen"] and viewer.detail in ("cases", "people")
        if detail == "cases" and not may:
            raise OutOfScope(who=viewer.shown, scope=viewer.scope_code, asked=area[:60])
    zone = area if own["level"] == "zone" else ""
    paths = [found[code]["path"] for code in codes]
    figures = paths[0] if len(paths) == 1 else common_path(paths)
    if beside and viewer.figures != EVERYWHERE and not f"{figures}.".startswith(f"{viewer.figures}."):
        raise OutOfScope(who=viewer.shown, scope=viewer.scope_code, asked=beside[0][:60])
    return Audience(
        city=own["city"],
        area=area,
        detail="cases" if may and detail != "figures" else "figures",
        scope=own["cells"] if zone else own["path"],
        figures=figures,
        zone=zone,
    )


def common_path(paths: Sequence[str]) -> str:
    """The path of the smallest area that holds all of these; an area holds itself. Empty: they are of different cities."""
    split = [path.split(".") for path in paths]
    shared = []
    for labels in zip(*split, strict=False):
        if len(set(labels)) > 1:
            break
        shared.append(labels[0])
    return ".".join(shared)
