"""Bodies of requests on cases: their shapes for the OpenAPI document, and reading them as JSON.

Values are checked by ``data.cases.fields``, which tells every fault of every field; here a body must only be a JSON object.
"""

import json
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from data.cases.many.choosing import MOST_IN_BULK
from data.cases.stages import STEPS
from data.core.errors import BadInput


class ReporterBody(BaseModel):
    """Who reports a case: kept sealed, shown masked."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(default=None, examples=["王大明"])
    phone: str | None = Field(default=None, examples=["13800138000"])


class ReportBody(BaseModel):
    """A new case. Give either ``lon`` and ``lat``, or ``area``, the code of a grid cell."""

    model_config = ConfigDict(extra="forbid")
    category: str = Field(description="Code of a category of the city", examples=["appearance"])
    title: str = Field(examples=["路口积水"])
    lon: float | None = Field(default=None, description="Degrees", examples=[118.41])
    lat: float | None = Field(default=None, description="Degrees", examples=[30.92])
    datum: str | None = Field(default=None, description="Of lon and lat: wgs84, cgcs2000, gcj02 or bd09; otherwise wgs84")
    area: str | None = Field(default=None, description="Code of a grid cell, instead of lon and lat")
    city: str | None = Field(default=None, description="Code of the city, where cities overlap")
    channel: str | None = Field(default=None, description="Where the report comes from; otherwise what is usual for the account's role")
    severity: int | None = Field(default=None, description="1 critical, 2 urgent, 3 ordinary, 4 minor", examples=[3])
    condition: str | None = None
    description: str | None = None
    address: str | None = None
    remark: str | None = None
    place: list[float] | None = Field(default=None, description="Longitude and latitude of whoever reports")
    attachments: list[str] | None = Field(default=None, description="Content hashes")
    reporter: ReporterBody | None = None


class PartBody(BaseModel):
    """A new case that a case is split into, at the same place."""

    model_config = ConfigDict(extra="forbid")
    title: str
    category: str | None = None
    description: str | None = None


class _Fields(BaseModel):
    """Fields of steps; GET /api/cases/{number} says which step takes which."""

    model_config = ConfigDict(extra="forbid")
    step: str = Field(description="One of the steps that the case offers", examples=["dispatch"], json_schema_extra={"enum": [*STEPS]})
    remark: str | None = None
    place: list[float] | None = Field(default=None, description="Longitude and latitude of the actor")
    attachments: list[str] | None = None
    reason: str | None = None
    unit: str | None = Field(default=None, description="Code of the responsible unit", examples=["street-01"])
    assignee: str | None = Field(default=None, description="Name of the account that works on it")
    severity: int | None = None
    condition: str | None = None
    approver: str | None = Field(default=None, description="Who approved the pause")
    until: str | None = Field(default=None, description="End of the pause, with its time zone")
    answered: bool | None = None
    solved: bool | None = None
    satisfied: bool | None = None
    reopen: bool | None = None
    reply: str | None = None


class StepBody(_Fields):
    """A step on one case, and the version of the case that the actor has seen."""

    version: int | None = Field(default=None, description="Version that was seen; only remark may leave it out", examples=[3])
    into: str | None = Field(default=None, description="Number of the case to merge into")
    parts: list[PartBody] | None = None
    lon: float | None = Field(default=None, description="Of the place to move to, degrees, WGS 84; with lat", examples=[118.41])
    lat: float | None = Field(default=None, description="Of the place to move to, degrees, WGS 84; with lon", examples=[30.92])
    area: str | None = Field(default=None, description="Code of the cell to move to, instead of lon and lat")
    category: str | None = Field(default=None, description="Code of the category to move to")
    address: str | None = Field(default=None, description="Address of the place to move to")
    photo: str | None = Field(default=None, description="Hash of the photo for which the blurred one in attachments stands from now on")


class ChosenBody(BaseModel):
    """One of many cases."""

    model_config = ConfigDict(extra="forbid")
    number: str = Field(examples=["GW20261031-00001"])
    version: int | None = Field(default=None, description="Version that was seen; otherwise whichever it has")
    city: str | None = Field(default=None, description="Code of the city, where several have this number")
    unit: str | None = Field(default=None, description="Unit of this case alone, instead of the one for all")


class BulkBody(_Fields):
    """The same step on many cases."""

    by_rules: bool | None = Field(default=None, description="Of dispatch: each case goes to the unit that the routing rules of today name")

    cases: list[ChosenBody] = Field(min_length=1, max_length=MOST_IN_BULK)


def describe_body(model: type[BaseModel]) -> dict[str, Any]:
    """The part of the OpenAPI document that describes a body; shapes inside it are written out."""
    schema = model.model_json_schema()
    shapes = schema.pop("$defs", {})
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _expand(schema, shapes)}}}}


def _expand(part: Any, shapes: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        if "$ref" in part:
            return _expand(shapes[part["$ref"].rsplit("/", 1)[-1]], shapes)
        return {name: _expand(value, shapes) for name, value in part.items()}
    return [_expand(one, shapes) for one in part] if isinstance(part, list) else part


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        BadInput: the body is none.
    """
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadInput(field="body", value="", reason="it does not have the right form")
    return body
