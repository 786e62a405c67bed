"""Reporting a case: checks what was said, finds the cell it stands in, and seals who reported it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from data.cases.fields import check_fields
from data.cases.reading import make_actor
from data.cases.refusals import Refusal, StepRefused
from data.cases.requests import Ask
from data.cases.stages import REPORT
from data.core.nearest import find_nearest_word
from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.privacy import keyed_hash, mask_phone, normalize_phone, seal
from data.queries import cases as queries
from data.schema import CHANNELS

_OWN_CHANNELS = {"grid_worker": "grid_worker", "dispatcher": "hotline", "supervisor": "superior"}
"""The channel of a report that names none, by the role of who reports it."""
_SAID = ("category", "title", "description", "address", "condition", "severity", "remark", "place", "attachments")


async def make_report(said: Mapping[str, Any], viewer: Viewer) -> Ask:
    """What to ask the keeper for, from what somebody reports.

    Raises:
        StepRefused: with a reason for each field that cannot be used.
    """
    if not viewer.may(REPORT.ability):
        raise StepRefused([Refusal("step", "ability")])
    found = check_fields(REPORT, said, datetime.now(UTC)) + _check_place(said)
    channel = said.get("channel") or _OWN_CHANNELS.get(make_actor(viewer).role, "other")
    if channel not in CHANNELS and not any(refusal.field == "channel" for refusal in found):
        found.append(Refusal("channel", "unknown_channel", {"nearest": find_nearest_word(str(channel), CHANNELS)}))
    if found:
        raise StepRefused(found)
    place = await _find_cell(said, viewer)
    body = {name: _trim(said[name]) for name in _SAID if said.get(name) is not None}
    body["channel"] = channel
    body.update((name, place[name]) for name in ("lon", "lat", "in_cell", "method") if name in place)
    if said.get("reporter"):
        body["reporter"] = _seal_reporter(said["reporter"])
    return Ask(place["city"], body, grid=place["code"])


def _trim(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _check_place(said: Mapping[str, Any]) -> list[Refusal]:
    given = [name for name in ("lon", "lat", "area") if said.get(name) is not None]
    if given in (["lon", "lat"], ["area"]):
        return []
    if given in (["lon"], ["lat"]):
        return [Refusal("lat" if given == ["lon"] else "lon", "place_or_area")]
    return [Refusal("area" if "area" in given else "lon", "place_or_area")]


async def _find_cell(said: Mapping[str, Any], viewer: Viewer) -> dict[str, Any]:
    """City and code of the cell, and the place in it; a cell that is named without a place stands for its label point."""
    if said.get("area") is not None:
        return await _find_by_code(said["area"], viewer)
    values: dict[str, Any] = {"lon": float(said["lon"]), "lat": float(said["lat"])}
    named = {} if said.get("city") is None else {"city": said["city"]}
    rows = await fetch(queries.cell_at(bool(named)), viewer, {**values, **named})
    if not rows:
        raise StepRefused([Refusal("lon", "outside"), Refusal("lat", "outside")])
    return {**dict(rows[0]), **values}


async def _find_by_code(code: str, viewer: Viewer) -> dict[str, Any]:
    rows = await fetch(queries.cell_by_code(), viewer, {"code": code})
    if not rows or not rows[0]["reached"]:
        raise StepRefused([Refusal("area", "unknown_area")])
    row = dict(rows[0])
    if not row["is_cell"]:
        raise StepRefused([Refusal("area", "not_a_cell")])
    if row["origin"] == "unplaced":
        return {"code": code, "city": row["city"], "method": "unplaced"}
    return {"code": code, "city": row["city"], "lon": row["lon"], "lat": row["lat"], "in_cell": True}


def _seal_reporter(reporter: Mapping[str, Any]) -> dict[str, Any]:
    """The name as it is, as in the register; the number sealed, hashed and masked."""
    phone = normalize_phone(reporter["phone"]) if reporter.get("phone") else None
    sealed: dict[str, str | None] = {"cipher": None, "hash": None, "shown": None}
    if phone:
        sealed = {"cipher": seal(phone, "reporter.phone").hex(), "hash": keyed_hash(phone, "phone").hex(), "shown": mask_phone(phone)}
    return {"name": (reporter.get("name") or "").strip(), **sealed}
