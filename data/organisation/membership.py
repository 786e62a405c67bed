"""In which units an account works."""

from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.queries.units import units_of_member


async def fetch_own_units(viewer: Viewer) -> list[str]:
    """Codes of the units in which a viewer works today; none for viewers who may not see who works where."""
    if viewer.detail not in ("cases", "people"):
        return []
    return [row["unit"] for row in await fetch(units_of_member(), viewer, {"account": viewer.name})]
