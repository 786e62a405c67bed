"""Whom a manager of schedules can choose as a recipient, and who leads which area right now."""

from collections.abc import Sequence
from dataclasses import dataclass

from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.reports.sending import statements as queries
from data.reports.sending.model import HEAD, ScheduleDraft

MOST_AREAS = 2000
"""Of so many areas a page tells who leads them."""


@dataclass(frozen=True, slots=True)
class Led:
    """An area, and who leads it: accounts with their shown names. None: nobody does, so that its report would go to nobody."""

    area: str
    name: str
    name_en: str
    heads: tuple[tuple[str, str], ...]


async def list_led(viewer: Viewer, draft: ScheduleDraft) -> list[Led] | None:
    """Who leads the areas of a schedule; those that nobody leads first. ``None``: its reports go to no heads."""
    of_heads = [one for one in draft.recipients if one.account == HEAD]
    if not of_heads:
        return None
    only = None if any(one.area is None for one in of_heads) else [str(one.area) for one in of_heads]
    bound = {"area": draft.area, "level": draft.level, "only": only, "most": MOST_AREAS}
    rows = await fetch(queries.LED, viewer, bound)
    return [
        Led(row["code"], row["name"], row["name_en"] or row["name"], tuple(zip(row["accounts"], row["shown"], strict=True))) for row in rows
    ]


async def list_choices(viewer: Viewer) -> Sequence[tuple[str, str]]:
    """Accounts that a manager can name, with the names that are shown."""
    return [(row["account"], row["shown"]) for row in await fetch(queries.CHOICES, viewer)]
