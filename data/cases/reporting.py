"""Reporting a case: checks what was said, finds the cell it stands in, and seals who reported it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from data.cases.fields import check_fields
from data.cases.reading import make_actor
from data.cases.refusals import Refusal, StepRefused
from data.cases.requests import Ask
from data.cases.stages import REPORT
from data.cases.where.cells import Cell, check_place, judge_code, judge_point
from data.core.nearest import find_nearest_word
from data.core.viewer import Viewer
from data.database.transactions import fetch_row
from data.geo.datum import TO_WGS84, Datum
from data.privacy import keyed_hash, mask_phone, normalize_phone, seal
from data.queries import case_cells as queries
from data.schema import CHANNELS

_OWN_CHANNELS = {"grid_worker": "grid_worker", "dispatcher": "hotline", "supervisor": "superior"}
"""The channel of a report that names none, by the role of who reports it."""
DATUMS: Mapping[str, Datum] = {"wgs84": "wgs84", "cgcs2000": "wgs84", "gcj02": "gcj02", "bd09": "bd09"}
"""What coordinates may be given in, and how they are read: CGCS2000 differs from WGS 84 by less than a device on a street can measure."""
_SAID = ("category", "title", "description", "address", "condition", "severity", "remark", "place", "attachments")


async def make_report(said: Mapping[str, Any], viewer: Viewer) -> Ask:
    """What to ask the keeper for, from what somebody reports.

    Raises:
        StepRefused: with a reason for each field that cannot be used.
    """
    channel, found = check_report(said, viewer)
    if found:
        raise StepRefused(found)
    cell = await find_cell(said, viewer)
    body = {**tell_case(said, channel), **_tell_place(cell)}
    if said.get("reporter"):
        body["reporter"] = _seal_reporter(said["reporter"])
    return Ask(cell.city, body, grid=cell.grid)


def check_report(said: Mapping[str, Any], viewer: Viewer) -> tuple[str, list[Refusal]]:
    """The channel of a report, and every reason that lies in its fields.

    Raises:
        StepRefused: the viewer may report no cases at all.
    """
    if not viewer.may(REPORT.ability):
        raise StepRefused([Refusal("step", "ability")])
    found = check_fields(REPORT, said, datetime.now(UTC)) + check_place(said, needed=True)
    channel = said.get("channel") or _OWN_CHANNELS.get(make_actor(viewer).role, "other")
    if channel not in CHANNELS and not any(refusal.field == "channel" for refusal in found):
        found.append(Refusal("channel", "unknown_channel", {"nearest": find_nearest_word(str(channel), CHANNELS)}))
    if said.get("datum") is not None and said["datum"] not in DATUMS and not any(refusal.field == "datum" for refusal in found):
        found.append(Refusal("datum", "unknown_datum", {"known": ", ".join(DATUMS)}))
    return str(channel), found


def tell_case(said: Mapping[str, Any], channel: str) -> dict[str, Any]:
    """What is said of a case itself: neither where it is, nor who reports it."""
    return {**{name: _trim(said[name]) for name in _SAID if said.get(name) is not None}, "channel": channel}


def _tell_place(cell: Cell) -> dict[str, Any]:
    told: dict[str, Any] = {name: value for name, value in (("lon", cell.lon), ("lat", cell.lat)) if value is not None}
    return told | ({"in_cell": True} if cell.at_label else {} if cell.method == "within" else {"method": cell.method})


def _trim(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


async def find_cell(said: Mapping[str, Any], viewer: Viewer) -> Cell:
    """The cell of a point, or of a code; a cell that is named without a place stands for its label point.

    Raises:
        StepRefused: there is none within reach.
    """
    if said.get("area") is not None:
        return judge_code(await fetch_row(queries.CELL_BY_CODE, {"code": said["area"]}, viewer))
    lon, lat = (float(number) for number in TO_WGS84[DATUMS[said.get("datum") or "wgs84"]](said["lon"], said["lat"]))
    return judge_point(await fetch_row(queries.CELL_AT, {"lon": lon, "lat": lat, "city": said.get("city")}, viewer), lon, lat)


def _seal_reporter(reporter: Mapping[str, Any]) -> dict[str, Any]:
    """The name as it is, as in the register; the number sealed, hashed and masked."""
    phone = normalize_phone(reporter["phone"]) if reporter.get("phone") else None
    sealed: dict[str, str | None] = {"cipher": None, "hash": None, "shown": None}
    if phone:
        sealed = {"cipher": seal(phone, "reporter.phone").hex(), "hash": keyed_hash(phone, "phone").hex(), "shown": mask_phone(phone)}
    return {"name": (reporter.get("name") or "").strip(), **sealed}
