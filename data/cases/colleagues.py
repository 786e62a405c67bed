"""Who works in a unit today, by the names on the page."""

from typing_extensions import TypedDict

from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.figures.scope import FiguresOnly, may_see_cases
from data.queries.desk.saved import MEMBERS


class Colleague(TypedDict):
    """A member of a unit: name of the account, the name on the page, and the post (head or worker)."""

    account: str
    shown: str
    post: str


async def list_colleagues(city: str, unit: str, viewer: Viewer) -> list[Colleague]:
    """The members of a unit whose accounts are open, heads first; none where there is no such unit.

    Raises:
        FiguresOnly: the viewer may see no single case.
    """
    if not may_see_cases(viewer):
        raise FiguresOnly(who=viewer.shown)
    if not (could_be_code(city) and could_be_code(unit)):
        return []
    rows = await fetch(MEMBERS, viewer, {"city": city, "unit": unit})
    found: list[Colleague] = [{"account": row["account"], "shown": row["shown"], "post": row["post"]} for row in rows]
    return sorted(found, key=lambda one: (one["post"], one["shown"], one["account"]))
