"""The machine interface: the list of cases as a file, page after page, as far as an account may export it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from data.cases.listing import lists
from data.cases.listing.question import CaseQuestion
from data.cases.listing.types import CaseList, CaseRow
from data.core.errors import Busy, GridwellError, NotOpen, UnknownName
from data.core.export_files import Fact, Form, TableWriter, make_writer
from data.core.i18n import t
from data.core.viewer import Viewer
from data.database.transactions import fetch
from data.queries.case_filters import CaseFilters
from data.queries.units import units_of
from routes.api.api import NO_AREA, Asking, Lang
from routes.api.case_list import AreaCode, Sort, asked_filters, parse_order
from routes.api.examples import FILE_CONTENT
from routes.errors import DOCUMENTED
from routes.exports.answers import FORMATS, common_facts, fetch_area_zone, file_answer, note_export
from routes.exports.case_table import case_columns, case_definitions, case_row, tell_filters
from routes.exports.filter_words import fetch_names, word_filters, word_order

router = APIRouter(prefix="/api", responses=DOCUMENTED, tags=["cases"])

MOST_CASES: dict[Form, int] = {"csv": 100_000, "xlsx": 50_000}
"""Cases of one file. A workbook costs twelve times as much time as a CSV file."""
_PAGE = 2_000
_MOST_AT_ONCE = 2
"""Files that one process makes at the same time."""
_making = 0


class TooManyToExport(GridwellError):
    status, code = 422, "too_many_to_export"
    sentence = (
        "These are more than {most} cases, the most that one file ({form}) holds. Choose a smaller area, a shorter period or more filters."
    )


_FILES: dict[int | str, dict[str, Any]] = {200: {"content": FILE_CONTENT, "description": "The file"}}


@router.get("/cases/export", summary="The list of cases as a file", response_class=Response, responses={**NO_AREA, **_FILES})
async def export_cases(
    who: Asking,
    request: Request,
    filters: Annotated[CaseFilters, Depends(asked_filters)],
    area: AreaCode = None,
    mine: Annotated[bool, Query(description="Only cases that this account works on, in any area")] = False,
    own_units: Annotated[bool, Query(description="Only cases of units of which this account is a member, in any area")] = False,
    sort: Sort = "-reported_at",
    form: Annotated[str, Query(alias="format", description="xlsx (up to 50,000 cases) or csv (up to 100,000)")] = "xlsx",
    lang: Lang = None,
) -> Response:
    """What GET /api/cases lists with these filters; needs the ability to export cases. A list longer than one file holds is refused."""
    if not who.may("export_cases"):
        raise NotOpen
    question = CaseQuestion(area, filters, parse_order(sort), None, _PAGE, True, mine, own_units)
    async with _making_one():
        return await _make_file(question, _read_form(form), who)


def _read_form(given: str) -> Form:
    for form in MOST_CASES:
        if given == form:
            return form
    raise UnknownName.among("format", given, FORMATS[1:])


@asynccontextmanager
async def _making_one() -> AsyncIterator[None]:
    """One of the few files that are made at a time.

    Raises:
        Busy: there are enough of them already.
    """
    global _making
    if _making >= _MOST_AT_ONCE:
        raise Busy
    _making += 1
    try:
        yield
    finally:
        _making -= 1


async def _make_file(question: CaseQuestion, form: Form, who: Viewer) -> Response:
    """The file, once its last page is read and the audit log says what leaves."""
    most, page = MOST_CASES[form], await lists.fetch_list(question, who)
    first = page
    _check_size(page, 0, form)
    clock, units = await fetch_area_zone(page["area"]["code"], who), await _fetch_units(who)
    writer = make_writer(form, clock)
    writer.begin(t(who.lang, "Cases (desk)"), case_columns(who.lang))
    rows = 0
    while True:
        rows += len(page["cases"])
        await asyncio.to_thread(_add, writer, page["cases"], units, who.lang, clock)
        if page["next"] is None:
            break
        if rows >= most:
            raise TooManyToExport(most=f"{most:,}", form=form)
        page = await lists.fetch_list(replace(question, cursor=page["next"], counted=False), who)
        _check_size(page, rows, form)
    await note_export("cases", form, rows, who, _tell_question(question))
    asked = [word_filters(question.filters, await fetch_names(who), who.lang), word_order(question.order, who.lang)]
    body = await asyncio.to_thread(writer.finish, t(who.lang, "About this file"), _tell_facts(question, asked, first, rows, who, clock))
    return file_answer(form, "cases", body, clock)


def _check_size(page: CaseList, rows: int, form: Form) -> None:
    """Refuse a list that is too long, at once where its length is known.

    Raises:
        TooManyToExport: it is longer than a file may be.
    """
    counts = page["counts"]
    known = 0 if counts is None else counts["total"]["n"]
    if max(known, rows + len(page["cases"])) > MOST_CASES[form]:
        raise TooManyToExport(most=f"{MOST_CASES[form]:,}", form=form)


def _add(writer: TableWriter, cases: Sequence[CaseRow], units: Mapping[tuple[str, str], str], lang: str, clock: tzinfo) -> None:
    writer.add(case_row(one, units, lang, clock) for one in cases)


async def _fetch_units(who: Viewer) -> dict[tuple[str, str], str]:
    """Names of units by city and code."""
    rows = await fetch(units_of(None), who)
    return {(row["city"], row["code"]): str((row["name_en"] if who.lang == "en" else None) or row["name"]) for row in rows}


def _tell_question(question: CaseQuestion) -> dict[str, object]:
    """What the audit log says about the question: of sought words only how many, because they may name people."""
    told: dict[str, object] = {"area": question.area, "sort": _tell_order(question), **tell_filters(question.filters)}
    if question.filters.words:
        told["words"] = len(question.filters.words)
    return told | {name: True for name in ("mine", "own_units") if getattr(question, name)}


def _tell_order(question: CaseQuestion) -> str:
    return f"{'-' if question.order.descending else ''}{question.order.column}"


def _tell_facts(question: CaseQuestion, asked: Sequence[Fact], page: CaseList, rows: int, who: Viewer, clock: tzinfo) -> list[Fact]:
    lang, area = who.lang, page["area"]
    name = (area["name_en"] if lang == "en" else None) or area["name"]
    queue = "Assigned to me" if question.mine else "My unit" if question.own_units else None
    return [
        (t(lang, "Area"), f"{name} ({area['code']})"),
        *([(t(lang, "Queue"), t(lang, queue))] if queue else []),
        *asked,
        (t(lang, "Cases"), rows),
        *common_facts(who, page["as_of"], clock),
        (t(lang, "Rights"), t(lang, "Only cases that this account may see; reporters and people of the register are never in this file.")),
        *case_definitions(lang),
    ]
