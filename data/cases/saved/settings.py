"""How a person's desk looks: which columns the table has, how wide, in which order."""

import json
from typing import Any

from typing_extensions import TypedDict

from data.core.errors import BadInput
from data.core.viewer import Viewer
from data.database.transactions import fetch, write_transaction
from data.figures.scope import FiguresOnly, may_see_cases
from data.queries.desk import saved as queries

MOST_COLUMNS = 40
LEAST_PX, MOST_PX = 40, 1_200
_COLUMNS = "columns"


class ColumnChoice(TypedDict):
    """A column of the table: its name, and its width in pixels; ``None``: as wide as it usually is."""

    id: str
    width: int | None


async def fetch_columns(viewer: Viewer) -> list[ColumnChoice] | None:
    """The columns that a viewer has chosen, in their order; ``None`` where none were chosen yet."""
    if not may_see_cases(viewer):
        return None
    rows = await fetch(queries.setting(), viewer, {"account": viewer.name, "name": _COLUMNS})
    return list(rows[0]["value"]) if rows else None


async def keep_columns(given: Any, viewer: Viewer) -> None:
    """Keep the columns that a viewer has chosen, in this order.

    Raises:
        FiguresOnly: the viewer may see no single case.
        BadInput: it is no list of columns.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    if not isinstance(given, list) or not 0 < len(given) <= MOST_COLUMNS:
        raise BadInput(field="columns", value="", reason="it does not have the right form")
    columns = [_read_column(one) for one in given]
    if len({one["id"] for one in columns}) != len(columns):
        raise BadInput(field="columns", value="", reason="each column can stand there once")
    async with write_transaction(viewer) as connection:
        await connection.execute(queries.KEEP_SETTING, {"name": _COLUMNS, "value": json.dumps(columns)})


def _read_column(one: Any) -> ColumnChoice:
    name, width = (one.get("id"), one.get("width")) if isinstance(one, dict) else (None, None)
    named = isinstance(name, str) and name.isascii() and name.isidentifier() and len(name) <= 40
    wide = width is None or (isinstance(width, int) and not isinstance(width, bool) and LEAST_PX <= width <= MOST_PX)
    if not named or not wide:
        raise BadInput(field="columns", value=str(name)[:100], reason="it does not have the right form")
    return {"id": str(name), "width": width}
