"""Recipients as viewers: what an account may see of an area right now. Asked before a report is made, and before each try to send it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from data.core.roles import DEVICES, allowed_detail
from data.core.viewer import Viewer
from data.database.connections import Connection
from data.database.transactions import SETTINGS, transaction_settings

_ACCOUNT = """
SELECT a.id, a.name, a.shown, a.role, a.detail, a.scope, coalesce(a.lang, 'zh') AS lang, s.scope AS scope_path, s.zone,
    CASE WHEN a.figures IS NULL THEN s.figures ELSE (SELECT f.figures FROM scope_of(a.figures) f) END AS figures_path
FROM account a LEFT JOIN scope_of(a.scope) s ON true WHERE a.name = %s AND a.disabled_at IS NULL AND a.role <> ALL (%s)
"""
# As ``figures_seen`` and ``cases_seen`` of data.queries.scope; a test holds that both say the same.
_CELLS = "a.code IN (SELECT m.grid FROM zone_member m WHERE m.zone = viewer_zone())"
_ACCESS = f"""
SELECT a.city, a.level, a.path::text AS path, coalesce(viewer_compares_all() OR a.path <@ viewer_figures() OR {_CELLS}, false) AS figures,
    coalesce(viewer_everywhere() OR CASE WHEN viewer_zone() IS NULL THEN a.path <@ viewer_scope()
        ELSE a.code = viewer_zone() OR {_CELLS} END, false) AS cases,
    coalesce((SELECT lca(array_agg(g.path)) FROM zone_member m JOIN area g ON g.code = m.grid WHERE m.zone = a.code), a.path)::text AS cells
FROM area a WHERE a.code = %s
"""  # noqa: S608 - no value in it


@dataclass(frozen=True, slots=True)
class Access:
    """What an account sees of an area.

    Attributes:
        city: code.
        path: of the area.
        cells: path of the smallest area that holds its cells, for a functional zone; otherwise the path.
        zone: code of the zone that it is; empty: none.
        cases: whether single cases are seen.
    """

    city: str
    path: str
    cells: str
    zone: str
    cases: bool


def find_viewer(connection: Connection, account: str) -> Viewer | None:
    """An account as a viewer; ``None`` where there is none, it is closed, or it is of a device."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row: dict[str, Any] | None = cursor.execute(_ACCOUNT, [account, list(DEVICES)]).fetchone()
    if row is None:
        return None
    return Viewer(
        name=row["name"],
        shown=row["shown"],
        lang="en" if row["lang"] == "en" else "zh",
        account=row["id"],
        role=row["role"],
        detail=allowed_detail(row["role"], row["detail"]),
        scope=row["scope_path"] or "",
        figures=row["figures_path"] or "",
        zone=row["zone"] or "",
        scope_code=row["scope"],
    )


def find_access(connection: Connection, viewer: Viewer, area: str) -> Access | None:
    """What a viewer sees of an area; ``None``: not even its figures.

    Args:
        connection: the owner's, in a transaction: the viewer's settings last until its end.
        viewer: the recipient.
        area: code.
    """
    told = dict(zip(SETTINGS, transaction_settings(viewer), strict=True))
    for name in ("gridwell.scope", "gridwell.figures", "gridwell.zone"):
        connection.execute("SELECT set_config(%s, %s, true)", [name, told[name]])
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_ACCESS, [area]).fetchone()
    if row is None or not row["figures"] or viewer.detail is None:
        return None
    zone = area if row["level"] == "zone" else ""
    return Access(row["city"], row["path"], row["cells"], zone, row["cases"] and viewer.detail in ("cases", "people"))


def find_heads(connection: Connection, areas: Sequence[str]) -> dict[str, list[str]]:
    """The accounts that lead areas: of leaders of exactly that area, or else of its supervisors. An area without any is missing."""
    found: dict[str, list[str]] = {}
    for area, account in connection.execute("SELECT area, account FROM report_heads(%s)", [list(areas)]).fetchall():
        found.setdefault(area, []).append(account)
    return found


def may_receive(connection: Connection, account: str, area: str, detail: str) -> Viewer | None:
    """Whether an account may get a report of this detail about an area right now; the viewer that it is, or ``None``. In a transaction."""
    viewer = find_viewer(connection, account)
    access = find_access(connection, viewer, area) if viewer else None
    return viewer if access is not None and (detail == "figures" or access.cases) else None


def is_empty(connection: Connection, area: str, first: datetime, end: datetime) -> bool:
    """Whether there is nothing to report: in these days no case was reported or closed in an area, and none is overdue now."""
    row = connection.execute(_ANYTHING, {"area": area, "first": first, "end": end}).fetchone()
    return row == (False,)


_WITHIN = """CASE WHEN a.level = 'zone' THEN i.grid IN (SELECT m.grid FROM zone_member m WHERE m.zone = a.code) ELSE i.path <@ a.path END"""
_ANYTHING = f"""
SELECT EXISTS (
    SELECT FROM area a JOIN incident i ON i.city = a.city AND {_WITHIN}
    WHERE a.code = %(area)s AND (i.reported_at >= %(first)s AND i.reported_at < %(end)s
        OR i.closed_at >= %(first)s AND i.closed_at < %(end)s OR i.deadline_state = 'overdue'))
"""  # noqa: S608 - no value in it
