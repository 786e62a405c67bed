"""Which areas the map of a wall colours."""

from data.core.viewer import Viewer
from data.database.transactions import open_snapshot
from data.figures.levels import MOST_UNITS
from data.figures.questions import fetch_area
from data.figures.scope import choose_start
from data.queries import areas
from data.queries.wall import count_levels
from data.schema import LEVELS


async def choose_coloured(area: str | None, viewer: Viewer) -> tuple[str, str | None]:
    """The area's code, and the smallest level of which there are not more areas than a screen can show; ``None``: the area has no parts.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        NoData: the database holds no city.
    """
    async with open_snapshot(viewer) as ask:
        code = choose_start(await ask(areas.cities()), viewer) if area is None else area
        own = await fetch_area(ask, code, viewer)
        if own["level"] == "zone":
            return code, "grid"
        counted = {row["level"]: row["n"] for row in await ask(count_levels(own["level"]), {"code": own["code"], "path": own["path"]})}
    drawn = [level for level in LEVELS if 0 < counted.get(level, 0) <= MOST_UNITS and level != own["level"]]
    return code, drawn[-1] if drawn else None
