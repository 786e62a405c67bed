"""What a list shows of a page of cases beside their own rows: who works on them, by the names on the page, and their photos and papers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from data.accounts.shown_names import fetch_shown_names
from data.database.transactions import Ask
from data.queries import case_list


async def fetch_extras(ask: Ask, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
    """The fields that ``ListedCase`` adds to ``CaseRow``, for each row of a page.

    Args:
        ask: in the snapshot of the page.
        rows: with ``district``, ``id`` and ``assignee``.
    """
    names = await fetch_shown_names(ask, (row["assignee"] for row in rows))
    files = await _fetch_files(ask, rows)
    return [
        {
            "assignee_shown": names.get(row["assignee"], row["assignee"]),
            "files": files[row["id"]]["n"] if row["id"] in files else 0,
            "file": files[row["id"]]["first"] if row["id"] in files else None,
        }
        for row in rows
    ]


async def _fetch_files(ask: Ask, rows: Sequence[RowMapping]) -> Mapping[int, RowMapping]:
    if not rows:
        return {}
    values = {"districts": [row["district"] for row in rows], "ids": [row["id"] for row in rows]}
    return {row["incident_id"]: row for row in await ask(case_list.files_of(), values)}
