"""The units that handle cases, for programs and forms that name them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field
from sqlalchemy import RowMapping
from typing_extensions import TypedDict

from data.cases.colleagues import Colleague, list_colleagues
from data.core.errors import BadInput
from data.core.pinyin import spell
from data.core.text import could_be_code
from data.database.transactions import fetch
from data.figures.types import VERSION
from data.queries.units import units_of
from routes.api.api import Asking, Lang
from routes.api.examples import MEMBERS, UNITS, answer_example
from routes.errors import DOCUMENTED
from routes.shared.parameters import refuse_unread

router = APIRouter(prefix="/api", responses=DOCUMENTED, dependencies=[Depends(refuse_unread)], tags=["cases"])


class UnitAnswer(TypedDict):
    """A unit; days are those of its city, both included."""

    city: str
    code: str
    name: str
    name_en: str
    department: str
    department_en: str
    valid_from: str | None
    valid_to: str | None
    pinyin: Annotated[list[str], Field(description="one syllable for each character of the name")]
    phone: Annotated[str | None, Field(description="of its office, masked")]
    head: Annotated[str | None, Field(description="name of who leads it, as it is published")]
    head_en: str | None


class Units(TypedDict):
    """Units of every city, or of one."""

    version: str
    units: list[UnitAnswer]


City = Annotated[str | None, Query(description="Code of a city", max_length=60)]
_OF_CITY = Query(description="Code of the unit's city", max_length=60)


@router.get("/units", summary="Units that handle cases", responses=answer_example(UNITS))
async def get_units(who: Asking, response: Response, city: City = None, lang: Lang = None) -> Units:
    """Their codes are what the field “unit” of a step takes. Those whose last day is over are listed, too: cases name them."""
    response.headers["Cache-Control"] = "private, no-cache"
    if city is not None and not could_be_code(city):
        raise BadInput(field="city", value=city, reason="it does not have the right form")
    rows = await fetch(units_of(city), who)
    return {"version": VERSION, "units": [_answer(row) for row in rows]}


class Members(TypedDict):
    """Who works in a unit today."""

    version: str
    members: list[Colleague]


Unit = Annotated[str, Path(description="Code of the unit", max_length=60)]


@router.get("/units/{unit}/members", summary="Who works in a unit today", responses=answer_example(MEMBERS))
async def get_members(unit: Unit, who: Asking, response: Response, city: str = _OF_CITY, lang: Lang = None) -> Members:
    """Accounts that the field “assignee” of a step takes, heads first; none where there is no such unit."""
    response.headers["Cache-Control"] = "private, no-cache"
    return {"version": VERSION, "members": await list_colleagues(city, unit, who)}


def _answer(row: RowMapping) -> UnitAnswer:
    return {
        "city": row["city"],
        "code": row["code"],
        "name": row["name"],
        "name_en": row["name_en"],
        "department": row["department"],
        "department_en": row["department_en"],
        "valid_from": row["valid_from"] and row["valid_from"].isoformat(),
        "valid_to": row["valid_to"] and row["valid_to"].isoformat(),
        "pinyin": spell(row["name"]),
        "phone": row["phone_shown"],
        "head": row["head"],
        "head_en": row["head_en"],
    }
