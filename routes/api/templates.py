"""The machine door: remark templates of a city."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from data.cases.templates.store import add_template, fetch_templates, retire_template
from data.core.errors import BadInput
from data.core.text import could_be_code
from data.figures.types import VERSION
from routes.api.api import Asking, Lang
from routes.api.case_bodies import describe_body, read_body
from routes.errors import DOCUMENTED
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["cases"])

_FORM = "it does not have the right form"


class Template(TypedDict):
    """A text that is offered for a step, or for any where step is null. Places in braces are filled in by whoever uses it."""

    id: int
    step: str | None
    text: str
    text_en: Annotated[str | None, Field(description="the same in English; null: there is no other text")]


class Templates(TypedDict):
    """Templates of a city."""

    version: str
    templates: list[Template]


class TemplateWritten(TypedDict):
    """The template that was added or retired."""

    version: str
    id: int


class NewTemplate(BaseModel):
    """One more text."""

    model_config = ConfigDict(extra="forbid")
    city: str = Field(description="Code of the city", examples=["990100"])
    step: str | None = Field(default=None, description="Name of the step that it is for; otherwise for any", examples=["handle"])
    text: str = Field(
        description="May name number, title, due, unit, address or today in braces", examples=["{number}：已处理，现场已清理。"]
    )
    text_en: str | None = Field(
        default=None, description="The same for who reads English", examples=["{number}: done, the place is clean again."]
    )


class OldTemplate(BaseModel):
    """A text that is not offered any more."""

    model_config = ConfigDict(extra="forbid")
    city: str = Field(description="Code of the city", examples=["990100"])
    id: int


@router.get("/remark-templates", summary="Remark templates of a city")
async def get_templates(
    who: Asking, response: Response, city: Annotated[str, Query(description="Code of the city")], lang: Lang = None
) -> Templates:
    """Those that are offered: first the ones for any step, then by step."""
    if not could_be_code(city):
        raise BadInput(field="city", value=city, reason=_FORM)
    response.headers["Cache-Control"] = "private, no-cache"
    rows = await fetch_templates(city, who)
    templates: list[Template] = [{"id": row["id"], "step": row["step"], "text": row["text"], "text_en": row["text_en"]} for row in rows]
    return {"version": VERSION, "templates": templates}


@router.post("/remark-templates", summary="Add a remark template", status_code=201, openapi_extra=describe_body(NewTemplate))
async def post_template(request: Request, who: Asking, lang: Lang = None) -> TemplateWritten:
    """By whoever dispatches cases in the city. It is written to the audit log."""
    body = await read_body(request)
    step = body.get("step")
    if step is not None and not isinstance(step, str):
        raise BadInput(field="step", value=str(step)[:40], reason=_FORM)
    english = "" if body.get("text_en") is None else _text(body, "text_en")
    return {"version": VERSION, "id": await add_template(_text(body, "city"), step, _text(body, "text"), who, english)}


@router.post("/remark-templates/retire", summary="Retire a remark template", openapi_extra=describe_body(OldTemplate))
async def post_retired(request: Request, who: Asking, lang: Lang = None) -> TemplateWritten:
    """It is not offered any more; what was written with it stays."""
    body = await read_body(request)
    number = body.get("id")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
        raise BadInput(field="id", value=str(number)[:40], reason=_FORM)
    await retire_template(_text(body, "city"), number, who)
    return {"version": VERSION, "id": number}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise BadInput(field=name, value="" if value is None else str(value)[:40], reason="it is needed")
    return value
