"""Remark templates: texts that a city's people use again and again, for one kind of step or for any."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Integer, RowMapping, Select, Text, func, literal, select
from sqlalchemy.exc import DBAPIError

from data.cases.fields import LONGEST_TEXT
from data.cases.stages import STEP_TITLES, STEPS
from data.core.errors import BadInput, GridwellError, NotOpen, UnknownName, UnknownObject
from data.core.text import could_be_code, defuse, storable
from data.core.viewer import Viewer
from data.database.connections import Connection
from data.database.transactions import fetch, write_transaction
from data.schema import remark_template

STEPS_WITH_TEXT = tuple(name for name in STEP_TITLES if name in STEPS and name != "undo")
PLACES = ("number", "title", "due", "unit", "address", "today")
"""What a text may name in braces; pages fill it in from the case."""
_FORBIDDEN, _TOO_MANY, _NO_CITY = ("GW003", "42501"), "GW008", "23503"


class TooManyTemplates(GridwellError):
    status, code = 409, "too_many_templates"
    sentence = "The city has 200 templates already: retire one first."


async def fetch_templates(city: str, viewer: Viewer) -> list[RowMapping]:
    """Templates of a city that are offered: ``id``, ``step``, ``text``, ``text_en``; those of steps in the order of the steps' names."""
    table = remark_template.c
    wanted = select(table.id, table.step, table.text, table.text_en).where(table.city == city, table.retired_at.is_(None))
    return list(await fetch(wanted.order_by(table.step.nulls_first(), table.id), viewer))


async def add_template(city: str, step: str | None, text: str, viewer: Viewer, text_en: str = "") -> int:
    """Offer one more text; returns its id. It is written to the audit log.

    Args:
        city: code of the city.
        step: name of a step; ``None``: it is offered for every one.
        text: with places in braces, see ``PLACES``.
        viewer: who adds it: somebody who dispatches cases there.
        text_en: the same for who reads English; empty: there is no other.

    Raises:
        UnknownName: there is no such step.
        BadInput: the text is empty, too long, or has characters that nobody sees.
        NotOpen: the viewer may not.
        UnknownObject: there is no such city.
        TooManyTemplates: the city has 200.
    """
    if step is not None and step not in STEPS_WITH_TEXT:
        raise UnknownName.among("step", step, STEPS_WITH_TEXT)
    told, english = _clean("text", text), _clean("text_en", text_en, needed=False)
    added = func.add_remark_template(literal(city, Text), literal(step, Text), literal(told, Text), literal(english, Text))
    return await _write(select(added), city, viewer)


def _clean(field: str, text: str, needed: bool = True) -> str:
    told = text.strip()
    if not needed <= len(told) <= LONGEST_TEXT or not storable(told) or defuse(told) != told:
        raise BadInput(field=field, value=told[:40], reason="write 1 to 2,000 characters")
    return told


async def retire_template(city: str, number: int, viewer: Viewer) -> None:
    """Offer a text no longer; what was written with it stays. It is written to the audit log.

    Raises:
        UnknownObject: the city offers no such template.
        NotOpen: the viewer may not.
    """
    if not await _write(select(func.retire_remark_template(literal(city, Text), literal(number, Integer))), city, viewer):
        raise UnknownObject(kind="template", key=str(number))


async def _write(statement: Select[Any], city: str, viewer: Viewer) -> int:
    if not viewer.may("dispatch_cases") or not could_be_code(city):
        raise NotOpen()
    try:
        async with write_transaction(viewer) as connection:
            found = (await connection.execute(statement)).scalar_one()
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _FORBIDDEN:
            raise NotOpen() from None
        if state == _TOO_MANY:
            raise TooManyTemplates() from None
        if state == _NO_CITY:
            raise UnknownObject(kind="city", key=city) from None
        raise
    return int(found)


def write_templates(connection: Connection, city: str, templates: Iterable[tuple[str | None, str, str]]) -> None:
    """Give a city the templates that it comes with: step, text, and text in English of each. As the owner."""
    rows = [(city, *one) for one in templates]
    connection.cursor().executemany("INSERT INTO remark_template (city, step, text, text_en) VALUES (%s, %s, %s, %s)", rows)
